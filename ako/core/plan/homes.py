"""Which tree an Avi object belongs to: by being desired there, else by what it is connected to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ako.core.base.refs import AviRef, TreeName
from ako.core.model import ForeignObject
from ako.core.observe.observed import ObservedObject


class Homes:
    """Object → tree and tree → objects, of everything that is desired or observed."""

    def __init__(self) -> None:
        self._tree_of: dict[AviRef, TreeName] = {}
        self._objects_of: dict[TreeName, set[AviRef]] = {}

    def tree_of(self, ref: AviRef) -> TreeName | None:
        """Give the tree of an object, None if it has none."""
        return self._tree_of.get(ref)

    def tree_for(self, ref: AviRef) -> TreeName:
        """Give the tree of an object; the one of its name, if it has none."""
        return self._tree_of.get(ref) or ref.namesake

    def objects_of(self, tree: TreeName) -> Iterable[AviRef]:
        """Give the objects of a tree, those it no longer wants included."""
        return self._objects_of.get(tree, ())

    def trees(self) -> Iterable[TreeName]:
        """Give every tree that has objects."""
        return self._objects_of.keys()

    def settle(self, tree: TreeName, refs: Iterable[AviRef]) -> None:
        """Let objects belong to a tree from now on."""
        for ref in refs:
            if self._tree_of.get(ref) == tree:
                continue
            self.forget(ref)
            self._tree_of[ref] = tree
            self._objects_of.setdefault(tree, set()).add(ref)

    def forget(self, ref: AviRef) -> None:
        """Note that an object is gone."""
        home = self._tree_of.pop(ref, None)
        if home is not None:
            self._objects_of[home].discard(ref)
            if not self._objects_of[home]:
                del self._objects_of[home]

    def clear(self) -> None:
        """Forget everything."""
        self._tree_of.clear()
        self._objects_of.clear()

    def take_in(self, observation: Mapping[AviRef, ObservedObject]) -> None:
        """Give every observed object without a tree the tree of what it is connected to by references.

        So what nobody wants any more is planned, and goes, together with what refers to it. Objects of others connect
        nothing: everything refers to the one VRF context.
        """
        ours = {ref: seen for ref, seen in observation.items() if not isinstance(seen.object, ForeignObject)}
        for tree, refs in tuple(_homeless(ours, self._tree_of)):
            self.settle(tree, refs)


def _homeless(
    observation: Mapping[AviRef, ObservedObject], homes: Mapping[AviRef, TreeName]
) -> Iterator[tuple[TreeName, list[AviRef]]]:
    """Give every observed object without a tree, by the tree of what it is connected to by references."""
    neighbours: dict[AviRef, set[AviRef]] = {ref: set() for ref in observation}
    for ref, seen in observation.items():
        for other in seen.object.references():
            if other in neighbours:
                neighbours[ref].add(other)
                neighbours[other].add(ref)
    placed: set[AviRef] = set()
    for start in sorted(ref for ref in observation if ref not in homes):
        if start in placed:
            continue
        component, trees = _component(start, neighbours, homes)
        placed |= component
        vsvips = (ref for ref in component if ref.type == "vsvip")
        names = sorted(trees) or sorted(ref.namesake for ref in vsvips) or [TreeName(start.name, start.tenant)]
        yield names[0], sorted(component)


def _component(
    start: AviRef, neighbours: Mapping[AviRef, set[AviRef]], homes: Mapping[AviRef, TreeName]
) -> tuple[set[AviRef], set[TreeName]]:
    component: set[AviRef] = set()
    trees: set[TreeName] = set()
    pending = [start]
    while pending:
        ref = pending.pop()
        if ref in homes:
            trees.add(homes[ref])
        elif ref not in component:
            component.add(ref)
            pending += neighbours[ref]
    return component, trees
