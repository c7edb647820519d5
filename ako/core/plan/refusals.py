"""Objects that the Controller refused, and what of a tree can go on without them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import CHILD, AviObject, HTTPPolicySet, Pool, RequestRule, VirtualService
from ako.core.model.references import NEEDED_LISTS, stripped_of
from ako.core.observe.observed import ObservedObject
from ako.core.observe.served import owners_of
from ako.core.plan.plan import Desired, Seen
from ako.core.plan.proposal import Proposal


class Refusal(Struct, frozen=True):
    """An object as it was refused, and the Controller's own words.

    Attributes:
        object: as it was wanted.
        message: why it cannot be had.
        is_forbidden: it is not the object that is wrong, but that we may not write it.
        is_taken: its name is that of an object of another cluster, so that it cannot be had in any other form either.
    """

    object: AviObject
    message: str
    is_forbidden: bool = False
    is_taken: bool = False

    def is_of(self, wanted: AviObject | None) -> bool:
        """Say whether an object was refused just as it is wanted."""
        return wanted is not None and (self.is_taken or self.object == wanted)


class Refusals:
    """A policy: what the Controller refused, as it was wanted, stays as it is there, or is left out."""

    def __init__(self) -> None:
        self._refused: dict[AviRef, Refusal] = {}
        self._trees: dict[str, set[AviRef]] = {}

    def note(self, tree: str, refusal: Refusal) -> None:
        """Note that an object was refused as a tree wants it."""
        ref = refusal.object.ref
        self._refused[ref] = refusal
        self._trees.setdefault(tree, set()).add(ref)

    def is_taken(self, ref: AviRef) -> bool:
        """Say whether a name cannot be had, whatever is wanted of it."""
        return ref in self._refused and self._refused[ref].is_taken

    def of(self, wanted: AviObject) -> Refusal | None:
        """Give the refusal of an object just as it is wanted, None if there is none."""
        found = self._refused.get(wanted.ref)
        return found if found is not None and found.is_of(wanted) else None

    def get(self, ref: AviRef) -> Refusal | None:
        """Give the refusal of an object, however it is wanted by now; None if there is none."""
        return self._refused.get(ref)

    def items(self) -> list[tuple[AviRef, Refusal]]:
        """Give all refusals, by identity."""
        return sorted(self._refused.items())

    def refs_of(self, trees: Iterable[str]) -> set[AviRef]:
        """Give what was refused in some trees."""
        return {ref for tree in trees for ref in self._trees.get(tree, ())}

    def forget(self, refs: Iterable[AviRef]) -> None:
        """Have objects tried again."""
        for ref in tuple(refs):
            self._refused.pop(ref, None)
            for tree in [tree for tree, refused in self._trees.items() if ref in refused]:
                self._trees[tree].discard(ref)
                if not self._trees[tree]:
                    del self._trees[tree]

    def clear(self) -> None:
        """Have everything tried again."""
        self._refused.clear()
        self._trees.clear()

    # As a policy.

    def scope(self, trees: frozenset[str], desired: Desired) -> set[AviRef]:
        """Give what was refused, and what is wanted with a reference to it, however far.

        There may be a child among that to which nobody can be redirected then: redirects too, and what has them.
        """
        found = self.refs_of(trees)
        if not found:
            return found
        referrers: dict[AviRef, list[AviRef]] = {}
        redirects: list[AviRef] = []
        for ref, item in desired.items():
            for other in item.references():
                referrers.setdefault(other, []).append(ref)
            redirects += [ref] if isinstance(item, HTTPPolicySet) and _redirects(item) else []
        pending = list(found)
        while pending:
            more = set(referrers.get(pending.pop(), ())) - found
            found |= more
            pending += more
        services = [wanted for ref in found if isinstance(wanted := desired.get(ref), VirtualService)]
        found |= {behind for service in services for behind in _behind(service, desired)}
        found |= {service.guard for service in services if service.guard}
        return found.union(redirects, *(referrers.get(ref, ()) for ref in redirects))

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Leave out what was refused as it is, and what cannot be without it."""
        return [self._applied(proposal) for proposal in proposals]

    def _applied(self, proposal: Proposal) -> Proposal:
        refused = {ref: self._refused[ref] for ref in self.refs_of(proposal.trees)}
        if not refused:
            return proposal
        return proposal.wanting(without_refused(proposal.desired, refused, proposal.observed))


def without_refused(desired: Desired, refused: Mapping[AviRef, Refusal], observed: Seen) -> dict[AviRef, AviObject]:
    """Leave out what was refused as it is, and what cannot be without it.

    A refused change leaves the object as it was, and with it what it refers to: the Controller would not delete that.
    A refused new object is taken out of the lists that name it; whatever refers to it outside a list, or in a list that
    must not be empty, goes too. With a child goes the redirect to it. While it cannot be changed whom a virtual service
    keeps out, nothing more of it is opened either.
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
    _open_nothing_more(kept, desired, observed)
    _keep_referents(kept, [ref for ref in kept if ref in observed and kept[ref] is observed[ref].object], observed)
    return kept


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
        parts = {ref, *_behind(wanted, desired), *_behind(before, desired), *filter(None, (wanted.guard, before.guard))}
        changing = [part for part in parts if not _has_its_owner(desired.get(part), observed.get(part))]
        if any(part in desired and kept.get(part) is not desired[part] for part in changing):
            kept.update((part, observed[part].object) for part in changing if part in observed)


def _behind(service: VirtualService, desired: Desired) -> Iterator[AviRef]:
    """Give the rules of the connections of a virtual service, and the pools that they lead to."""
    for rules in service.connection_rules:
        yield rules
        yield from desired[rules].references() if rules in desired else ()


def _has_its_owner(wanted: AviObject | None, seen: ObservedObject | None) -> bool:
    """Say whether it is a pool that is that of the same Service as before, whose servers may come and go."""
    return isinstance(wanted, Pool) and seen is not None and owners_of(wanted) == owners_of(seen.object)


def _keep_referents(kept: dict[AviRef, AviObject], unchanged: list[AviRef], observed: Seen) -> None:
    """Keep what objects that stay as they are refer to, as far as nobody wants it any more."""
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
        stripped = stripped_of(item, missing, _needed(item))
        if missing.isdisjoint(stripped.references()):
            kept[ref] = stripped
        elif (seen := observed.get(ref)) is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _needed(item: AviObject) -> Set[str]:
    """Give the lists of an object that must not become empty: a child without rules would answer nobody."""
    is_child = isinstance(item, VirtualService) and item.vs_type == CHILD
    return NEEDED_LISTS | {"http_policies"} if is_child else NEEDED_LISTS


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
        before = item.http_request_policy
        rules = tuple(left for rule in before.rules if (left := _without_hosts(rule, hosts)) is not None)
        if rules == before.rules:
            continue
        if rules:
            kept[ref] = replace(item, http_request_policy=replace(before, rules=rules))
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _redirects(policies: HTTPPolicySet) -> bool:
    return any(rule.redirect_action for rule in policies.http_request_policy.rules)


def _without_hosts(rule: RequestRule, hosts: set[str]) -> RequestRule | None:
    """Take hosts out of a redirect; None if that leaves it without any, which would match them all."""
    if not rule.redirect_action or hosts.isdisjoint(rule.hosts):
        return rule
    return rule.only_for(lambda host: host not in hosts)
