"""Who spoils a shared object? New contributions are halved until the culprits are known; all others go through.

A write to an object that many hosts share can be refused because of one of them, or because there are too many of them
(a VsVip takes 1,000 DNS names). Those that were in before stay in; of those that are new or changed, the oldest are
tried first. A culprit keeps what it had before, or stays out, and is told the Controller's own words.

    refused with [a b c d] ─▶ try [a b] ─▶ accepted ─▶ try [a b c] ─▶ refused ─▶ c is a culprit ─▶ try [a b d]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ako.core.assemble.tree import PlacedHost, Substitute, Tree
from ako.core.hooks.claims import HostKey
from ako.core.observe.observed import Observed
from ako.core.observe.presence import Presence


class _Trial(Struct):
    """The search in one tree: groups still to be tried, the next one last, and who was found guilty."""

    groups: list[list[PlacedHost]]
    culprits: dict[HostKey, Substitute]


class Quarantine:
    """Searches for culprits, one search a tree; says what must stand in for the contributions of which hosts."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed
        self._accepted: dict[str, dict[HostKey, PlacedHost]] = {}
        self._trials: dict[str, _Trial] = {}

    def note_accepted(self, tree: Tree) -> bool:
        """Note that a tree is on the Controller as it is wanted; say whether somebody else is to be tried next."""
        out = self._waiting(tree.name)
        self._accepted[tree.name] = {placed.key: placed for placed in tree.hosts if placed.key not in out}
        trial = self._trials.get(tree.name)
        if trial is None or not trial.groups:
            return False
        trial.groups.pop()
        return True

    def note_refused(self, tree: Tree, message: str) -> bool:
        """Note that a shared object of a tree was refused; say whether something else is to be tried next."""
        trial = self._trials.get(tree.name)
        if trial is None or not trial.groups:
            group = self._newcomers(tree)
            if not group:
                return False
            trial = self._trials.setdefault(tree.name, _Trial([], {}))
        else:
            group = trial.groups.pop()
        if len(group) == 1:
            trial.culprits[group[0].key] = Substitute(group[0], self._before(tree.name, group[0]), message)
        else:
            middle = len(group) // 2
            trial.groups += [group[middle:], group[:middle]]
        return True

    def substitutes(self, tree: str) -> Mapping[HostKey, Substitute]:
        """Give what stands in for hosts of a tree: culprits, and those whose turn has not come."""
        trial = self._trials.get(tree)
        if trial is None:
            return {}
        return {**trial.culprits, **self._waiting(tree)}

    def retry(self) -> tuple[str, ...]:
        """Give everybody another chance (at a full sync); name the trees concerned."""
        concerned = tuple(self._trials)
        self._trials.clear()
        return concerned

    def _waiting(self, tree: str) -> dict[HostKey, Substitute]:
        trial = self._trials.get(tree)
        groups: Sequence[list[PlacedHost]] = trial.groups[:-1] if trial else ()
        return {p.key: Substitute(p, self._before(tree, p), "") for group in groups for p in group}

    def _before(self, tree: str, placed: PlacedHost) -> PlacedHost | None:
        return self._accepted.get(tree, {}).get(placed.key)

    def _newcomers(self, tree: Tree) -> list[PlacedHost]:
        """Give the hosts whose contribution is not on the Controller, oldest first."""
        known = self._accepted.get(tree.name, {})
        present = Presence(tree, self._observed)
        new = [p for p in tree.hosts if known.get(p.key) != p and not present.has(p)]
        return sorted(new, key=lambda placed: placed.order)
