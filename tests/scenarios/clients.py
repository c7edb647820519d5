"""What a client of the load balancer gets, by the objects on the Controller, as a Service Engine would go through them.

host ─▶ VsVip with that DNS name ─▶ virtual service on the port ─▶ (TLS) SNI child of the host
     ─▶ policy sets by number, rules by number ─▶ DataScript: the longest label ─▶ default pool group or pool
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.scenarios.avi_view import AviView
from tests.scenarios.scenario import JsonObject

PORTS = {"http": 80, "https": 443}

CASE_OF_PATHS_COUNTS = 'string.lower(host) .. "/"'
"""Stands in a script that looks paths up as they are."""

Compare = Callable[[str, str], bool]

CRITERIA: Mapping[str, Compare] = {
    "EQUALS": str.__eq__,
    "BEGINS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": str.__contains__,
    "REGEX_MATCH": lambda text, pattern: re.search(pattern, text) is not None,
}


@dataclass(frozen=True)
class Request:
    """What a client asks for."""

    scheme: str
    host: str
    path: str
    method: str = "GET"

    @classmethod
    def of(cls, url: str) -> Request:
        """Take a URL apart."""
        parts = urlsplit(url)
        return cls(parts.scheme, parts.hostname or "", parts.path or "/")

    @property
    def port(self) -> int:
        """Give the port it comes in on."""
        return PORTS[self.scheme]


def answer(avi: AviView, request: Request) -> JsonObject:
    """Say what a request gets: `servers` (each with ip and port), `redirect`, or `nothing`; and `by` whom.

    `disagreement` is there if two policy sets of one virtual service would give different answers.
    """
    service = _service(avi, request)
    if service is None:
        return {"nothing": True}
    found = [_acted(avi, rule) for rules in _policies(avi, service) if (rule := _first(rules, request))]
    by = {"by": service["name"]}
    if found:
        others = [other for other in found if other != found[0]]
        return {**found[0], **by, **({"disagreement": others} if others else {})}
    pools = _selected(avi, service, request)
    servers = [server for pool in pools for server in servers_of(pool)]
    return {"servers": servers, **by} if pools else {"nothing": True, **by}


def is_let_in(avi: AviView, service: JsonObject, ip: str, port: int | None) -> bool:
    """Say whether the network security policy of a virtual service lets a client in; without one all are."""
    policy = avi.follow(service["network_security_policy_ref"]) if "network_security_policy_ref" in service else None
    wanted = port if port is not None else service["services"][0]["port"]
    for rule in sorted((policy or {}).get("rules", ()), key=lambda rule: int(rule["index"])):
        if rule.get("enable", True) and _is_of(rule["match"], ip, wanted):
            return bool(rule["action"] == "NETWORK_SECURITY_POLICY_ACTION_TYPE_ALLOW")
    return True


def servers_of(pool: JsonObject) -> list[JsonObject]:
    """Give the servers of a pool."""
    return [
        {"ip": server["ip"]["addr"], "port": server.get("port", pool.get("default_server_port"))}
        for server in pool.get("servers", ())
    ]


def pools_of_group(avi: AviView, group: JsonObject | None) -> list[JsonObject]:
    """Give the pools of a pool group."""
    return avi.follow_all(member["pool_ref"] for member in (group or {}).get("members", ()))


def _service(avi: AviView, request: Request) -> JsonObject | None:
    """Give the virtual service that a request gets to."""
    named = [(item, info["fqdn"]) for item in avi.all("vsvip") for info in item.get("dns_info", ())]
    vsvip = _best(request.host, named)
    if vsvip is None:
        return None
    on_it = [item for item in avi.all("virtualservice") if avi.name_of(item.get("vsvip_ref")) == vsvip["name"]]
    listening = [item for item in on_it if any(_listens(entry, request.port) for entry in item.get("services", ()))]
    service = listening[0] if listening else None
    if service is None or request.scheme != "https":
        return service
    children = [
        (item, name)
        for item in avi.all("virtualservice")
        if avi.name_of(item.get("vh_parent_vs_ref")) == service["name"]
        for name in item.get("vh_domain_name", ())
    ]
    return _best(request.host, children) or service


def _listens(entry: JsonObject, port: int) -> bool:
    first: int = entry["port"]
    last: int = entry.get("port_range_end", first)
    return first <= port <= last


def _best(host: str, named: Sequence[tuple[JsonObject, str]]) -> JsonObject | None:
    """Give what has a name, or else the longest domain with a star that the name is one label longer than."""
    for name in (host, f"*.{host.partition('.')[2]}"):
        found = next((item for item, other in named if other.lower() == name.lower()), None)
        if found is not None:
            return found
    return None


def _policies(avi: AviView, service: JsonObject) -> Iterator[list[JsonObject]]:
    """Give the rules of each policy set, in order."""
    for attached in sorted(service.get("http_policies", ()), key=lambda entry: int(entry["index"])):
        policy = (avi.follow(attached["http_policy_set_ref"]) or {}).get("http_request_policy", {})
        yield sorted(policy.get("rules", ()), key=lambda rule: int(rule["index"]))


def _first(rules: Sequence[JsonObject], request: Request) -> JsonObject | None:
    return next((rule for rule in rules if rule.get("enable", True) and matches(rule.get("match", {}), request)), None)


def matches(match: JsonObject, request: Request) -> bool:
    """Say whether all parts of a match are met; one of a kind that is not known here is an error."""
    return all(_PARTS[part](wanted, request) for part, wanted in match.items())


def _path(wanted: JsonObject, request: Request) -> bool:
    return _any_of(wanted, request.path, wanted["match_criteria"], wanted.get("match_str", ()))


def _host(wanted: JsonObject, request: Request) -> bool:
    return _header(wanted, request.host)


def _headers(wanted: Sequence[JsonObject], request: Request) -> bool:
    values = {"host": request.host}
    return all(_header(entry, values.get(entry["hdr"].lower(), "")) for entry in wanted)


def _header(wanted: JsonObject, text: str) -> bool:
    criteria, is_wanted = _HEADERS[wanted["match_criteria"]]
    return _any_of(wanted, text, criteria, wanted.get("value", ())) is is_wanted


_HEADERS: Mapping[str, tuple[str, bool]] = {
    "HDR_EQUALS": ("EQUALS", True),
    "HDR_BEGINS_WITH": ("BEGINS_WITH", True),
    "HDR_ENDS_WITH": ("ENDS_WITH", True),
    "HDR_CONTAINS": ("CONTAINS", True),
    "HDR_DOES_NOT_EQUAL": ("EQUALS", False),
    "HDR_DOES_NOT_BEGIN_WITH": ("BEGINS_WITH", False),
    "HDR_DOES_NOT_END_WITH": ("ENDS_WITH", False),
    "HDR_DOES_NOT_CONTAIN": ("CONTAINS", False),
}


def _any_of(wanted: JsonObject, text: str, criteria: str, values: Sequence[str]) -> bool:
    folds = wanted.get("match_case", "INSENSITIVE") == "INSENSITIVE"
    compared = text.lower() if folds else text
    return any(CRITERIA[criteria](compared, value.lower() if folds else value) for value in values)


def _is_in(wanted: JsonObject, value: Any, values: Sequence[Any]) -> bool:
    return (value in values) is (wanted.get("match_criteria", "IS_IN") == "IS_IN")


_PARTS: Mapping[str, Callable[[Any, Request], bool]] = {
    "host_hdr": _host,
    "hdrs": _headers,
    "path": _path,
    "vs_port": lambda wanted, request: _is_in(wanted, request.port, wanted["ports"]),
    "method": lambda wanted, request: _is_in(wanted, f"HTTP_METHOD_{request.method}", wanted["methods"]),
}


def _acted(avi: AviView, rule: JsonObject) -> JsonObject:
    """Give what a rule does."""
    if redirect := rule.get("redirect_action"):
        return {"redirect": redirect["protocol"].lower()}
    switch = rule["switching_action"]
    pools = [*avi.follow_all([switch.get("pool_ref")]), *pools_of_group(avi, _followed(avi, switch, "pool_group_ref"))]
    return {"servers": [server for pool in pools for server in servers_of(pool)]}


def _selected(avi: AviView, service: JsonObject, request: Request) -> list[JsonObject]:
    """Give the pools that the DataScript picks by the longest label, else those of the virtual service itself."""
    scripts = avi.follow_all(entry["vs_datascript_set_ref"] for entry in service.get("vs_datascripts", ()))
    for item in scripts:
        text = "".join(script["script"] for script in item.get("datascript", ()))
        path = request.path if CASE_OF_PATHS_COUNTS in text else request.path.lower()
        label = f"{request.host.lower()}{path}"
        members = [m for group in avi.follow_all(item.get("pool_group_refs", ())) for m in group.get("members", ())]
        fitting = [member for member in members if label.startswith(member.get("priority_label", "\0"))]
        longest = max((len(member["priority_label"]) for member in fitting), default=0)
        return avi.follow_all(m["pool_ref"] for m in fitting if len(m["priority_label"]) == longest)
    return [
        *avi.follow_all([service.get("pool_ref")]),
        *pools_of_group(avi, _followed(avi, service, "pool_group_ref")),
    ]


def _followed(avi: AviView, item: JsonObject, field: str) -> JsonObject | None:
    return avi.follow(item[field]) if item.get(field) else None


def _is_of(match: JsonObject, ip: str, port: int) -> bool:
    """Say whether a client is one that a rule of a network security policy is for."""
    client, is_met = match.get("client_ip"), True
    if client:
        address = ipaddress.ip_address(ip)
        networks = [f"{entry['ip_addr']['addr']}/{entry['mask']}" for entry in client.get("prefixes", ())]
        networks += [entry["addr"] for entry in client.get("addrs", ())]
        is_inside = any(address in ipaddress.ip_network(network, strict=False) for network in networks)
        ranges = [(entry["begin"]["addr"], entry["end"]["addr"]) for entry in client.get("ranges", ())]
        is_inside |= any(_between(ip, *pair) for pair in ranges)
        is_met = is_inside == (client["match_criteria"] == "IS_IN")
    if ports := match.get("vs_port"):
        is_met &= (port in ports["ports"]) == (ports["match_criteria"] == "IS_IN")
    return bool(is_met)


def _between(ip: str, begin: str, end: str) -> bool:
    first, last, address = (ipaddress.ip_address(text) for text in (begin, end, ip))
    return int(first) <= int(address) <= int(last) and first.version == address.version
