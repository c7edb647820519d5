"""Objects that the Controller refused, and what of a tree can go on without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, HTTPPolicySet, PoolGroup, VirtualService
from ako.core.observe.observed import Observed
from ako.core.observe.served import hosts_of
from ako.core.plan.left_out import Refusal, behind, without_refused
from ako.core.plan.plan import Desired
from ako.core.plan.proposal import Proposal
from ako.core.plan.reaching import surroundings
from ako.core.plan.referrers import Referrers
from ako.core.plan.ways import rules_of_child


class Refusals:
    """A policy: what the Controller refused, as it was wanted, stays as it is there, or is left out.

    Args:
        observed: what is on the Controller.
    """

    def __init__(self, observed: Observed) -> None:
        self._observed = observed
        self._refused: dict[AviRef, Refusal] = {}
        self._trees: dict[TreeName, set[AviRef]] = {}
        self._wanted: dict[frozenset[TreeName], Referrers] = {}

    def __len__(self) -> int:
        return len(self._refused)

    def note(self, tree: TreeName, refusal: Refusal) -> None:
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

    def refs_of(self, trees: Iterable[TreeName]) -> set[AviRef]:
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
        self._wanted = {trees: wanted for trees, wanted in self._wanted.items() if self.refs_of(trees)}

    def clear(self) -> None:
        """Have everything tried again."""
        self._refused.clear()
        self._trees.clear()
        self._wanted.clear()

    # As a policy.

    def scope(self, trees: frozenset[TreeName], desired: Desired) -> set[AviRef]:
        """Give what was refused, what is wanted with a reference to it, however far, and what its hosts are served by.

        There may be a child among that to which nobody can be redirected then: redirects too, and what has them.
        """
        found = self.refs_of(trees)
        if not found:
            return found
        wanted = self._wanted.setdefault(trees, Referrers())
        wanted.update(desired)
        found |= wanted.above(found)
        services = [item for ref in found if isinstance(item := desired.get(ref), VirtualService)]
        found |= {ref for service in services for ref in behind(service, desired)}
        found |= {service.guard for service in services if service.guard}
        found |= wanted.below(rules for ref in found if (item := desired.get(ref)) for rules in rules_of_child(item))
        hosts = {host for ref in found if ref in desired for host in hosts_of(desired[ref])}
        serving = {ref for host in hosts for ref in self._observed.serving(host)}
        around = surroundings(trees, serving, desired, self._observed) if serving else serving
        around |= self._leading_to(serving)
        return found.union(around, wanted.redirects, *(wanted.of(ref) for ref in wanted.redirects))

    def _leading_to(self, serving: Iterable[AviRef]) -> set[AviRef]:
        """Give the pool groups and policy sets that lead to objects now."""
        found: set[AviRef] = set()
        pending = list(serving)
        while pending:
            leading = self._observed.referrers(pending.pop()) - found
            more = [ref for ref in leading if ref.type in {PoolGroup.avi_type, HTTPPolicySet.avi_type}]
            found.update(more)
            pending += more
        return found

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Leave out what was refused as it is, and what cannot be without it."""
        return [self._applied(proposal) for proposal in proposals]

    def _applied(self, proposal: Proposal) -> Proposal:
        refused = {ref: self._refused[ref] for ref in self.refs_of(proposal.trees)}
        if not refused:
            return proposal
        return proposal.wanting(without_refused(proposal.desired, refused, proposal.observed))
