"""Plain HTTP hosts: pools on the shared virtual service, chosen by a label of host and path."""

from __future__ import annotations

from msgspec import Struct

from ako.core.hooks.claims import Problem, ServedRule, VirtualHost
from ako.core.model import AviObject, PoolGroupMember
from ako.core.translate.pools import PoolBuilder, name_rules


class InsecurePart(Struct, frozen=True):
    """What the plain HTTP rules of a host give."""

    objects: tuple[AviObject, ...] = ()
    members: tuple[PoolGroupMember, ...] = ()
    problems: tuple[Problem, ...] = ()


def translate_insecure(host: VirtualHost, builder: PoolBuilder) -> InsecurePart:
    """Build a pool per backend and its labelled member in the pool group of the shared virtual service.

    Labels are in lower case because the DataScript looks them up in lower case.
    """

    def name(served: ServedRule) -> str:
        source = served.claim.source.namespaced_name
        return builder.site.names.insecure_pool(host.host, served.rule.path, source)

    rules, problems = name_rules(host.insecure, name)
    built = [
        (f"{host.host}{rule.served.rule.path}".lower(), pool)
        for rule in rules
        for pool in builder.build(rule.served, host.host, rule.name)
    ]
    return InsecurePart(
        tuple(item for _, pool in built for item in pool.objects),
        tuple(pool.member(label) for label, pool in built),
        problems,
    )
