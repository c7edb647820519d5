"""A virtual service as a scenario describes it: what it listens on, what it uses, and what hangs on it.

Called by the expectations. Each function of `FIELDS` gives one field in full; the comparison takes from it what
the scenario states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from tests.scenarios.avi_view import AviView
from tests.scenarios.scenario import JsonObject

TYPES = {"VS_TYPE_VH_PARENT": "parent", "VS_TYPE_VH_CHILD": "child", "VS_TYPE_NORMAL": "normal"}

# What Avi takes when the field is not set.
DEFAULT_TYPE = "VS_TYPE_NORMAL"
DEFAULT_RATIO = 1


class VirtualService:
    """One virtual service with everything it reaches."""

    def __init__(self, avi: AviView, body: JsonObject) -> None:
        self.avi = avi
        self.body = body

    @cached_property
    def vsvip(self) -> JsonObject:
        """Its VsVip, or an empty object."""
        return next(iter(self.avi.follow_all([self.body.get("vsvip_ref")])), {})

    @cached_property
    def certificates(self) -> list[JsonObject]:
        """Its certificates."""
        return self.avi.follow_all(self.body.get("ssl_key_and_certificate_refs", []))

    @cached_property
    def datascripts(self) -> list[JsonObject]:
        """Its DataScript sets."""
        return self.avi.follow_all(entry.get("vs_datascript_set_ref") for entry in self.body.get("vs_datascripts", []))

    @cached_property
    def http_policies(self) -> list[JsonObject]:
        """Its HTTP policy sets."""
        return self.avi.follow_all(entry.get("http_policy_set_ref") for entry in self.body.get("http_policies", []))

    @cached_property
    def l4_policies(self) -> list[JsonObject]:
        """Its layer-4 policy sets."""
        return self.avi.follow_all(entry.get("l4_policy_set_ref") for entry in self.body.get("l4_policies", []))

    @property
    def datascript_poolgroup_refs(self) -> list[str]:
        """References to the pool groups that its DataScripts may select."""
        return [reference for item in self.datascripts for reference in item.get("pool_group_refs", [])]

    @cached_property
    def _choices(self) -> list[JsonObject]:
        """Everything that holds a pool_ref or pool_group_ref of its own: the virtual service and its policy actions."""
        http = [rule.get("switching_action", {}) for item in self.http_policies for rule in http_rules(item)]
        layer4 = [rule.get("action", {}).get("select_pool", {}) for item in self.l4_policies for rule in l4_rules(item)]
        return [self.body, *http, *layer4]

    @cached_property
    def poolgroups(self) -> list[JsonObject]:
        """Every pool group it uses."""
        own = [choice.get("pool_group_ref") for choice in self._choices]
        return self.avi.follow_all([*own, *self.datascript_poolgroup_refs])

    @cached_property
    def members(self) -> list[JsonObject]:
        """Every member of every pool group it uses."""
        return [member for group in self.poolgroups for member in group.get("members", [])]

    @cached_property
    def pools(self) -> list[JsonObject]:
        """Every pool it uses."""
        own = [choice.get("pool_ref") for choice in self._choices]
        datascripts = [reference for item in self.datascripts for reference in item.get("pool_refs", [])]
        return self.avi.follow_all([*own, *datascripts, *(member.get("pool_ref") for member in self.members)])

    @property
    def fqdns(self) -> list[str]:
        """The DNS names of its VsVip."""
        return sorted(entry["fqdn"] for entry in self.vsvip.get("dns_info", []))


def http_rules(policy: JsonObject) -> list[JsonObject]:
    """Give the request rules of an HTTP policy set."""
    rules: list[JsonObject] = policy.get("http_request_policy", {}).get("rules", [])
    return rules


def l4_rules(policy: JsonObject) -> list[JsonObject]:
    """Give the rules of a layer-4 policy set."""
    rules: list[JsonObject] = policy.get("l4_connection_policy", {}).get("rules", [])
    return rules


def _services(service: VirtualService) -> list[JsonObject]:
    return [
        {"port": entry["port"], "ssl": entry.get("enable_ssl", False)} for entry in service.body.get("services", [])
    ]


def _member(avi: AviView, member: JsonObject) -> JsonObject:
    return {
        "pool": avi.name_of(member.get("pool_ref")),
        "priority_label": member.get("priority_label"),
        "ratio": member.get("ratio", DEFAULT_RATIO),
    }


def _poolgroups(service: VirtualService) -> list[JsonObject]:
    return [
        {"name": group["name"], "members": [_member(service.avi, member) for member in group.get("members", [])]}
        for group in service.poolgroups
    ]


def _one_or_all(values: list[object]) -> object:
    """Give the value that all memberships agree on, None without any, else the list of different ones."""
    different = list(dict.fromkeys(values))
    if not different:
        return None
    return different[0] if len(different) == 1 else different


def _pool(service: VirtualService, pool: JsonObject) -> JsonObject:
    avi = service.avi
    seen = [_member(avi, member) for member in service.members]
    memberships = [member for member in seen if member["pool"] == pool["name"]]
    return {
        "name": pool["name"],
        "servers": [
            {"ip": server["ip"]["addr"], "port": server.get("port", pool.get("default_server_port"))}
            for server in pool.get("servers", [])
        ],
        "priority_label": _one_or_all([member["priority_label"] for member in memberships]),
        "ratio": _one_or_all([member["ratio"] for member in memberships]),
        "sni_enabled": pool.get("sni_enabled"),
        "ssl_profile": avi.name_of(pool.get("ssl_profile_ref")),
        "pki_profile": avi.name_of(pool.get("pki_profile_ref")),
    }


def _criteria(match: JsonObject | None, values: str) -> JsonObject | None:
    if match is None:
        return None
    return {"criteria": match.get("match_criteria"), "case": match.get("match_case"), "values": match.get(values, [])}


def _ports(match: JsonObject | None) -> list[int] | JsonObject | None:
    """Give the ports that a rule is for; a match that excludes them is shown as it is."""
    if match is None or match.get("match_criteria") != "IS_IN":
        return match
    ports: list[int] = match.get("ports", [])
    return ports


def _redirect(action: JsonObject | None) -> JsonObject | None:
    if action is None:
        return None
    return {"protocol": action.get("protocol"), "port": action.get("port"), "status": action.get("status_code")}


def _http_rule(avi: AviView, rule: JsonObject) -> JsonObject:
    match = rule.get("match", {})
    return {
        "name": rule.get("name"),
        "host_match": _criteria(match.get("host_hdr"), "value"),
        "path_match": _criteria(match.get("path"), "match_str"),
        "vs_port": _ports(match.get("vs_port")),
        "switch_poolgroup": avi.name_of(rule.get("switching_action", {}).get("pool_group_ref")),
        "redirect": _redirect(rule.get("redirect_action")),
    }


def _http_policies(service: VirtualService) -> list[JsonObject]:
    return [
        {"name": item["name"], "rules": [_http_rule(service.avi, rule) for rule in http_rules(item)]}
        for item in service.http_policies
    ]


def _l4_rule(avi: AviView, rule: JsonObject) -> list[JsonObject]:
    """Give what a layer-4 rule does with each of its ports."""
    match = rule.get("match", {})
    pool = avi.name_of(rule.get("action", {}).get("select_pool", {}).get("pool_ref"))
    protocol = match.get("protocol", {}).get("protocol")
    ports = _ports(match.get("port"))
    each = ports if isinstance(ports, list) else [ports]
    return [{"port": port, "protocol": protocol, "pool": pool} for port in each]


def _l4_policies(service: VirtualService) -> list[JsonObject]:
    return [
        {"name": item["name"], "rules": [entry for rule in l4_rules(item) for entry in _l4_rule(service.avi, rule)]}
        for item in service.l4_policies
    ]


def _children(service: VirtualService) -> list[str]:
    everyone = service.avi.all("virtualservice")
    return [
        item["name"] for item in everyone if service.avi.name_of(item.get("vh_parent_vs_ref")) == service.body["name"]
    ]


def _vip(service: VirtualService) -> object:
    vips = service.vsvip.get("vip", [])
    return vips[0].get("ip_address", {}).get("addr") if vips else None


def _ca_certificates(service: VirtualService) -> list[str]:
    return service.avi.names_of(
        entry.get("ca_ref") for certificate in service.certificates for entry in certificate.get("ca_certs", [])
    )


def _type(service: VirtualService) -> str:
    value = str(service.body.get("type", DEFAULT_TYPE))
    return TYPES.get(value, value)


def _name_behind(field: str) -> Callable[[VirtualService], object]:
    return lambda service: service.avi.name_of(service.body.get(field))


FIELDS: Mapping[str, Callable[[VirtualService], object]] = {
    "type": _type,
    "tenant": _name_behind("tenant_ref"),
    "services": _services,
    "pools": lambda service: [_pool(service, pool) for pool in service.pools],
    "poolgroups": _poolgroups,
    "children": _children,
    "parent": _name_behind("vh_parent_vs_ref"),
    "vh_domain_name": lambda service: service.body.get("vh_domain_name", []),
    "ssl_certs": lambda service: service.avi.names_of(service.body.get("ssl_key_and_certificate_refs", [])),
    "ca_certs": _ca_certificates,
    "http_policies": _http_policies,
    "l4_policies": _l4_policies,
    "datascripts": lambda service: sorted(item["name"] for item in service.datascripts),
    "datascript_poolgroups": lambda service: service.avi.names_of(service.datascript_poolgroup_refs),
    "vsvip": _name_behind("vsvip_ref"),
    "vip_requested": _vip,
    "app_profile": _name_behind("application_profile_ref"),
    "network_profile": _name_behind("network_profile_ref"),
}
