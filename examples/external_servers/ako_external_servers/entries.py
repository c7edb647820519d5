"""What an annotation says → addresses with ports, and what of it cannot be used. Pure.

    db1.example.org=192.0.2.10:5432, 192.0.2.11, [2001:db8::1]:5432, db1.example.org:5433

Entries stand between commas or on lines of their own. A name is what the entry that gives its address says; nobody is
asked for any other. An entry without a port has the one of the Service.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Server(Struct, frozen=True):
    """One server, and how it was written; port 0 is that of the Service."""

    written: str
    address: Address
    port: int = 0


class Fault(Struct, frozen=True):
    """An entry that cannot be used: why, and what to do about it."""

    written: str
    reason: str
    what: str
    remedy: str


_BETWEEN = re.compile(r"[,\n]")
_PLACE = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<bare>[^:]*))(?::(?P<port>[^:]*))?")
_PORT = re.compile(r"[0-9]{1,5}")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9._]*[a-z0-9])?")


def entries(text: str) -> Iterator[Server | Fault]:
    """Give the servers in the order written, and a fault for each entry that is none."""
    pieces = [piece.strip() for piece in _BETWEEN.split(text)]
    known = dict(_names(pieces))
    for piece in filter(None, pieces):
        yield from _servers(piece, known)


def _names(pieces: list[str]) -> Iterator[tuple[str, tuple[Address, ...]]]:
    """Give the addresses of each name that an entry gives one."""
    found: dict[str, dict[Address, None]] = {}
    for piece in pieces:
        name, equals, place = piece.rpartition("=")
        address = _address(_parted(place.strip())[0]) if equals else None
        if address is not None:
            found.setdefault(name.strip().lower(), {})[address] = None
    yield from ((name, tuple(addresses)) for name, addresses in found.items())


def _servers(piece: str, known: Mapping[str, tuple[Address, ...]]) -> Iterator[Server | Fault]:
    name, equals, place = piece.rpartition("=")
    if equals and not _NAME.fullmatch(name.strip().lower()):
        yield Fault(piece, "ServerNameInvalid", f"{_short(name)} is no name", "Write <name>=<address>, or <address>.")
        return
    host, written_port = _parted(place.strip())
    port = _port(written_port)
    if port is None:
        remedy = "Use a port from 1 to 65535, or none for that of the Service."
        yield Fault(piece, "ServerPortInvalid", f"{_short(written_port or '')} is no port", remedy)
        return
    address = _address(host)
    if address is not None:
        fault = _unusable(address)
        yield (
            Fault(piece, "ServerUnreachable", f"{address} is {fault}", _REMEDY)
            if fault
            else Server(piece, address, port)
        )
    elif not equals and host.lower() in known:
        for one in known[host.lower()]:
            if not _unusable(one):  # which is said where the name gets its address
                yield Server(piece, one, port)
    else:
        remedy = (
            f"Names are not looked up: write {_example(host)}=<address>, and an IPv6 address with a port as [::]:1."
        )
        yield Fault(piece, "ServerWithoutAddress", f"{_short(host)} is no IP address", remedy)


def _parted(place: str) -> tuple[str, str | None]:
    """Give address or name, and the port as it is written; None if there is none."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return place, None  # an IPv6 address with neither brackets nor a port
    return found["v6"] if found["bare"] is None else found["bare"], found["port"]


def _port(written: str | None) -> int | None:
    """Give the number of a port, 0 if none is written, None if it is none."""
    if written is None:
        return 0
    number = int(written) if _PORT.fullmatch(written) else 0
    return number if 0 < number < 65536 else None


def _address(text: str) -> Address | None:
    """Give an address in its only form, so that one that is written twice is seen; of an IPv4 one in IPv6, that."""
    if "%" in text:
        return None  # a link of this machine means nothing elsewhere
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


_REMEDY = "Give the address at which the Service Engines reach the server."


def _unusable(address: Address) -> str:
    """Say what an address is that leads to no other machine; empty if it may."""
    kinds = {
        "not the address of any machine": address.is_unspecified,
        "the machine itself": address.is_loopback,
        "for many at once": address.is_multicast or address == ipaddress.IPv4Address("255.255.255.255"),
        "of one link only": address.is_link_local,
    }
    return next((what for what, applies in kinds.items() if applies), "")


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _example(host: str) -> str:
    return host if _NAME.fullmatch(host.lower()) and len(host) <= _LONGEST else "<name>"


_LONGEST = 60
