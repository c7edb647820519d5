"""Which values the fields of records can have beyond what their types say: as the schema of Avi has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.hooks.claims import Backend, ClaimedPort
from ako.core.hooks.records import is_address
from ako.core.model import (
    ClientMatch,
    HeaderMatch,
    HostMatch,
    IpAddr,
    IpPrefix,
    ListeningPort,
    PathMatch,
    PoolGroupMember,
    PoolServer,
    PortMatch,
    RedirectAction,
    family_of,
)

_PORTS = (1, 65_535)
Field = tuple[type[Struct], str]

RANGES: Mapping[Field, tuple[int, int]] = {
    (Backend, "weight"): (0, 1_000),
    (ClaimedPort, "number"): _PORTS,
    (IpPrefix, "mask"): (0, 128),
    (ListeningPort, "port"): _PORTS,
    (PoolGroupMember, "ratio"): (0, 1_000),
    (PoolServer, "port"): _PORTS,
    (PortMatch, "ports"): _PORTS,
    (RedirectAction, "port"): _PORTS,
}
"""The least and the most; of no port at all where that can be said."""

NEVER_EMPTY: frozenset[Field] = frozenset(
    {
        (ClientMatch, "prefixes"),
        (HeaderMatch, "value"),
        (HostMatch, "value"),
        (PathMatch, "match_str"),
        (PortMatch, "ports"),
    }
)
"""Lists of what something must be like: without an entry nothing would be, or everything."""


def _address_fault(address: IpAddr) -> str:
    if not is_address(address.addr):
        return f"is {address.addr[:80]!r}, which is no IP address"
    family = family_of(address.addr)
    return "" if address.type == family else f"has the type {address.type[:80]!r}, but {address.addr} is {family}"


def _prefix_fault(prefix: IpPrefix) -> str:
    if prefix.ip_addr.type == "V4" and prefix.mask > 32:
        return f"is {prefix.ip_addr.addr}/{prefix.mask}, which is no network"
    return ""


WHOLE: Mapping[type[Struct], Callable[[Any], str]] = {IpAddr: _address_fault, IpPrefix: _prefix_fault}
"""What is wrong with a record whose fields are each of their type; empty if nothing is."""
