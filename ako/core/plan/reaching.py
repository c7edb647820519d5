"""What it takes for objects to be reached that must stay where nobody wants that any more, and no more of it. Pure.

    pool ◀── pool group ◀── DataScript set ◀── virtual service ──▶ VsVip
         ◀── pool group ◀── policy set     ◀── child           ──▶ parent, certificate

What leads to an object is found upwards, as far as a virtual service; what it cannot be without, downwards from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from ako.core.base.refs import AviRef, TreeName
from ako.core.model import (
    AviObject,
    DataScriptSet,
    HTTPPolicySet,
    PoolGroup,
    RequestRule,
    VirtualService,
    VsVip,
    in_order,
)
from ako.core.model.base import references_in
from ako.core.observe.observed import Observed
from ako.core.plan.plan import Desired, Seen, replace_fields


def _connected(protected: Set[AviRef], desired: Desired, observed: Observed) -> set[AviRef]:
    """Give the protected objects and all that they are connected to, as far as nobody wants it."""
    found: set[AviRef] = set()
    pending = list(protected)
    while pending:
        ref = pending.pop()
        seen = None if ref in found else observed.get(ref)
        if seen is None:
            continue
        found.add(ref)
        if ref in desired and ref not in protected:
            continue
        pending += seen.object.references()
        pending += [referrer for referrer in observed.referrers(ref) if referrer not in desired]
    return found


def surroundings(trees: Set[TreeName], protected: Set[AviRef], desired: Desired, observed: Observed) -> set[AviRef]:
    """Give what has to be looked at where something of some trees is protected.

    That is what it is connected to, with all that this refers to: nobody may want a redirect any more that has to stay.
    And who holds which DNS names.
    """
    found = _connected(protected, desired, observed)
    around = {other for ref in found if (seen := observed.get(ref)) for other in seen.object.references()}
    return found | around | {tree.ref(VsVip.avi_type) for tree in trees}


def kept_for(
    protected: Set[AviRef], redirects: Mapping[AviRef, HTTPPolicySet], hosts: Set[str], desired: Desired, observed: Seen
) -> dict[AviRef, AviObject]:
    """Give what has to stay for protected objects, and redirects, to be reached; less of it where nobody wants it.

    Of what is desired only the entries that lead to these are needed, and those of others are for others to keep.
    """
    leads = _leading({*protected, *redirects}, desired, observed)
    needed = (other for ref in protected for other in observed[ref].object.references())
    whole = protected | {ref for ref in needed if ref.type == VsVip.avi_type}
    kept: dict[AviRef, AviObject] = {}
    pending = list(leads)
    while pending:
        ref = pending.pop()
        if ref in kept or ref not in observed:
            continue
        item = redirects.get(ref) or observed[ref].object
        kept[ref] = item if ref in whole or ref in desired else _as_far_as(item, leads, hosts, observed)
        if ref in protected or ref not in desired:
            pending += kept[ref].references()
    return kept


def _leading(goals: Set[AviRef], desired: Desired, observed: Seen) -> set[AviRef]:
    """Give objects, and what leads to them without being desired."""
    referrers: dict[AviRef, list[AviRef]] = {}
    for ref, seen in observed.items():
        for other in seen.object.references() if ref not in desired else ():
            referrers.setdefault(other, []).append(ref)
    found: set[AviRef] = set()
    pending = list(goals)
    while pending:
        ref = pending.pop()
        if ref not in found:
            found.add(ref)
            # The children of a virtual service refer to it, but it is no way to it that they are.
            pending += referrers.get(ref, ()) if ref.type != VirtualService.avi_type else ()
    return found


def _as_far_as(item: AviObject, leads: Set[AviRef], hosts: Set[str], observed: Seen) -> AviObject:
    """Leave out of an object what only leads to objects that are not kept, and names of hosts that are not."""

    def stays(entry: object) -> bool:
        refs = [ref for ref in references_in(entry) if ref in observed]
        return not refs or not leads.isdisjoint(refs) or _own_pool_group(item) in refs

    if isinstance(item, VsVip):
        own = f"{item.name}."
        names = tuple(info for info in item.dns_info if info.fqdn in hosts or info.fqdn.startswith(own))
        return item if len(names) == len(item.dns_info) else replace_fields(item, {"dns_info": names})
    if isinstance(item, HTTPPolicySet):
        left = tuple(rule for rule in item.rules if (is_for(rule, hosts) if rule.redirect_action else stays(rule)))
        return item if len(left) == len(item.rules) else item.with_rules(in_order(left))
    for field in _collecting(item):
        entries = getattr(item, field)
        if isinstance(entries, tuple) and not all(map(stays, entries)):
            item = replace_fields(item, {field: tuple(filter(stays, entries))})
    return item


def is_for(rule: RequestRule, hosts: Set[str]) -> bool:
    """Say whether a rule is for one of some hosts."""
    return not hosts.isdisjoint(rule.hosts)


def _own_pool_group(item: AviObject) -> AviRef:
    """Give the pool group that the script of a shared virtual service names, whoever is in it."""
    return AviRef(PoolGroup.avi_type, item.name, item.tenant)


def _collecting(item: AviObject) -> Iterator[str]:
    """Give the lists of an object whose entries are each for another host or path."""
    if isinstance(item, PoolGroup):
        yield "members"
    elif isinstance(item, DataScriptSet):
        yield "pool_group_refs"
    elif isinstance(item, VirtualService):
        yield "http_policies"
