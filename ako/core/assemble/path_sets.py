"""Rules of hosts for plain HTTP → ordered policy sets of their shared virtual service. Pure.

Order is only defined inside a policy set, and matters inside a host; so a host is in one set with all its rules, which
one follows from its name. Nobody moves when others come or go, and a change of one rewrites one set.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from ako.core.hooks.host_names import domain_under
from ako.core.hooks.site import Site
from ako.core.hooks.translation import Contribution
from ako.core.model import HeaderMatch, HTTPPolicySet, RequestPolicy, RequestRule, in_order

SETS = 8
"""Policy sets of one virtual service for paths. It takes some 16, of which others and operators want some."""

MAX_RULES = 1_000
"""Rules in one of them: a host for whose rules there is no room is left out by itself."""

FIRST_INDEX = 3
"""Their numbers are below that of the redirects of whole hosts, 11: while something is in doubt, a path of a host that
is redirected otherwise may have to stay served. What an operator puts first has room before."""


def path_set_names(parent: str) -> tuple[str, ...]:
    """Give the names of all policy sets for paths that a virtual service may have."""
    return tuple(f"{parent}-paths-{number}" for number in range(SETS))


def parent_of(name: str) -> str:
    """Give the virtual service whose policy set for paths has a name; empty if none can have it."""
    parent = name.rpartition("-paths-")[0]
    return parent if name in path_set_names(parent) else ""


def path_sets(site: Site, parent: str, parts: Sequence[Contribution]) -> Iterator[tuple[int, HTTPPolicySet]]:
    """Build the policy sets that there are rules for, each with its number on the virtual service."""
    filed: dict[int, list[RequestRule]] = {}
    for part in parts:
        for rule in part.rules:
            filed.setdefault(set_of(rule), []).append(rule)
    domains = {domain for rules in filed.values() for rule in rules if (domain := _domain_of(rule))}
    fqdns = (fqdn for part in parts for fqdn in part.fqdns) if domains else ()
    exact = {fqdn for fqdn in fqdns if not domain_under(fqdn)}
    names = path_set_names(parent)
    for number, rules in sorted(filed.items()):
        policy = RequestPolicy(in_order(_beside(rule, exact, domains) for rule in rules))
        policies = HTTPPolicySet(name=names[number], created_by=site.names.created_by, http_request_policy=policy)
        yield FIRST_INDEX + number, policies


def set_of(rule: RequestRule) -> int:
    """Give the number of the policy set that a rule is in: that of its host."""
    host = rule.match.host_hdr.value[0] if rule.match.host_hdr else ""
    return int.from_bytes(hashlib.md5(host.encode(), usedforsecurity=False).digest()[:4]) % SETS


def has_room(rules: Sequence[RequestRule], taken: Counter[int]) -> bool:
    """Say whether there is room for a host's rules, and take it if so; `taken` counts rules by policy set."""
    if not rules:
        return True
    number = set_of(rules[0])
    if taken[number] + len(rules) > MAX_RULES:
        return False
    taken[number] += len(rules)
    return True


def _domain_of(rule: RequestRule) -> str:
    """Give the domain that a rule is for all names under, with its dot; empty if it is for other hosts."""
    return next((f".{domain}" for host in rule.hosts if (domain := domain_under(host))), "")


def _beside(rule: RequestRule, exact: Iterable[str], domains: Iterable[str]) -> RequestRule:
    """Keep a rule for names under a domain from names that hosts have, and from domains, that are more exact."""
    if not (domain := _domain_of(rule)):
        return rule
    hosts = tuple(sorted(host for host in exact if host.endswith(domain)))
    longer = tuple(sorted(other for other in domains if other != domain and other.endswith(domain)))
    headers = (
        *((HeaderMatch("Host", "HDR_DOES_NOT_EQUAL", hosts),) if hosts else ()),
        *((HeaderMatch("Host", "HDR_DOES_NOT_END_WITH", longer),) if longer else ()),
    )
    return replace(rule, match=replace(rule.match, hdrs=(*(rule.match.hdrs or ()), *headers) or UNSET))
