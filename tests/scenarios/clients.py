"""What a client of the load balancer gets, by the objects on the Controller, as a Service Engine would go through them.

host ─▶ VsVip with that DNS name ─▶ virtual service on the port ─▶ (TLS) SNI child of the host
     ─▶ policy sets by number, rules by number ─▶ DataScript: the longest label ─▶ default pool group or pool
     ─▶ (layer 4) the rule of the port
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

LOOK_UPS = ('string.lower(host .. "/" .. path)', 'string.lower(host) .. "/" .. path')
"""What a script looks up: host and path in lower case, or the path as it is."""

Compare = Callable[[str, str], bool]

CRITERIA: Mapping[str, Compare] = {
    "EQUALS": str.__eq__,
    "BEGINS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": str.__contains__,
}

PARENT = "VS_TYPE_VH_PARENT"


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
    pools = _balanced(avi, service, request) if service.get("l4_policies") else _selected(avi, service, request)
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
    """Give the virtual service that a request gets to; over TLS a parent hands on to its children alone."""
    named = [(item, info["fqdn"]) for item in avi.all("vsvip") for info in item.get("dns_info", ())]
    vsvip = _best(request.host, named)
    if vsvip is None:
        return None
    for item in avi.all("virtualservice"):
        if avi.name_of(item.get("vsvip_ref")) == vsvip["name"] and _listens(item, request.port):
            is_handed_on = request.scheme == "https" and item.get("type") == PARENT
            return _child(avi, item["name"], request.host) if is_handed_on else item
    return None


def _child(avi: AviView, parent: str, host: str) -> JsonObject | None:
    children = [item for item in avi.all("virtualservice") if avi.name_of(item.get("vh_parent_vs_ref")) == parent]
    return _best(host, [(item, name) for item in children for name in item.get("vh_domain_name", ())])


def _listens(service: JsonObject, port: int) -> bool:
    listening = service.get("services", ())
    return any(entry["port"] <= port <= entry.get("port_range_end", entry["port"]) for entry in listening)


def _best(host: str, named: Sequence[tuple[JsonObject, str]]) -> JsonObject | None:
    """Give what has a name, else what has the longest domain with a star that the name is under."""
    found: JsonObject | None = None
    longest = 0
    for item, name in named:
        if name.lower() == host.lower():
            return item
        if name.startswith("*.") and host.lower().endswith(name[1:].lower()) and len(name) > longest:
            found, longest = item, len(name)
    return found


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
    if criteria == "REGEX_MATCH":  # "\\W" in lower case would be another pattern
        return any(re.search(value, text, re.IGNORECASE if folds else 0) for value in values)
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


def _balanced(avi: AviView, service: JsonObject, request: Request) -> list[JsonObject]:
    """Give the pools that layer 4 leads a connection to: those of the first rule for its port and protocol."""
    for attached in sorted(service["l4_policies"], key=lambda entry: int(entry["index"])):
        rules = (avi.follow(attached["l4_policy_set_ref"]) or {}).get("l4_connection_policy", {}).get("rules", ())
        for rule in sorted(rules, key=lambda rule: int(rule["index"])):
            if rule.get("enable", True) and all(_L4_PARTS[part](it, request) for part, it in rule["match"].items()):
                choice = rule["action"]["select_pool"]
                group = _followed(avi, choice, "pool_group_ref")
                return [*avi.follow_all([choice.get("pool_ref")]), *pools_of_group(avi, group)]
    return []


_L4_PARTS: Mapping[str, Callable[[Any, Request], bool]] = {
    "port": lambda wanted, request: _is_in(wanted, request.port, wanted["ports"]),
    "protocol": lambda wanted, _: _is_in(wanted, wanted["protocol"], ["PROTOCOL_TCP"]),
}


def _selected(avi: AviView, service: JsonObject, request: Request) -> list[JsonObject]:
    """Give the pools that a DataScript picks by the longest label, else those of the virtual service itself."""
    for item in avi.follow_all(entry["vs_datascript_set_ref"] for entry in service.get("vs_datascripts", ())):
        label = _looked_up(item, request)
        members = [m for group in avi.follow_all(item.get("pool_group_refs", ())) for m in group.get("members", ())]
        fitting = [member for member in members if label.startswith(member.get("priority_label", "\0"))]
        longest = max((len(member["priority_label"]) for member in fitting), default=0)
        if fitting:
            return avi.follow_all(m["pool_ref"] for m in fitting if len(m["priority_label"]) == longest)
    return [
        *avi.follow_all([service.get("pool_ref")]),
        *pools_of_group(avi, _followed(avi, service, "pool_group_ref")),
    ]


def _looked_up(item: JsonObject, request: Request) -> str:
    """Give what a DataScript looks up for a request; a script that looks up something else is an error."""
    text = "".join(script["script"] for script in item.get("datascript", ()))
    found = [look_up for look_up in LOOK_UPS if look_up in text]
    if len(found) != 1:
        raise ValueError(f"DataScript {item['name']} looks up neither or both of {LOOK_UPS}")
    folds_path = found[0] == LOOK_UPS[0]
    return f"{request.host.lower()}{request.path.lower() if folds_path else request.path}"


def _followed(avi: AviView, item: JsonObject, field: str) -> JsonObject | None:
    return avi.follow(item[field]) if item.get(field) else None


def _is_of(match: JsonObject, ip: str, port: int) -> bool:
    """Say whether a client is one that a rule of a network security policy is for; an unknown part is an error."""
    parts: Mapping[str, Callable[[JsonObject], bool]] = {
        "client_ip": lambda wanted: _holds(wanted, ip) is (wanted["match_criteria"] == "IS_IN"),
        "vs_port": lambda wanted: _is_in(wanted, port, wanted["ports"]),
    }
    return all(parts[part](wanted) for part, wanted in match.items())


def _holds(wanted: JsonObject, ip: str) -> bool:
    """Say whether an address is in one of the networks, addresses or ranges of a match."""
    forms: Mapping[str, Callable[[JsonObject], bool]] = {
        "prefixes": lambda entry: _within(ip, f"{entry['ip_addr']['addr']}/{entry['mask']}"),
        "addrs": lambda entry: _within(ip, entry["addr"]),
        "ranges": lambda entry: _between(ip, entry["begin"]["addr"], entry["end"]["addr"]),
    }
    named = {form: entries for form, entries in wanted.items() if form != "match_criteria"}
    return any(forms[form](entry) for form, entries in named.items() for entry in entries)


def _within(ip: str, network: str) -> bool:
    return ipaddress.ip_address(ip) in ipaddress.ip_network(network, strict=False)


def _between(ip: str, begin: str, end: str) -> bool:
    first, last, address = (ipaddress.ip_address(text) for text in (begin, end, ip))
    return int(first) <= int(address) <= int(last) and first.version == address.version
