"""Plain HTTP hosts: pools on the shared virtual service, chosen by a label of host and path, or by a rule.

A label is a prefix of the text and nothing else. What it cannot say is a rule of a policy set of the shared virtual
service: equality, elements of a path, names under a domain, and a redirect. Rules are asked before labels. So a path
that a label could serve needs a rule too where one for a shorter path would take its requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ako.core.hooks.claims import ServedRule, VirtualHost
from ako.core.hooks.host_names import domain_under
from ako.core.hooks.matching import BEGINS_WITH, Matching
from ako.core.hooks.translation import NamedRule
from ako.core.model import AviObject, PathMatch, PoolGroupMember, RequestRule
from ako.core.model.names import Names
from ako.core.settle.paths import precedence
from ako.core.translate.path_rules import redirects, suffix, switches
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import WantedRule


class InsecurePart(Struct, frozen=True):
    """What the plain HTTP rules of a host give."""

    objects: tuple[AviObject, ...] = ()
    members: tuple[PoolGroupMember, ...] = ()
    rules: tuple[RequestRule, ...] = ()


class Port80Entry(Struct, frozen=True):
    """A path of a host on port 80: what its requests are like, and whether a label can say that, or has to."""

    served: ServedRule
    patterns: tuple[PathMatch | None, ...]
    is_redirect: bool = False
    has_label: bool = False
    has_rule: bool = False


def wanted_insecure(
    host: VirtualHost, entries: Iterable[Port80Entry], names: Names, matching: Matching
) -> list[WantedRule]:
    """Give the rules with their names; redirects have none."""
    return [
        WantedRule(
            entry.served,
            names.insecure_pool(host.host, entry.served.rule.path, entry.served.claim.source.namespaced_name)
            + suffix(entry.served, matching),
            has_group=entry.has_rule,
        )
        for entry in entries
        if not entry.is_redirect
    ]


def translate_insecure(
    host: VirtualHost, entries: Iterable[Port80Entry], named: Iterable[NamedRule], builder: PoolBuilder
) -> InsecurePart:
    """Build a pool per backend, with its labelled member in the pool group of the shared virtual service, or rules.

    In mode `ako` labels are in lower case because the DataScript looks them up in lower case.
    """
    matching = builder.site.plain_matching
    objects: list[AviObject] = []
    members: list[PoolGroupMember] = []
    rules: list[RequestRule] = []
    left = iter(named)
    for entry in entries:
        path, is_exact = matching.key(entry.served.rule)
        if entry.is_redirect:
            name = f"{builder.site.names.host(host.host)}{path}"
            rules += redirects(host.host, name, entry.patterns, is_exact=is_exact)
            continue
        rule = next(left)
        built = tuple(builder.build_named(rule, host.host))
        objects += (item for pool in built for item in pool.objects)
        if entry.has_label:
            members += (pool.member(f"{host.host.lower()}{path}") for pool in built)
        if entry.has_rule:
            objects.append(builder.group(rule.name, built))
            rules += switches(host.host, rule, entry.patterns)
    return InsecurePart(tuple(objects), tuple(members), tuple(rules))


def port80_entries(host: VirtualHost, matching: Matching) -> list[Port80Entry]:
    """Give what is done on port 80, the longest path first, and how it is said."""
    both = [(served, False) for served in host.insecure] + [(served, True) for served in host.redirects]
    keys = [matching.key(served.rule) for served, _ in both]
    known = frozenset(keys)
    order = sorted(range(len(both)), key=lambda index: precedence(keys[index]))
    shorter: list[str] = []
    found: list[Port80Entry] = []
    for index in reversed(order):
        served, is_redirect = both[index]
        patterns = matching.patterns(served.rule, known)
        has_label = not is_redirect and not domain_under(host.host) and _is_prefix(patterns)
        path = keys[index][0].lower()
        has_rule = not has_label or any(path.startswith(other) for other in shorter)
        if has_rule and not _is_equality(patterns):
            shorter.append(path)
        found.append(Port80Entry(served, patterns, is_redirect, has_label, has_rule))
    return found[::-1]


def _is_prefix(patterns: Sequence[PathMatch | None]) -> bool:
    return len(patterns) == 1 and (patterns[0] is None or patterns[0].match_criteria == BEGINS_WITH)


def _is_equality(patterns: Iterable[PathMatch | None]) -> bool:
    return all(path is not None and path.match_criteria != BEGINS_WITH for path in patterns)
