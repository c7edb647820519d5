"""A backend → the servers that the annotation of its Service lists."""

from __future__ import annotations

from ako import Backend, Placement, PlacementFault, PoolServer, View, is_address
from ako_my_placement.records import SERVERS, Annotated


def place(backend: Backend, view: View) -> Placement | None:
    """Find the servers of a backend; None if its Service has no annotation, which leaves it to the next plugin."""
    service = view.get(Annotated, backend.namespace, backend.service)
    listed = service.metadata.annotation(SERVERS) if service is not None else None
    if listed is None:
        return None
    words = [word.strip() for word in listed.split(",") if word.strip()]
    found = {word: _server(word) for word in words}
    servers = tuple(server for server in found.values() if server is not None)
    faults = tuple(_fault(backend, word) for word, server in found.items() if server is None)
    return Placement(servers, faults)


def _server(word: str) -> PoolServer | None:
    address, _, port = word.rpartition(":")
    address = address.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) <= 65535
    return PoolServer.at(address, int(port)) if is_port and is_address(address) else None


def _fault(backend: Backend, word: str) -> PlacementFault:
    where = f"service {backend.namespace}/{backend.service}: annotation {SERVERS}"
    return PlacementFault(
        "ServerNotUnderstood", f"{where}: {word!r} is no <address>:<port>.", "Correct the annotation."
    )
