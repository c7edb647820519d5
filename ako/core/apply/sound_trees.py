"""Trees that can be planned; those that cannot, by a fault of this program, wait with what is linked to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from ako.core.apply.tree_states import TreeStates
from ako.core.base.backoff import Pace
from ako.core.base.faults import Faults
from ako.core.base.refs import TreeName
from ako.core.plan.planner import Group, Planner

T = TypeVar("T")


class SoundTrees:
    """Attempts what is to be done with many trees at once without those that would spoil it for all.

    Args:
        planner: answers, and changes nothing.
        states: of the trees; those that cannot be planned are postponed.
        faults: are told here.
        pace: when to try again.
    """

    def __init__(self, planner: Planner, states: TreeStates, faults: Faults, pace: Pace) -> None:
        self._planner = planner
        self._states = states
        self._faults = faults
        self._pace = pace

    def attempt(self, trees: Iterable[TreeName], act: Callable[[list[TreeName]], T]) -> T:
        """Do something with all of some trees; with those alone that can be planned, if others cannot."""
        names = sorted(trees)
        with suppress(Exception):  # whose fault it is, if it is one, is found out and told below
            return act(names)
        unsound = {name for tree in names for name in self._unsound(tree)}
        return act([name for name in names if name not in unsound])

    def postpone(self, trees: Group) -> None:
        """Have trees planned again later."""
        for tree in trees:
            self._states.of(tree).postpone(self._pace)

    def _unsound(self, tree: TreeName) -> Group:
        """Postpone a tree that cannot be planned, and what is linked to it; give them."""
        group = frozenset({tree})
        with self._faults.contained(f"tree {tree}"):
            (group,) = self._planner.groups([tree])
            self._planner.propose([group])
            return frozenset()
        self.postpone(group)
        return group
