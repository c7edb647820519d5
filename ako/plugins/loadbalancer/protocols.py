"""The protocols of Service ports, in the words of the Avi Controller."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Protocol(Struct, frozen=True):
    """How Avi matches, carries and probes one protocol."""

    match: str
    network_profile: str
    health_monitor: str


PROTOCOLS: Mapping[str, Protocol] = {
    "TCP": Protocol("PROTOCOL_TCP", "System-TCP-Fast-Path", "System-TCP"),
    "UDP": Protocol("PROTOCOL_UDP", "System-UDP-Fast-Path", "System-UDP"),
    "SCTP": Protocol("PROTOCOL_SCTP", "System-SCTP-Proxy", "System-SCTP"),
}
"""By the name in a Service; the first one that a Service uses gives the network profile of its virtual service.

SCTP needs a Controller that has its profile and monitor; an older one refuses the virtual service, with its reason.
"""
