"""What a world has come to, in words that two worlds have in common: names instead of references and addresses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tests.campaign.world import CLUSTER, PREFIX, Json, World

View = Mapping[str, object]

_REFERENCE = re.compile(r"^(?:https?://[^/]+)?/api/(\w+)/[^#]*#(.*)$")
_OF_ONE_WORLD = frozenset({
    "uuid",
    "url",
    "_last_modified",
    "version",
    "cloud_config_cksum",
    "ip_address",
    "discovered_networks",
    "vs_refs",
    "self_se_election",
    "vip_runtime",
    "marked_for_delete",
})  # fmt: skip
"""Fields that are the Controller's own, or differ between two that hold the same."""


def view_of(world: World) -> dict[str, object]:
    """Give every object of ours, our static routes and our label, and the statuses of what users declared."""
    ours = msgspec.json.decode(msgspec.json.encode(world.ours()).replace(world.uid.encode(), b"ours"))
    label = {"key": "clustername", "value": CLUSTER}
    view: dict[str, object] = {name: _neutral(_in_short(item)) for name, item in ours.items()}
    routes = [
        r for r in world.avi.named("vrfcontext", "global").get("static_routes", ()) if label in r.get("labels", ())
    ]
    view["static routes"] = sorted((_neutral({**route, "route_id": ""}) for route in routes), key=repr)
    view["label"] = world.avi.named("serviceenginegroup", "Default-Group").get("labels", [])
    view.update(_statuses(world, ours))
    return view


def without_unused(view: View) -> dict[str, object]:
    """Leave out shared virtual services that serve nobody: they stay until the next start."""
    unused = {name for name in _shared_names(view) if not _serves(view, name)}
    return {key: value for key, value in view.items() if key.partition("/")[2].removesuffix("-insecure") not in unused}


def difference(expected: View, found: View) -> list[str]:
    """Give the differences, one line each."""
    lines: list[str] = []
    for key in sorted(expected.keys() | found.keys()):
        if key not in found:
            lines.append(f"missing: {key}")
        elif key not in expected:
            lines.append(f"too much: {key}")
        else:
            lines += [f"{key}{line}" for line in _unequal(expected[key], found[key])]
    return lines


def _unequal(expected: object, found: object) -> Iterator[str]:
    if expected == found:
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            yield from (f".{name}{line}" for line in _unequal(expected.get(name), found.get(name)))
    else:
        yield f": expected {expected!r}, found {found!r}"


def _in_short(item: Json) -> Json:
    """Put the names it is for in the place of a certificate, and a few letters in that of its key."""
    if "certificate" not in item:
        return item
    digest = hashlib.sha256(item.get("key", "").encode()).hexdigest()[:8]
    return {**item, "certificate": item["certificate"]["subject_alt_names"], "key": digest}


def _neutral(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _in_any_order(key, _neutral(v)) for key, v in value.items() if key not in _OF_ONE_WORLD and v != []
        }
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    if isinstance(value, str) and (match := _REFERENCE.match(value)):
        return f"{match[1]}:{match[2]}"
    return value


def _in_any_order(field: str, value: Any) -> Any:
    """Sort the servers of a pool: those that come later are added at the end."""
    return sorted(value, key=repr) if field == "servers" else value


def _statuses(world: World, ours: Mapping[str, Json]) -> Iterator[tuple[str, object]]:
    """Give the addresses told to users, as the names of the VsVips that have them."""
    vips = [item for name, item in ours.items() if name.startswith("vsvip/")]
    holder = {vip["ip_address"]["addr"]: item["name"] for item in vips for vip in item["vip"] if "ip_address" in vip}
    for kind in ("Ingress", "Service"):
        for item in world.kube.list(kind):
            entries = item.get("status", {}).get("loadBalancer", {}).get("ingress") or []
            told = sorted((e.get("hostname", ""), holder.get(e.get("ip", ""), f"nobody: {e}")) for e in entries)
            metadata = item["metadata"]
            yield f"status of {kind} {metadata['namespace']}/{metadata['name']}", told
    for route in world.kube.list("Route") if world.flavour.routes else ():
        entries = route.get("status", {}).get("ingress") or []
        yield f"status of Route {route['metadata']['name']}", sorted(_verdict(entry, holder) for entry in entries)


def _verdict(entry: Json, holder: Mapping[str, str]) -> tuple[str, ...]:
    """Give what is told of a Route's host: whether it is admitted, and by which VsVip or why not."""
    (condition,) = entry["conditions"]
    message = condition["message"]
    if condition["status"] == "True":
        message = ", ".join(holder.get(address, f"nobody: {address}") for address in message.split(", "))
    return entry["host"], condition["status"], condition.get("reason", ""), message


def _shared_names(view: View) -> set[str]:
    return {key.partition("/")[2] for key in view if key.startswith(f"vsvip/{PREFIX}Shared-")}


def _serves(view: View, name: str) -> bool:
    group = view.get(f"poolgroup/{name}")
    has_members = isinstance(group, dict) and bool(group.get("members"))
    script = view.get(f"vsdatascriptset/{name}")
    has_members |= isinstance(script, dict) and "Passthrough" in name and bool(script.get("pool_group_refs"))
    parent = f"virtualservice:{name}"
    return has_members or any(isinstance(v, dict) and v.get("vh_parent_vs_ref") == parent for v in view.values())
