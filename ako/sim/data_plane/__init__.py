"""What a Service Engine does with the objects that the simulator holds: it forwards requests.

The wire (`plane`, `listening`, `http_wire`, `stream_wire`, `datagram_wire`) asks the decisions (`deciding`, `policies`,
`scripts`, `balancing`, `network_security`), which read the objects. Meanings that nobody wrote down are in `dialect`.
"""

from ako.sim.data_plane.plane import DataPlane

__all__ = ["DataPlane"]
