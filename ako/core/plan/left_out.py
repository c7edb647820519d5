"""What goes on without objects that the Controller refused: the pure part of `refusals.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from enum import StrEnum

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.base.wording import TRIED_AGAIN
from ako.core.model import CHILD, AviObject, HTTPPolicySet, PoolGroup, RequestRule, VirtualService, in_order
from ako.core.model.references import NEEDED_LISTS, stripped_of
from ako.core.observe.served import hosts_of, stays_with
from ako.core.plan.plan import Desired, Seen
from ako.core.plan.protection import Protection, hold_back
from ako.core.plan.ways import Cut, cut_ways, left_to_domains, rules_of_child, with_own_rules, without_rivals


class RefusalReason(StrEnum):
    """Why an object cannot be had as it is wanted, in a word."""

    REJECTED = "rejected"
    """The Controller refuses what is in it."""
    FORBIDDEN = "forbidden"
    """We may not write it."""
    TAKEN = "taken"
    """An object of another owner, or of another cluster, has its name."""


class Refusal(Struct, frozen=True):
    """An object as it was refused, and the Controller's own words.

    Attributes:
        object: as it was wanted.
        message: why it cannot be had.
        is_forbidden: it is not the object that is wrong, but that we may not write it.
        is_foreign: its name is that of an object that is not ours.
        is_taken: it is one of another cluster, so that it cannot be had in any other form either.
    """

    object: AviObject
    message: str
    is_forbidden: bool = False
    is_foreign: bool = False
    is_taken: bool = False

    @property
    def remedy(self) -> str:
        """Say what mends it, as far as that is known, and when it is tried again."""
        if self.is_foreign:
            return (
                f"Rename or delete that one if nobody needs it, or take another AKOSettings.clusterName. {TRIED_AGAIN}"
            )
        return f"Give our user a role that may write it. {TRIED_AGAIN}" if self.is_forbidden else TRIED_AGAIN

    def is_of(self, wanted: AviObject | None) -> bool:
        """Say whether an object was refused just as it is wanted."""
        return wanted is not None and (self.is_taken or self.object == wanted)


def without_refused(desired: Desired, refused: Mapping[AviRef, Refusal], observed: Seen) -> dict[AviRef, AviObject]:
    """Leave out what was refused as it is, and what cannot be without it.

    A refused change leaves the object as it was, and with it what it refers to: the Controller would not delete that.
    A refused new object is taken out of the lists that name it; whatever refers to it outside a list, or in a list that
    must not be empty, goes too. With a child goes the redirect to it. A host that is served stays so by what it has.
    While it cannot be changed whom a virtual service keeps out, nothing more of it is opened either.
    """
    kept = dict(desired)
    missing: set[AviRef] = set()
    for ref, refusal in refused.items():
        if not refusal.is_of(kept.get(ref)):
            continue
        seen = observed.get(ref)
        if seen is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            missing.add(ref)
    while missing:
        missing = _drop_references(kept, missing, observed)
    hosts = {host for ref, item in desired.items() if ref not in kept for host in _hosts_of_child(item)}
    missing = _drop_redirects(kept, hosts, desired) if hosts else set()
    while missing:
        missing = _drop_references(kept, missing, observed)
    _keep_referents(kept, observed)
    kept = _with_ways(kept, desired, observed)
    _open_nothing_more(kept, desired, observed)
    _keep_referents(kept, observed)
    return kept


def _with_ways(kept: dict[AviRef, AviObject], desired: Desired, observed: Seen) -> dict[AviRef, AviObject]:
    """Keep what hosts are served by now that cannot have all that they should."""
    cut = cut_ways(kept, desired, observed)
    for ref, item in kept.items():
        if ref not in observed or item is not observed[ref].object:
            kept[ref] = left_to_domains(item, cut)
    if not cut.hosts:
        return kept
    stay = Protection(refs=cut.targets - kept.keys(), led_to=cut.targets & kept.keys(), named=_names_of(cut, observed))
    kept = hold_back(kept, observed, stay)
    secure = {ref for item in kept.values() for ref in rules_of_child(item)}
    for ref, item in kept.items():
        seen = observed[ref].object if ref in observed else None
        kept[ref] = with_own_rules(item, seen, cut) if ref in secure else without_rivals(item, seen, cut)
    missing = {ref for ref, item in kept.items() if isinstance(item, HTTPPolicySet) and not item.rules}
    kept = {ref: item for ref, item in kept.items() if ref not in missing}
    while missing:
        missing = _drop_references(kept, missing, observed)
    return kept


def _names_of(cut: Cut, observed: Seen) -> frozenset[str]:
    """Give the hosts of a cut as they are written."""
    items = [seen.object for seen in observed.values()]
    policies = (item.hosts for item in items if isinstance(item, HTTPPolicySet))
    names = frozenset().union(*policies, *map(hosts_of, items))
    return frozenset(name for name in names if name.lower() in cut.hosts)


def _open_nothing_more(kept: dict[AviRef, AviObject], desired: Desired, observed: Seen) -> None:
    """Keep a virtual service that keeps clients out wholly as it is, if a part of what that takes cannot be changed.

    Else some would be let in to what is still there, or to what is there already.
    """
    for ref, wanted in desired.items():
        before = observed[ref].object if ref in observed else None
        if not isinstance(wanted, VirtualService) or not isinstance(before, VirtualService):
            continue
        if not (wanted.guard or before.guard):
            continue
        parts = {ref, *behind(wanted, desired), *behind(before, desired), *filter(None, (wanted.guard, before.guard))}
        there = {part: observed[part].object for part in parts if part in observed}
        changing = [part for part in parts if part not in there or not stays_with(there[part], desired.get(part))]
        if any(part in desired and kept.get(part) is not desired[part] for part in changing):
            kept.update((part, there[part]) for part in changing if part in there)


def behind(service: VirtualService, desired: Desired) -> Iterator[AviRef]:
    """Give the rules of the connections of a virtual service, and the pools that they lead to."""
    for rules in service.connection_rules:
        yield rules
        yield from desired[rules].references() if rules in desired else ()


def _keep_referents(kept: dict[AviRef, AviObject], observed: Seen) -> None:
    """Keep what objects that stay as they are refer to, as far as nobody wants it any more."""
    unchanged = [ref for ref in kept if ref in observed and kept[ref] is observed[ref].object]
    while unchanged:
        for ref in kept[unchanged.pop()].references():
            if ref not in kept and ref in observed:
                kept[ref] = observed[ref].object
                unchanged.append(ref)


def _drop_references(kept: dict[AviRef, AviObject], missing: set[AviRef], observed: Seen) -> set[AviRef]:
    """Take references to missing objects out of all others; give the objects that cannot be without them."""
    dropped: set[AviRef] = set()
    for ref, item in list(kept.items()):
        if missing.isdisjoint(item.references()):
            continue
        stripped = _renumbered(stripped_of(item, missing, _needed(item)))
        if missing.isdisjoint(stripped.references()):
            kept[ref] = stripped
        elif (seen := observed.get(ref)) is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _renumbered(item: AviObject) -> AviObject:
    return item.with_rules(in_order(item.rules)) if isinstance(item, HTTPPolicySet) else item


def _needed(item: AviObject) -> Set[str]:
    """Give the lists of an object that must not become empty.

    A child without rules would answer nobody, nor would a path whose pool group has no pool; one that many share may.
    """
    if isinstance(item, VirtualService) and item.vs_type == CHILD:
        return NEEDED_LISTS | {"http_policies"}
    if isinstance(item, PoolGroup) and not any(member.priority_label for member in item.members):
        return NEEDED_LISTS | {"members"}
    return NEEDED_LISTS


def _hosts_of_child(item: AviObject) -> tuple[str, ...]:
    if not isinstance(item, VirtualService) or item.vs_type != CHILD:
        return ()
    return item.vh_domain_name or ()


def _drop_redirects(kept: dict[AviRef, AviObject], hosts: set[str], desired: Desired) -> set[AviRef]:
    """Redirect nobody to hosts that have no child; give the policy sets that nothing is left of."""
    dropped: set[AviRef] = set()
    for ref, item in list(kept.items()):
        if not isinstance(item, HTTPPolicySet) or item is not desired.get(ref):
            continue  # what is not as desired stays as it is on the Controller
        rules = tuple(left for rule in item.rules if (left := _without_hosts(rule, hosts)) is not None)
        if rules == item.rules:
            continue
        if rules:
            kept[ref] = item.with_rules(in_order(rules))
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _without_hosts(rule: RequestRule, hosts: set[str]) -> RequestRule | None:
    """Take hosts out of a redirect; None if that leaves it without any, which would match them all."""
    if not rule.redirect_action or hosts.isdisjoint(rule.hosts):
        return rule
    return rule.only_for(lambda host: host not in hosts)
