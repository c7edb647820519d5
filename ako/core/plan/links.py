"""Which trees have to be planned together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def linked(pending: Iterable[str], sources_of: Callable[[str], Iterable[str]]) -> Iterator[frozenset[str]]:
    """Group trees: those that are pending, with those that something of theirs comes from.

    Whichever of two linked trees is looked at first, both are in one group: else what moves would be taken away from
    the one in a plan of its own, before it is there in the other.
    """
    neighbours: dict[str, set[str]] = {}
    for tree in pending:
        neighbours.setdefault(tree, set())
        for source in sources_of(tree):
            neighbours[tree].add(source)
            neighbours.setdefault(source, set()).add(tree)
    left = dict.fromkeys(neighbours)
    while left:
        group: set[str] = set()
        reached = [next(iter(left))]
        while reached:
            tree = reached.pop()
            if tree not in group:
                group.add(tree)
                reached += neighbours[tree]
        for tree in group:
            del left[tree]
        yield frozenset(group)
