"""What the objects of a host's rules are called, so that no two of one host need one name.

`/a_b` and `/a/b` of one object give one name, and so do `a-b`/`c` and `a`/`b-c` as namespace and name. The older source
has it; the other's objects are told apart. Who has a name that several *hosts* need is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ako.core.hooks.claims import PathType, ServedRule
from ako.core.hooks.object_names import ObjectName
from ako.core.hooks.tls import Termination
from ako.core.hooks.translation import NamedRule


class WantedRule(Struct, frozen=True):
    """A served rule with the name that its objects should have.

    Attributes:
        served: the rule.
        name: where the rule has several backends, or its source wants that, pools have the Service after it.
        has_group: there are more objects than its pools, which have the name themselves.
    """

    served: ServedRule
    name: str
    has_group: bool = False


def pki_profile_name(pool: str) -> str:
    """Name the PKI profile that a pool verifies its servers against.

    Args:
        pool: the name of the pool.
    """
    return f"{pool}-pkiprofile"


def name_rules(wanted: Sequence[WantedRule]) -> tuple[NamedRule, ...]:
    """Name the objects of all rules of a host.

    Args:
        wanted: all of them; who has a name that several want is the one with the oldest claim.
    """
    taken: set[str] = set()
    named = {index: _named(wanted[index], taken) for index in _oldest_first(wanted)}
    return tuple(named[index] for index in range(len(wanted)))


def _oldest_first(wanted: Sequence[WantedRule]) -> Iterable[int]:
    """Give the order in which rules have their names: of one path in one object, the prefix before the exact one."""

    def order(index: int) -> tuple[object, ...]:
        served = wanted[index].served
        return (served.claim.order, served.rule.path_type is PathType.EXACT, served.rule.path)

    return range(len(wanted)) if len(wanted) == 1 else sorted(range(len(wanted)), key=order)


def _named(wanted: WantedRule, taken: set[str]) -> NamedRule:
    claim, rule = wanted.served.claim, wanted.served.rule

    def take(name: str, service: str = "") -> str:
        while name in taken:
            name = ObjectName(name, claim, rule.path, service).instead_of(name)
        taken.add(name)
        return name

    if len(rule.backends) == 1 and not claim.names_service:
        name = take(wanted.name, rule.backends[0].service)
        pools: tuple[str, ...] = (name,)
    else:
        name = take(wanted.name) if wanted.has_group else wanted.name
        pools = tuple([take(f"{wanted.name}-{backend.service}", backend.service) for backend in rule.backends])
    others: tuple[str, ...] = ()
    if claim.tls is not None and claim.tls.termination is Termination.REENCRYPT and claim.tls.destination_ca:
        others = tuple([take(pki_profile_name(pool)) for pool in pools])
    return NamedRule(wanted.served, name, pools, others, wanted.has_group)
