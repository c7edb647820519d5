"""Static routes bear the name of a cluster and nothing more: while two have one name, none of them takes any away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, ForeignObject
from ako.core.plan.proposal import Proposal


class SharedRoutes:
    """A policy: entries with our label in objects of others stay, as long as they may be another cluster's.

    Attributes:
        are_shared: there are objects of another cluster of our name.
    """

    def __init__(self) -> None:
        self.are_shared = False

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Want the entries too that are there already."""
        if not self.are_shared:
            return proposals
        return [p.wanting({**p.desired, **kept}) if (kept := dict(_kept(p))) else p for p in proposals]


def _kept(proposal: Proposal) -> Iterator[tuple[AviRef, AviObject]]:
    for ref, wanted in proposal.desired.items():
        seen = proposal.observed.get(ref)
        if isinstance(wanted, ForeignObject) and seen is not None and isinstance(seen.object, type(wanted)):
            yield ref, wanted.keeping(seen.object)
