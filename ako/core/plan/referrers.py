"""Who refers to what among the objects that some trees want; what has not changed is not looked into again."""

from __future__ import annotations

from collections.abc import Iterable, Set

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, rules_in
from ako.core.plan.differences import differences
from ako.core.plan.plan import Desired


class Referrers:
    """An index of what is wanted.

    Attributes:
        redirects: the policy sets that redirect anybody.
    """

    def __init__(self) -> None:
        self.redirects: set[AviRef] = set()
        self._known: Desired = {}
        self._referrers: dict[AviRef, set[AviRef]] = {}

    def update(self, desired: Desired) -> None:
        """Take in what is wanted now."""
        changed, gone = differences(self._known, desired)
        for ref in (*changed, *gone):
            if ref in self._known:
                self._forget(ref, self._known[ref])
        for ref in changed:
            self._note(ref, desired[ref])
        self._known = desired

    def of(self, ref: AviRef) -> Set[AviRef]:
        """Give what refers to an object."""
        return self._referrers.get(ref, frozenset())

    def above(self, refs: Iterable[AviRef]) -> set[AviRef]:
        """Give what refers to some objects, however far."""
        found: set[AviRef] = set()
        pending = list(refs)
        while pending:
            more = self.of(pending.pop()) - found
            found |= more
            pending += more
        return found

    def below(self, refs: Iterable[AviRef]) -> set[AviRef]:
        """Give some objects that are wanted, and what they refer to, however far."""
        found: set[AviRef] = set()
        pending = list(refs)
        while pending:
            ref = pending.pop()
            if ref in self._known and ref not in found:
                found.add(ref)
                pending += self._known[ref].references()
        return found

    def _note(self, ref: AviRef, item: AviObject) -> None:
        for other in item.references():
            self._referrers.setdefault(other, set()).add(ref)
        if any(rule.redirect_action for rule in rules_in(item)):
            self.redirects.add(ref)

    def _forget(self, ref: AviRef, item: AviObject) -> None:
        for other in item.references():
            self._referrers[other].discard(ref)
            if not self._referrers[other]:
                del self._referrers[other]
        self.redirects.discard(ref)
