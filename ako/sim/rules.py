"""Rules between the fields of one object and those it refers to, beyond what the object model says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from ako.sim.problems import FieldCheck, refuse
from ako.sim.store import Json, Record, Store, target_of

PARENT, CHILD = "VS_TYPE_VH_PARENT", "VS_TYPE_VH_CHILD"
_NEEDED_TARGET = {
    "HTTP_SWITCHING_SELECT_POOL": "pool_ref",
    "HTTP_SWITCHING_SELECT_POOLGROUP": "pool_group_ref",
}

Rule = Callable[[Json, "Record | None", Store], None]


def check_rules(kind: str, data: Json, before: Record | None, store: Store) -> None:
    """Check the rules of a type; ApiError if one is broken."""
    for rule in _RULES.get(kind, ()):
        rule(data, before, store)


def check_immutable(kind: str, data: Json, before: Record) -> None:
    """Check that a write leaves alone what cannot change after creation."""
    fixed = ["cloud_ref", "tenant_ref"]
    if kind == "virtualservice":
        fixed.append("type")
        if before.data.get("enabled") and data.get("enabled"):
            fixed += ["se_group_ref", "vrf_context_ref"]  # placed as long as it is enabled
    for name in fixed:
        if data.get(name) != before.data.get(name):
            raise FieldCheck(name, "cannot be changed after creation; recreate the object").as_error()


def _broken(top: str, leaf: str, reason: str) -> Exception:
    problem = FieldCheck(leaf, reason)
    problem.top = top
    return problem.as_error()


def _unique_index(items: Iterable[Json], top: str) -> None:
    seen: set[Any] = set()
    for item in items:
        if item["index"] in seen:
            raise _broken(top, "index", f"{item['index']} is used twice")
        seen.add(item["index"])


def _virtual_service_shape(data: Json, before: Record | None, store: Store) -> None:
    del before, store
    for name in ("http_policies", "vs_datascripts", "l4_policies"):
        _unique_index(data.get(name, ()), name)
    if "pool_ref" in data and "pool_group_ref" in data:
        raise _broken("pool_group_ref", "pool_group_ref", "pool_ref is given too; one default is enough")
    if data["type"] == CHILD:
        return
    services = data.get("services", ())
    if not services:
        raise _broken("services", "services", "at least one service is needed")
    # A parent of virtual hosts may do without: AKO creates its shared ones so, and the Controller's default is shown.
    needs_certificate = data["type"] != PARENT and any(service.get("enable_ssl") for service in services)
    if needs_certificate and not data.get("ssl_key_and_certificate_refs"):
        reason = "a service with enable_ssl needs a certificate"
        raise _broken("ssl_key_and_certificate_refs", "ssl_key_and_certificate_refs", reason)
    _disjoint_ports(services)


def _spans(services: Iterable[Json]) -> list[tuple[str, int, int]]:
    """Return the port ranges by network profile: TCP and UDP may share a port."""
    return [
        (service.get("override_network_profile_ref", ""), service["port"], service["port_range_end"] or service["port"])
        for service in services
    ]


def _overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2]


def _disjoint_ports(services: Iterable[Json]) -> None:
    spans = sorted(_spans(services))
    for one, other in pairwise(spans):
        if _overlap(one, other):
            raise _broken("services", "port", f"{other[1]} is used by another service")


def _ports_free_on_vip(data: Json, before: Record | None, store: Store) -> None:
    if "vsvip_ref" not in data or data["type"] == CHILD:
        return
    own = _spans(data.get("services", ()))
    for other in store.referrers(target_of(data["vsvip_ref"])):
        if other.kind != "virtualservice" or (before is not None and other.uuid == before.uuid):
            continue
        if other.data.get("network_profile_ref") != data.get("network_profile_ref"):
            continue
        taken = _spans(other.data.get("services", ()))
        clash = next((span for span in own if any(_overlap(span, used) for used in taken)), None)
        if clash is not None:
            raise _broken("services", "port", f"{clash[1]} is used by {other.name} on the same VsVip")


def _child_and_parent(data: Json, before: Record | None, store: Store) -> None:
    del before
    if data["type"] != CHILD:
        if "vh_parent_vs_ref" in data:
            raise _broken("vh_parent_vs_ref", "vh_parent_vs_ref", f"only a {CHILD} has a parent")
        return
    if "vh_parent_vs_ref" not in data:
        raise _broken("vh_parent_vs_ref", "vh_parent_vs_ref", f"a {CHILD} needs its parent")
    parent = store.get("virtualservice", target_of(data["vh_parent_vs_ref"]))
    if parent is None or parent.data["type"] != PARENT:
        raise _broken("vh_parent_vs_ref", "vh_parent_vs_ref", f"the parent is no {PARENT}")
    for name, default in (("tenant_ref", ""), ("cloud_ref", ""), ("vh_type", "VS_TYPE_VH_SNI")):
        if parent.data.get(name, default) != data.get(name, default):
            raise _broken("vh_parent_vs_ref", "vh_parent_vs_ref", f"{name} of parent {parent.name} differs")
    if data.get("vh_type") == "VS_TYPE_VH_ENHANCED":
        _paths_in_matches(data.get("vh_matches", ()))
    elif not data.get("vh_domain_name"):
        raise _broken("vh_domain_name", "vh_domain_name", "There must be at least 1 vh_domain_name")


def _paths_in_matches(matches: Iterable[Json]) -> None:
    for match in matches:
        for rule in match.get("rules", ()):
            if not rule["matches"].get("path", {}).get("match_str"):
                raise _broken("vh_matches", "path", "There must be at least 1 path")


def _same_vrf_as_pools(data: Json, before: Record | None, store: Store) -> None:
    del before
    pools = [target_of(data["pool_ref"])] if "pool_ref" in data else []
    if "pool_group_ref" in data:
        group = store.get("poolgroup", target_of(data["pool_group_ref"]))
        pools += [target_of(member["pool_ref"]) for member in group.data.get("members", ())] if group else []
    for uuid in pools:
        pool = store.get("pool", uuid)
        if pool is not None and pool.data["vrf_ref"] != data["vrf_context_ref"]:
            raise refuse(400, f"VRF Context for {data['name']} and pool {pool.name} different")


def _http_rules(data: Json, before: Record | None, store: Store) -> None:
    del before, store
    for name in ("http_request_policy", "http_response_policy", "http_security_policy"):
        rules = data.get(name, {}).get("rules", ())
        _unique_index(rules, name)
        for rule in rules:
            action = rule.get("switching_action", {})
            needed = _NEEDED_TARGET.get(action.get("action", ""))
            if needed is not None and needed not in action:
                raise _broken(name, needed, f"{action['action']} needs {needed}")


def _layer4_rules(data: Json, before: Record | None, store: Store) -> None:
    del before, store
    _unique_index(data.get("l4_connection_policy", {}).get("rules", ()), "l4_connection_policy")


def _unique_routes(data: Json, before: Record | None, store: Store) -> None:
    del before, store
    ids = [route["route_id"] for route in data.get("static_routes", ())]
    twice = next((item for item in ids if ids.count(item) > 1), None) if len(set(ids)) < len(ids) else None
    if twice is not None:
        raise _broken("static_routes", "route_id", f"{twice} is used twice")


_RULES: dict[str, tuple[Rule, ...]] = {
    "virtualservice": (_virtual_service_shape, _child_and_parent, _ports_free_on_vip, _same_vrf_as_pools),
    "httppolicyset": (_http_rules,),
    "l4policyset": (_layer4_rules,),
    "vrfcontext": (_unique_routes,),
}
