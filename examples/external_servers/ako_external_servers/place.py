"""One backend → the servers that the annotation of its Service names, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from msgspec import Struct

from ako import SETTINGS, Backend, Placement, PlacementFault, PoolServer, ServicePort, View, wanted_ports
from ako_external_servers.entries import Fault, Server, entries
from ako_external_servers.records import ANNOTATION, Written, written
from ako_external_servers.settings import ExternalServersSettings, Network

TOLD_AT_MOST = 5
"""How many entries of an annotation are told about one by one."""


class Allowed(Struct, frozen=True):
    """Which servers may be taken: networks, none of which are all, and families, as `V4`."""

    networks: tuple[Network, ...]
    families: Set[str]
    family: str


def place_outside(backend: Backend, view: View) -> Placement | None:
    """Find the servers of a backend; None if no annotation names any."""
    annotations = view.ask(written, backend.namespace, backend.service)
    if not annotations:
        return None
    wanted = wanted_ports(backend, view, has_endpoints=False)
    faults = (wanted.fault,) if wanted.fault else ()
    if not wanted.ports:
        return Placement(faults=faults)
    said = _said_of(wanted.ports[0], annotations)
    if said is None:
        return None
    settings = view.input(SETTINGS)
    networks = settings.section("external_servers", ExternalServersSettings).allowed
    allowed = Allowed(networks, settings.ip_families, settings.ako_settings.ip_family)
    servers, found = _taken(said, wanted.ports[0], allowed)
    where = f"service {backend.namespace}/{backend.service}, annotation {said.annotation}"
    return Placement(servers, (*faults, *_told(where, found, is_empty=not servers)))


def _said_of(port: ServicePort, annotations: Sequence[Written]) -> Written | None:
    """Give the annotation for a port: its own, by name before number, or the one for all ports."""
    said = {one.annotation: one for one in annotations}
    keys = [f"{ANNOTATION}.{port.name}"] if port.name else []
    return next((said[key] for key in (*keys, f"{ANNOTATION}.{port.port}", ANNOTATION) if key in said), None)


def _taken(said: Written, port: ServicePort, allowed: Allowed) -> tuple[tuple[PoolServer, ...], list[Fault]]:
    default = port.target_port if isinstance(port.target_port, int) and port.target_port else port.port
    taken: dict[PoolServer, Server] = {}
    faults: list[Fault] = []
    for entry in entries(said.text):
        if isinstance(entry, Fault):
            faults.append(entry)
            continue
        server = PoolServer.at(str(entry.address), entry.port or default)
        if fault := _refused(entry, allowed):
            faults.append(fault)
        elif server in taken:
            what = f"{entry.address} port {server.port} is there already, as {taken[server].written!r}"
            faults.append(Fault(entry.written, "ServerTwice", f"{what}; it is served once", "Remove one of them."))
        else:
            taken[server] = entry
    return tuple(sorted(taken, key=lambda server: (server.ip.addr, server.port))), faults


def _refused(server: Server, allowed: Allowed) -> Fault | None:
    if f"V{server.address.version}" not in allowed.families:
        what = f"{server.address} is not of the IP family {allowed.family} (AKOSettings.ipFamily)"
        return Fault(
            server.written, "ServerOfOtherFamily", what, "Give an address of that family, or change the setting."
        )
    if allowed.networks and not any(server.address in network for network in allowed.networks):
        what = f"{server.address} is in none of the networks {', '.join(map(str, allowed.networks))}"
        return Fault(
            server.written,
            "ServerNotAllowed",
            what,
            "Use another one, or add its network to ako.external_servers.networks.",
        )
    return None


def _told(where: str, faults: Sequence[Fault], *, is_empty: bool) -> Iterator[PlacementFault]:
    """Tell the first faults one by one, and how many more there are."""
    for fault in faults[:TOLD_AT_MOST]:
        yield PlacementFault(fault.reason, f"{where}, {fault.written[:80]!r}: {fault.what}.", fault.remedy)
    if more := len(faults) - TOLD_AT_MOST if len(faults) > TOLD_AT_MOST else 0:
        yield PlacementFault("ServersInvalid", f"{where}: {more} more entries cannot be used.", "Correct them too.")
    if is_empty:
        yield PlacementFault("NoServers", f"{where} names no server that can be used; the pool is empty.", "Name one.")
