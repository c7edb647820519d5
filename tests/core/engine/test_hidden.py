"""An object that never could be read puts in doubt what it may belong to, and nothing else."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.changes import Change, Listed, Removed, Unreadable, Upserted
from ako.core.engine.engine import Engine
from ako.core.engine.kinds import WatchedKind
from ako.core.engine.store import IndexKey, ReadabilityKey, Store
from ako.core.engine.view import View

LEAF = Kind("", "v1", "Leaf")


class Outline(Struct, frozen=True):
    """What a leaf is found by."""

    namespace: str
    group: str


class Leaf(Outline, frozen=True):
    """A number that belongs to a group."""

    number: int = 0


def _group(leaf: Outline) -> Iterator[NamespacedName]:
    yield NamespacedName(leaf.namespace, leaf.group)


def _number(leaf: Outline) -> Iterator[str]:
    yield leaf.group


KIND = WatchedKind(kind=LEAF, plural="leaves", record=Leaf, indexes={"group": _group, "name": _number}, outline=Outline)


class World:
    """A store of leaves, seen through a view."""

    def __init__(self) -> None:
        self.store = Store((KIND,))
        self.engine = Engine(self.store, ())
        self.engine.apply([Listed(LEAF, {})])

    def put(self, name: NamespacedName, leaf: Leaf | Unreadable) -> None:
        """Add or change a leaf."""
        self.engine.apply([Upserted(LEAF, name, {Leaf: leaf})])

    def numbers(self, index: str, key: Hashable) -> list[int] | str:
        """Give the numbers of the leaves under a key, or why they are not known."""
        try:
            return [leaf.number for leaf in View(self.engine).list(Leaf, index, key)]
        except Unknown as unknown:
            return str(unknown)


def unreadable(outline: Outline | None = None) -> Unreadable:
    return Unreadable("number: Expected int, got str", outline)


A, B, ODD = (NamespacedName("one", name) for name in ("a", "b", "odd"))
GROUP_X, GROUP_Y, ELSEWHERE = NamespacedName("one", "x"), NamespacedName("one", "y"), NamespacedName("two", "x")


@pytest.fixture
def world() -> World:
    world = World()
    world.put(A, Leaf("one", "x", 1))
    world.put(B, Leaf("one", "y", 2))
    return world


def test_an_outline_puts_only_its_own_keys_in_doubt(world: World) -> None:
    world.put(ODD, unreadable(Outline("one", "x")))
    assert world.numbers("group", GROUP_X) == "Leaf one/odd cannot be read: number: Expected int, got str"
    assert world.numbers("group", GROUP_Y) == [2]
    assert world.numbers("name", "y") == [2]


def test_without_an_outline_it_may_belong_anywhere_in_its_namespace(world: World) -> None:
    world.put(ODD, unreadable())
    assert isinstance(world.numbers("group", GROUP_X), str)
    assert isinstance(world.numbers("group", GROUP_Y), str)
    assert world.numbers("group", ELSEWHERE) == []
    assert isinstance(world.numbers("name", "y"), str), "a key that names no namespace is that of any"


@pytest.mark.parametrize("outline", [None, Outline("one", "x")])
def test_the_doubt_ends_with_what_is_unreadable(world: World, outline: Outline | None) -> None:
    world.put(ODD, unreadable(outline))
    world.put(ODD, Leaf("one", "x", 3))
    assert world.numbers("group", GROUP_X) == [1, 3]
    world.put(ODD, unreadable(outline))
    assert world.numbers("group", GROUP_X) == [1, 3], "the version before it stays in force"
    world.engine.apply([Removed(LEAF, ODD)])
    world.put(ODD, unreadable(outline))
    assert isinstance(world.numbers("group", GROUP_X), str)
    world.engine.apply([Removed(LEAF, ODD)])
    assert world.numbers("group", GROUP_X) == [1]


NAMES = st.builds(NamespacedName, st.sampled_from(("one", "two")), st.sampled_from("ab"))
GROUPS = st.sampled_from("xy")
STATES = st.tuples(st.sampled_from(("good", "outline", "obscure", "gone")), GROUPS)
HISTORIES = st.lists(st.tuples(NAMES, STATES), max_size=12)
KEYS = [NamespacedName(namespace, group) for namespace in ("one", "two") for group in "xy"]


class Model:
    """What is known of each leaf, the long way."""

    def __init__(self) -> None:
        self.good: set[NamespacedName] = set()
        self.hidden: dict[NamespacedName, str | None] = {}

    def take(self, name: NamespacedName, state: str, group: str) -> Change:
        """Note what happens to a leaf, and give it as a change."""
        if state == "gone":
            self.good.discard(name)
            self.hidden.pop(name, None)
            return Removed(LEAF, name)
        if state == "good":
            self.good.add(name)
            self.hidden.pop(name, None)
            return Upserted(LEAF, name, {Leaf: Leaf(name.namespace, group)})
        outline = Outline(name.namespace, group) if state == "outline" else None
        if name not in self.good:
            self.hidden[name] = group if outline else None
        return Upserted(LEAF, name, {Leaf: unreadable(outline)})

    def in_doubt(self, key: NamespacedName) -> NamespacedName | None:
        """Name the first leaf that may belong under a key."""
        names = [n for n, group in self.hidden.items() if n.namespace == key.namespace and group in {None, key.name}]
        return min(names, default=None)


@given(HISTORIES)
def test_whatever_happened_the_doubt_is_that_of_what_is_hidden_now(
    history: list[tuple[NamespacedName, tuple[str, str]]],
) -> None:
    """And whoever read a key hears of every change of it."""
    store, model = Store((KIND,)), Model()
    for name, (state, group) in history:
        before = {key: model.in_doubt(key) for key in KEYS}
        touched = set(store.apply(model.take(name, state, group)))
        for key in KEYS:
            filed, readability = IndexKey(Leaf, "group", key), ReadabilityKey(Leaf, key.namespace)
            assert store.hidden(filed, readability) == model.in_doubt(key)
            if before[key] != model.in_doubt(key):
                assert not touched.isdisjoint({filed, readability})
