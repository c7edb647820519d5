"""Why no request can tell some mutations: a table of what is changed, when it is true, and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.traffic.mutations.changes import Mutation
from tests.traffic.mutations.setting import Setting

Holds = Callable[[Mutation, Setting], bool]


def _always(_: Mutation, __: Setting) -> bool:
    return True


@dataclass(frozen=True)
class Reason:
    """A reason.

    Attributes:
        text: why no request can tell.
        kinds: types of objects, with `*` for any, in one text.
        paths: fields, with `*` for any text, separated by spaces; `-` is the whole object.
        deeds: what is done to them.
        holds: says whether it is true of a mutation; the reason counts only then.
    """

    text: str
    kinds: str
    paths: str
    deeds: str = "*"
    holds: Holds = _always

    @property
    def is_checked(self) -> bool:
        """Say whether it is looked whether it is true of each mutation."""
        return self.holds is not _always

    def explains(self, mutation: Mutation, setting: Setting) -> bool:
        """Say whether this is why nobody noticed a mutation."""
        return (
            _fits(self.kinds, mutation.kind)
            and _fits(self.paths, mutation.path or "-")
            and _fits(self.deeds, mutation.deed)
            and self.holds(mutation, setting)
        )


def _fits(patterns: str, text: str) -> bool:
    # A `[` of a path is itself, and no choice of letters.
    return any(fnmatchcase(text.replace("[", "<"), one.replace("[", "<")) for one in patterns.split())


def reason_for(mutation: Mutation, setting: Setting) -> str:
    """Give why nobody noticed a mutation, empty if no reason is known."""
    return next((one.text for one in REASONS if one.explains(mutation, setting)), "")


def _is_of_silent_port(mutation: Mutation, setting: Setting) -> bool:
    return setting.is_silent(mutation)


COLON = 'string.find(host, ":", 1, true)'
ELSEWHERE = "no label has a path but the root, so that only the beginning of what is looked up matters"
"""Counts only for what is noticed in another state, where labels have paths."""

REASONS = (
    Reason(
        "whose an object is, and what it was made of: for the product and for people, not for requests",
        "*",
        "markers* created_by service_metadata cloud_config_cksum",
    ),
    Reason(
        "a name: for people, for the log, and for the product to find its objects again",
        "*",
        "name *.rules[].name rules[].name",
        holds=lambda mutation, setting: mutation.kind != "poolgroup" or not setting.is_chosen_by_name(mutation),
    ),
    Reason(
        "where the Controller places it and has its address from; it is placed, and has its address, when it is asked",
        "*",
        "cloud_ref vrf_ref vrf_context_ref tenant_ref se_group_ref placement_networks* enable_rhi east_west_placement "
        "vip[].auto_allocate* vip[].ipam_network_subnet* vip[].vip_id vip[].discovered_networks* vip[].avi_allocated* "
        "vip[].prefix_length",
    ),
    Reason(
        "the DNS service is not modelled: a name leads to the addresses of its VsVip",
        "vsvip",
        "dns_info[].type dns_info[].ttl dns_info[].algorithm dns_info[].num_records_in_response",
    ),
    Reason(
        "a parent that has no children serves as any other",
        "virtualservice",
        "type",
        holds=lambda mutation, setting: "CHILD" not in mutation.detail and not setting.has_children(mutation),
    ),
    Reason("the text of an address says its family too", "*", "*ip.type *addr.type *ip_address.type"),
    Reason("what the Controller sorts certificates by", "sslkeyandcertificate", "type"),
    Reason("lists of revoked certificates are not modelled", "pkiprofile", "crl_check"),
    Reason(
        "how TCP is spoken with clients is not modelled, and a child is entered through its parent",
        "virtualservice",
        "network_profile_ref",
        holds=lambda mutation, setting: not setting.turns_to_udp(mutation),
    ),
    Reason(
        "of HTTP profiles the data plane knows what becomes of X-Forwarded-For, which is the same in all of these",
        "virtualservice",
        "application_profile_ref",
        holds=lambda mutation, setting: setting.keeps_forwarding(mutation),
    ),
    Reason(
        "over UDP neither HTTP nor TLS is spoken",
        "virtualservice",
        "application_profile_ref services[].enable_ssl",
        holds=lambda mutation, setting: setting.is_udp(mutation),
    ),
    Reason(
        "a port whose virtual service has no server that is up closes connections here, and is not taken away",
        "virtualservice",
        "remove_listening_port_on_vs_down",
    ),
    Reason(
        "these servers are not called over TLS",
        "pool",
        "sni_enabled",
        holds=lambda mutation, setting: not setting.calls_over_tls(mutation),
    ),
    Reason(
        "at each port that there is the same rule is chosen",
        "l4policyset",
        "*rules[]*",
        holds=lambda mutation, setting: setting.chooses_the_same_by_port(mutation),
    ),
    Reason(
        "at each port that there is the rule is asked all the same (at those of TLS the children of a parent are)",
        "httppolicyset networksecuritypolicy",
        "*match.vs_port",
        "dropped",
        holds=lambda mutation, setting: setting.names_all_ports(mutation),
    ),
    Reason(
        "a criterion that is left out is IS_IN here, as it was",
        "httppolicyset l4policyset networksecuritypolicy",
        "*match_criteria",
        "dropped",
        holds=lambda mutation, setting: setting.was(mutation, value="IS_IN"),
    ),
    Reason(
        "HTTPS has that port anyway",
        "httppolicyset",
        "*redirect_action.port",
        "dropped",
        holds=lambda mutation, setting: setting.was(mutation, value=443),
    ),
    Reason(
        "a rule counts here unless it is switched off",
        "networksecuritypolicy httppolicyset",
        "*rules[].enable",
        "dropped",
        holds=lambda mutation, setting: setting.was(mutation, value=True),
    ),
    Reason(
        "a client for whom the data plane does not know what to do is turned away, as by DENY",
        "networksecuritypolicy",
        "rules[].action",
        holds=lambda mutation, setting: "ALLOW" not in mutation.detail,
    ),
    Reason(
        "bits of an address behind its mask mean nothing",
        "networksecuritypolicy",
        "*prefixes[].ip_addr.addr",
        holds=lambda mutation, setting: setting.has_same_networks(mutation),
    ),
    Reason("versions and ciphers of TLS are not modelled", "pool virtualservice", "ssl_profile_ref", "changed"),
    Reason(
        "nobody is served there, so that nobody can be served wrongly",
        "virtualservice vsvip vsdatascriptset poolgroup httppolicyset l4policyset networksecuritypolicy",
        "*",
        holds=_is_of_silent_port,
    ),
    Reason(
        "these have no order: which one stands first means nothing",
        "*",
        "services[] dns_info[] vip[] servers[] members[] pool_group_refs[] protocol_parser_refs[] "
        "health_monitor_refs[] *match_str[] *value[] vh_domain_name[] ca_certs[] *prefixes[] *ports[] *addrs[]",
        "reordered",
    ),
    Reason(
        "their indexes give the order, and they stay",
        "*",
        "http_policies[] l4_policies[] vs_datascripts[] *rules[]",
        "reordered",
        holds=lambda mutation, setting: setting.keeps_order(mutation),
    ),
    Reason(
        "the order stays what it was, with another number",
        "*",
        "*index",
        holds=lambda mutation, setting: setting.keeps_order(mutation),
    ),
    Reason(
        "no request fits both of the rules that changed places",
        "httppolicyset l4policyset networksecuritypolicy",
        "*index",
        holds=lambda mutation, setting: setting.swaps_exclusive_rules(mutation),
    ),
    Reason(
        "it is alone: whatever it weighs, it gets everything",
        "poolgroup pool",
        "members[].ratio servers[].ratio",
        holds=lambda mutation, setting: setting.is_alone(mutation),
    ),
    Reason(
        "no label is looked up in a group that a rule chooses, or that has no members",
        "poolgroup",
        "implicit_priority_labels",
        holds=lambda mutation, setting: not setting.has_labels(mutation),
    ),
    Reason(
        "a server that does not accept is passed over when it is called too; a monitor shows where another is left",
        "pool",
        "health_monitor_refs*",
        holds=lambda mutation, setting: not setting.shares_group(mutation),
    ),
    Reason(
        "pools with the same servers take its requests, or get them",
        "pool poolgroup httppolicyset l4policyset",
        "- servers* members* *switching_action.pool_group_ref *pool_ref",
        holds=lambda mutation, setting: setting.has_twins(mutation),
    ),
    Reason(
        "a pool without a server answers like one that is not there",
        "pool",
        "-",
        holds=lambda mutation, setting: not setting.has_servers(mutation),
    ),
    Reason(
        "a pool without a server is passed over, wherever it stands beside one that has some",
        "poolgroup",
        "members*",
        holds=lambda mutation, setting: setting.is_of_empty_pools(mutation),
    ),
    Reason(
        "a path without letters is the same in capitals",
        "httppolicyset",
        "*path.match_case",
        holds=lambda mutation, setting: setting.is_root(mutation),
    ),
    Reason(
        "every path begins with a slash, and a rule before has the path that is nothing else",
        "httppolicyset",
        "*match.path *path.match_criteria",
        holds=lambda mutation, setting: setting.is_root(mutation) and "EQUALS →" not in mutation.detail,
    ),
    Reason("every monitor of TCP is a connection here", "pool", "health_monitor_refs[]", "changed"),
    Reason("a comment", "vsdatascriptset", "*script", "line?dropped", lambda mutation, _: mutation.detail[:2] == "--"),
    Reason(
        "a colon means itself in a pattern too, and no host begins with one",
        "vsdatascriptset",
        "*script",
        "word?changed",
        lambda mutation, _: mutation.detail.startswith(("1 → 2 in ", "true → false in ")) and COLON in mutation.detail,
    ),
    Reason(
        "it writes a line of the log",
        "vsdatascriptset",
        "*script",
        holds=lambda mutation, _: "avi.vs.log(" in mutation.detail,
    ),
    Reason(
        "a connection for which a script of layer 4 chooses nothing, or fails, is closed too",
        "vsdatascriptset",
        "*script",
        holds=lambda mutation, _: any(text in mutation.detail for text in ("avi.vs.close_conn", "server == nil")),
    ),
    Reason(
        "the script has ended by itself there",
        "vsdatascriptset",
        "*script",
        holds=lambda mutation, _: "avi.l4.ds_done" in mutation.detail,
    ),
    Reason(
        "how many bytes are waited for first: whoever wants more waits again",
        "vsdatascriptset",
        "*script",
        "word?changed",
        lambda mutation, _: mutation.detail.startswith("20 → 21 in "),
    ),
    Reason(
        "what stands for the root path is looked up as it is; only a label of just that text would differ",
        "vsdatascriptset",
        "*script",
        "word?changed",
        lambda mutation, setting: mutation.detail.startswith('"" → "x" in ') and not setting.has_label("/x"),
    ),
    Reason(
        ELSEWHERE,
        "vsdatascriptset",
        "*script",
        holds=lambda mutation, setting: setting.has_bare_labels_alone(mutation),
    ),
)
