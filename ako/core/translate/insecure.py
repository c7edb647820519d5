"""Plain HTTP hosts: pools on the shared virtual service, chosen by a label of host and path."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import Problem, ServedRule, VirtualHost
from ako.core.hooks.translation import NamedRule
from ako.core.model import AviObject, PoolGroupMember
from ako.core.model.names import Names
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import WantedRule


class InsecurePart(Struct, frozen=True):
    """What the plain HTTP rules of a host give."""

    objects: tuple[AviObject, ...] = ()
    members: tuple[PoolGroupMember, ...] = ()


def wanted_insecure(host: VirtualHost, names: Names) -> tuple[list[WantedRule], list[Problem]]:
    """Give the rules that a label can tell apart, with their names; of one object's rules for one path the first."""
    firsts: dict[tuple[ObjectRef, str], ServedRule] = {}
    wanted: list[WantedRule] = []
    problems: list[Problem] = []
    for served in host.insecure:
        source = served.claim.source
        first = firsts.setdefault((source, served.rule.path.lower()), served)
        if first is served:
            name = names.insecure_pool(host.host, served.rule.path, source.namespaced_name)
            wanted.append(WantedRule(served, name))
        else:
            problems.append(_one_path(served, first))
    return wanted, problems


def translate_insecure(host: VirtualHost, rules: Iterable[NamedRule], builder: PoolBuilder) -> InsecurePart:
    """Build a pool per backend and its labelled member in the pool group of the shared virtual service.

    Labels are in lower case because the DataScript looks them up in lower case.
    """
    built = [
        (f"{host.host}{rule.served.rule.path}".lower(), pool)
        for rule in rules
        for pool in builder.build_named(rule, host.host)
    ]
    return InsecurePart(
        tuple(item for _, pool in built for item in pool.objects), tuple(pool.member(label) for label, pool in built)
    )


def _one_path(served: ServedRule, first: ServedRule) -> Problem:
    asked, had = (f"{rule.path or '/'} ({rule.path_type.value})" for rule in (served.rule, first.rule))
    return Problem(
        served.claim.source,
        "RepeatedPath",
        f"path {asked} of host {served.claim.host} is one with {had} over plain HTTP; only the latter is served.",
        "Remove one of them, or serve the host over TLS.",
    )
