"""Where virtual services listen: a socket for each address and port, bound as near to what it stands for as can be."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from ako.sim.data_plane.loopback import Loopback, is_address
from ako.sim.data_plane.objects import CHILD, Objects
from ako.sim.store import Json, Record

_WAITING = 1024
_MOST_PORTS = 64
"""Of a range of ports, so many are listened on."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address and port of a virtual service, with what is spoken there."""

    vip: str
    port: int
    protocol: str
    service: str
    is_http: bool
    is_tls: bool


def places(objects: Objects) -> Iterator[Place]:
    """Give all places where virtual services are to listen."""
    for service in objects.virtual_services():
        data = service.data
        if data.get("type") == CHILD or not data.get("enabled", True) or not data.get("traffic_enabled", True):
            continue
        for vip in filter(is_address, objects.addresses(service)):
            for entry in data.get("services", ()):
                first = entry["port"]
                last = max(first, min(entry.get("port_range_end", 0), first + _MOST_PORTS - 1))
                for port in range(first, last + 1):
                    yield _place(objects, service, vip, port, entry)


def _place(objects: Objects, service: Record, vip: str, port: int, entry: Json) -> Place:
    def profile(kind: str) -> Json:
        own = f"override_{kind}_ref"
        return objects.data(entry, own) if entry.get(own) else objects.data(service.data, f"{kind}_ref")

    application = profile("application_profile").get("type", "")
    network = profile("network_profile").get("profile", {}).get("type", "")
    return Place(
        vip=vip,
        port=port,
        protocol="UDP" if "UDP" in network else "TCP",
        service=service.uuid,
        is_http=application == "APPLICATION_PROFILE_TYPE_HTTP",
        is_tls=bool(entry.get("enable_ssl")),
    )


def bound(place: Place, loopback: Loopback) -> socket.socket:
    """Listen for a place: at its stand-in and its own port; else at any port there; else at any port of 127.0.0.1.

    Raises:
        OSError: if not even that can be had.
    """
    address = loopback.standing_for(place.vip)
    kind = socket.SOCK_DGRAM if place.protocol == "UDP" else socket.SOCK_STREAM
    for attempt in ((address, place.port), (address, 0)):
        with contextlib.suppress(OSError):
            return _listening(kind, attempt)
    return _listening(kind, ("127.0.0.1", 0))


def _listening(kind: socket.SocketKind, address: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    try:
        made.settimeout(0)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted ones have it from here: what follows a handshake would wait for its delayed acknowledgement.
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(_WAITING)
    except OSError:
        made.close()
        raise
    return made
