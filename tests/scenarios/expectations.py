"""Every assertion that an `expect` step can hold, by its key.

Called by the steps until nothing differs any more. A key without a check is an error: no statement of a scenario
is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.scenarios import client_expectations, cluster_expectations, traffic_expectations
from tests.scenarios.comparing import Mismatch, mismatches
from tests.scenarios.scenario import JsonObject
from tests.scenarios.virtual_services import FIELDS, VirtualService
from tests.scenarios.world import World, with_addresses

Check = Callable[[Any, World], Iterator[Mismatch]]

# Assertions that hold before anything happened: they are looked at a second time, a little later.
NEGATIVE = frozenset(
    {"absent", "no_writes", "requests", "statefulset_conditions_absent", "ako"}
    | {"answers", "clients", "pools_of", "events", "log_count", "never_sent", "traffic"}
)

# Fields of a virtual service that say something other than "this is the value".
SPECIAL = frozenset({"name", "optional", "fqdns", "fqdns_absent"})

OF_OBJECT = frozenset({"type", "name"})
OF_STATUS = frozenset({"namespace", "name"})
ENTRIES: Mapping[str, frozenset[str]] = {
    "absent": OF_OBJECT,
    "present": OF_OBJECT,
    "remember": OF_OBJECT,
    "same_uuid": OF_OBJECT,
    "requests": frozenset({"method", "model", "name", "min", "max"}),
    "log_count": frozenset({"contains", "min", "max"}),
    "static_routes": frozenset({"vrf", "routes", "others"}),
    "ingress_status": OF_STATUS | {"load_balancer"},
    "service_status": OF_STATUS | {"load_balancer"},
    "route_status": OF_STATUS | {"ingress"},
    "cert_content": frozenset({"name", "secret", "route", "blocks"}),
    "events": OF_STATUS | {"kind", "type", "reason", "message_contains", "none"},
    "clients": frozenset({"virtualservice", "ip", "port", "allowed"}),
    "pools_of": frozenset({"virtualservice", "servers", "fields"}),
    "traffic": traffic_expectations.ENTRY,
}
"""What an entry of an assertion may say, where it is not compared whole."""


def differences(expect: Mapping[str, Any], world: World) -> list[Mismatch]:
    """Give what does not hold, in the order of the scenario file; empty if everything holds."""
    found: list[Mismatch] = []
    for key, stated in expect.items():
        if key not in CHECKS:
            raise ValueError(f"expect: no check for {key!r}; there is one for each of {sorted(CHECKS)}")
        for entry in stated if key in ENTRIES else ():
            if unknown := sorted(entry.keys() - ENTRIES[key]):
                raise ValueError(f"expect: {key}: no check for {', '.join(map(repr, unknown))}")
        found.extend(CHECKS[key](with_addresses(stated, world.avi), world))
    return found


def _virtual_services(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        where = f"virtualservices[{entry['name']}]"
        body = world.avi.find("virtualservice", entry["name"])
        if body is not None:
            yield from _virtual_service(where, entry, VirtualService(world.avi, body))
        elif not entry.get("optional", False):
            yield Mismatch(where, "there", "missing")


def _virtual_service(where: str, stated: JsonObject, service: VirtualService) -> Iterator[Mismatch]:
    for key, value in stated.items():
        if key in SPECIAL:
            continue
        if key not in FIELDS:
            raise ValueError(f"{where}: no check for {key!r}; there is one for each of {sorted({*FIELDS, *SPECIAL})}")
        yield from mismatches(f"{where}.{key}", value, FIELDS[key](service))
    names = service.fqdns
    if missing := sorted(set(stated.get("fqdns", [])) - set(names)):
        yield Mismatch(f"{where}.fqdns", f"with {missing}", names)
    if unwanted := sorted(set(stated.get("fqdns_absent", [])) & set(names)):
        yield Mismatch(f"{where}.fqdns_absent", f"without {unwanted}", names)


def _absent(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        if world.avi.find(entry["type"], entry["name"]) is not None:
            yield Mismatch(f"absent: {entry['type']} {entry['name']}", "not there", "there")


def _present(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        if world.avi.find(entry["type"], entry["name"]) is None:
            yield Mismatch(f"present: {entry['type']} {entry['name']}", "there", "missing")


def _prefix(route: JsonObject) -> str:
    return f"{route['prefix']['ip_addr']['addr']}/{route['prefix']['mask']}"


def _static_routes(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        vrf = world.avi.find("vrfcontext", entry["vrf"]) or {}
        seen = [
            {
                "prefix": _prefix(route),
                "next_hop": route["next_hop"]["addr"],
                "route_id": route["route_id"],
                "labels": route.get("labels", []),
            }
            for route in vrf.get("static_routes", [])
        ]
        where = f"static_routes[{entry['vrf']}]"
        ours = [route for route in seen if route["route_id"].startswith(world.cluster_name)]
        yield from mismatches(f"{where}.routes", entry["routes"], ours)
        wanted = {route["route_id"] for route in entry.get("others", [])}
        others = [route for route in seen if route["route_id"] in wanted]
        yield from mismatches(f"{where}.others", entry.get("others", []), others)


def _service_engine_groups(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        group = world.avi.find("serviceenginegroup", entry["name"])
        seen = {"name": entry["name"], "labels": group.get("labels", [])} if group else None
        yield from mismatches(f"serviceenginegroups[{entry['name']}]", entry, seen)


def _no_writes(stated: bool, world: World) -> Iterator[Mismatch]:
    if not stated:
        raise ValueError("no_writes: true is the only value with a meaning")
    if writes := [str(request) for request in world.requests_of_this_run if request.is_write]:
        yield Mismatch("no_writes", [], writes, final=True)


def _requests(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        wanted = (entry["method"], entry["model"], entry["name"])
        count = sum((request.method, request.model, request.name) == wanted for request in world.requests)
        where = f"requests: {' '.join(wanted)}"
        if count < entry.get("min", 0):
            yield Mismatch(where, f"at least {entry['min']}", count)
        if count > entry.get("max", count):
            yield Mismatch(where, f"at most {entry['max']}", count, final=True)


def _uuid(entry: JsonObject, world: World) -> str | None:
    body = world.avi.find(entry["type"], entry["name"])
    return None if body is None else str(body["uuid"])


def _remember(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        uuid = _uuid(entry, world)
        if uuid is None:
            yield Mismatch(f"remember: {entry['type']} {entry['name']}", "there", "missing")
        else:
            world.remembered[entry["type"], entry["name"]] = uuid


def _same_uuid(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    for entry in stated:
        remembered = world.remembered[entry["type"], entry["name"]]
        yield from mismatches(f"same_uuid: {entry['type']} {entry['name']}", remembered, _uuid(entry, world))


def _ako(stated: JsonObject, world: World) -> Iterator[Mismatch]:
    yield from mismatches("ako", stated, {"ready": world.ready()})


def _log_contains(stated: list[list[str]], world: World) -> Iterator[Mismatch]:
    lines = [line.lower() for line in world.log_lines()]
    for texts in stated:
        if not any(all(text.lower() in line for text in texts) for line in lines):
            yield Mismatch("log_contains", texts, "no such line")


def _log_count(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    lines = [line.lower() for line in world.log_lines()]
    for entry in stated:
        count = sum(all(text.lower() in line for text in entry["contains"]) for line in lines)
        where = f"log_count: {entry['contains']}"
        if count < entry.get("min", 0):
            yield Mismatch(where, f"at least {entry['min']}", count)
        if count > entry.get("max", count):
            yield Mismatch(where, f"at most {entry['max']}", count, final=True)


CHECKS: Mapping[str, Check] = {
    "answers": client_expectations.answers,
    "traffic": traffic_expectations.traffic,
    "clients": client_expectations.clients,
    "pools_of": client_expectations.pools_of,
    "never_sent": client_expectations.never_sent,
    "events": cluster_expectations.events,
    "log_count": _log_count,
    "virtualservices": _virtual_services,
    "absent": _absent,
    "present": _present,
    "static_routes": _static_routes,
    "serviceenginegroups": _service_engine_groups,
    "no_writes": _no_writes,
    "requests": _requests,
    "remember": _remember,
    "same_uuid": _same_uuid,
    "ako": _ako,
    "log_contains": _log_contains,
    "cert_content": cluster_expectations.cert_content,
    "ingress_status": cluster_expectations.ingress_status,
    "service_status": cluster_expectations.service_status,
    "route_status": cluster_expectations.route_status,
    "statefulset_conditions": cluster_expectations.conditions_now,
    "statefulset_conditions_seen": cluster_expectations.conditions_seen,
    "statefulset_conditions_absent": cluster_expectations.conditions_absent,
}
