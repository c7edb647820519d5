"""Assertions about what lies in Kubernetes: statuses, conditions, and the certificates that came from there."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

from tests.scenarios.comparing import Mismatch, mismatches
from tests.scenarios.scenario import JsonObject
from tests.scenarios.world import World

BLOCK = r"-----BEGIN {0}-----.*?-----END {0}-----"
"""What a block of a PEM text with some label looks like."""

STATEFUL_SET = ("StatefulSet", "avi-system", "ako")

StatusOf = Callable[[JsonObject], list[JsonObject]]


def _load_balancer(item: JsonObject) -> list[JsonObject]:
    entries: list[JsonObject] = item.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return entries


def _route_entries(item: JsonObject) -> list[JsonObject]:
    return [_route_entry(entry) for entry in item.get("status", {}).get("ingress") or []]


def _route_entry(entry: JsonObject) -> JsonObject:
    conditions = {condition["type"]: condition for condition in entry.get("conditions", [])}
    admitted = conditions.get("Admitted", {})
    return {
        "host": entry.get("host"),
        "router_name": entry.get("routerName"),
        "admitted": admitted.get("status"),
        "reason": admitted.get("reason"),
        "message": admitted.get("message"),
    }


def _status(kind: str, field: str, of: StatusOf) -> Callable[[list[JsonObject], World], Iterator[Mismatch]]:
    def check(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
        for entry in stated:
            where = f"{kind} status[{entry['namespace']}/{entry['name']}]"
            item = world.cluster.get(kind, entry["namespace"], entry["name"])
            if item is None:
                yield Mismatch(where, "the object is there", "no such object")
            else:
                yield from mismatches(where, entry[field], of(item))

    return check


ingress_status = _status("Ingress", "load_balancer", _load_balancer)
service_status = _status("Service", "load_balancer", _load_balancer)
route_status = _status("Route", "ingress", _route_entries)


def _conditions(item: JsonObject | None) -> list[JsonObject]:
    conditions: list[JsonObject] = (item or {}).get("status", {}).get("conditions") or []
    return conditions


def _stated_condition(stated: JsonObject) -> JsonObject:
    return {key: value for key, value in stated.items() if key not in {"namespace", "name"}}


def _matches(stated: JsonObject, conditions: list[JsonObject]) -> bool:
    wanted = _stated_condition(stated)
    return any(wanted == {key: condition.get(key) for key in wanted} for condition in conditions)


def conditions_now(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check that a StatefulSet has each condition now."""
    for entry in stated:
        conditions = _conditions(world.cluster.get("StatefulSet", entry["namespace"], entry["name"]))
        if not _matches(entry, conditions):
            yield Mismatch("statefulset_conditions", _stated_condition(entry), conditions)


def conditions_seen(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check that a StatefulSet had each condition at some time since the last step."""
    for entry in stated:
        history = world.cluster.history("StatefulSet", entry["namespace"], entry["name"])
        versions = [_conditions(item) for item in history]
        if not any(_matches(entry, conditions) for conditions in versions):
            yield Mismatch("statefulset_conditions_seen", _stated_condition(entry), versions)


def conditions_absent(stated: list[str], world: World) -> Iterator[Mismatch]:
    """Check that the product's own StatefulSet has no condition of these types."""
    there = {condition["type"] for condition in _conditions(world.cluster.get(*STATEFUL_SET))}
    if unwanted := sorted(there & set(stated)):
        yield Mismatch("statefulset_conditions_absent", f"without {unwanted}", sorted(there))


def events(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check that there is an Event on an object, or none."""
    for entry in stated:
        about = {name: entry[name] for name in ("kind", "namespace", "name")}
        of_it = [found for event in world.cluster.events() if (found := _event(event)).items() >= about.items()]
        fitting = [found for found in of_it if _is_meant(found, entry)]
        if entry.get("none") and fitting:
            yield Mismatch(f"events: {entry}", "none", fitting, final=True)
        elif not entry.get("none") and not fitting:
            yield Mismatch(f"events: {entry}", "there", of_it)


def _event(event: JsonObject) -> JsonObject:
    about = event.get("regarding") or event.get("involvedObject") or {}
    return {
        **{name: about.get(name, "") for name in ("kind", "namespace", "name")},
        "type": event.get("type", ""),
        "reason": event.get("reason", ""),
        "message": event.get("note") or event.get("message") or "",
    }


def _is_meant(found: JsonObject, entry: JsonObject) -> bool:
    texts = entry.get("message_contains", ())
    texts = [texts] if isinstance(texts, str) else texts
    return all(found[name] == entry[name] for name in ("type", "reason") if name in entry) and all(
        text.lower() in found["message"].lower() for text in texts
    )


def cert_content(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check that a certificate object holds the certificate and the key of a Secret or a Route."""
    for entry in stated:
        where = f"cert_content[{entry['name']}]"
        wanted = _certificate_of(entry, world)
        if wanted is not None and "blocks" in entry:
            blocks = re.findall(BLOCK.format(entry["blocks"]), wanted["certificate"], re.DOTALL)
            wanted["certificate"] = "\n".join(blocks)
        item = world.avi.find("sslkeyandcertificate", entry["name"])
        if wanted is None:
            yield Mismatch(where, "the source object is there", entry)
        elif item is None:
            yield Mismatch(where, "there", "missing")
        else:
            seen = {"certificate": item.get("certificate", {}).get("certificate", ""), "key": item.get("key", "")}
            yield from mismatches(where, wanted, {field: text.strip() for field, text in seen.items()})


def _certificate_of(entry: JsonObject, world: World) -> JsonObject | None:
    """Give certificate and key of the Secret or Route that an assertion names, or None if it is not there."""
    kind, source = ("Secret", entry["secret"]) if "secret" in entry else ("Route", entry["route"])
    namespace, _, name = source.partition("/")
    item = world.cluster.get(kind, namespace, name)
    if item is None:
        return None
    if kind == "Route":
        tls = item["spec"]["tls"]
        return {"certificate": tls["certificate"].strip(), "key": tls["key"].strip()}
    return {"certificate": _decoded(item, "tls.crt"), "key": _decoded(item, "tls.key")}


def _decoded(secret: JsonObject, field: str) -> str:
    return base64.b64decode(secret["data"][field]).decode().strip()
