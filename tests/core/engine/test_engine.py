"""The incremental engine gives what a computation from scratch gives, whatever happened before, in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.cells import Input, Unknown
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Removed, Unreadable, Upserted
from ako.core.engine.engine import Engine
from ako.core.engine.kinds import WatchedKind
from ako.core.engine.store import IndexKey, ObjectKey, Store
from ako.core.engine.table import Table
from ako.core.engine.view import View
from tests.properties import share_of

LEAF, NODE = Kind("", "v1", "Leaf"), Kind("", "v1", "Node")
FACTOR: Input[int] = Input("factor", default=1)


class Leaf(Struct, frozen=True):
    """A number that belongs to a group."""

    name: str
    group: str
    number: int


class Node(Struct, frozen=True):
    """An object that names leaves and belongs to trees."""

    name: str
    leaves: tuple[str, ...]
    trees: tuple[str, ...]


def _listed(leaves: Sequence[Leaf]) -> Listed:
    return Listed(LEAF, {NamespacedName("ns", leaf.name): {Leaf: leaf} for leaf in leaves})


def _group(leaf: Leaf) -> Iterator[tuple[str, str]]:
    yield ("ns", leaf.group)


KINDS = (
    WatchedKind(kind=LEAF, plural="leaves", record=Leaf, indexes={"group": _group}),
    WatchedKind(kind=NODE, plural="nodes", record=Node, is_source=True),
)


class World:
    """A small pipeline: nodes → sums by tree → totals, with queries below."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.store = Store(KINDS)
        self.nodes: Table[tuple[tuple[str, int], ...]] = Table("nodes", self._node, lambda value: value)
        self.trees: Table[int] = Table("trees", self._tree, lambda _: (), follows=(self.nodes,))
        self.engine = Engine(self.store, (self.nodes, self.trees))

    def apply(self, changes: Iterable[Change]) -> None:
        """Take in changes as the pipeline does."""
        self.engine.apply(changes)
        known = set(self.store.names(Node))
        for name in known:
            self.nodes.want(name)
        for row in list(self.nodes.rows):
            if row not in known:
                self.nodes.unwant(row)

    def results(self) -> tuple[dict[object, object], dict[object, str]]:
        """Give every total, and every doubt."""
        self.engine.refresh()
        return dict(self.trees.values()), {**self.nodes.doubts, **self.trees.doubts}

    def _node(self, view: View, name: NamespacedName) -> tuple[tuple[str, int], ...]:
        self.calls[f"node {name.name}"] += 1
        node = view.get(Node, *name)
        if node is None:
            return ()
        total: int = sum(view.ask(self._leaf, leaf) for leaf in node.leaves)
        return tuple((tree, total) for tree in node.trees)

    def _leaf(self, view: View, name: str) -> int:
        self.calls[f"leaf {name}"] += 1
        leaf = view.get(Leaf, "ns", name)
        if leaf is None:
            return 0
        if leaf.number < 0:
            raise Unknown(f"{name} is negative")
        return leaf.number + len(view.list(Leaf, "group", ("ns", leaf.group)))

    def _tree(self, view: View, tree: str) -> int:
        self.calls[f"tree {tree}"] += 1
        return sum(map(int, view.group(self.nodes, tree))) * view.input(FACTOR, tree)


NAMES = st.sampled_from("abcd")
LEAVES = st.builds(Leaf, NAMES, st.sampled_from("xy"), st.integers(0, 3))
NODES = st.builds(
    Node, NAMES, st.lists(NAMES, max_size=3).map(tuple), st.lists(st.sampled_from("tu"), max_size=2).map(tuple)
)
EVENTS = st.one_of(
    LEAVES.map(lambda leaf: Upserted(LEAF, NamespacedName("ns", leaf.name), {Leaf: leaf})),
    NODES.map(lambda node: Upserted(NODE, NamespacedName("ns", node.name), {Node: node})),
    NAMES.map(lambda name: Removed(LEAF, NamespacedName("ns", name))),
    NAMES.map(lambda name: Removed(NODE, NamespacedName("ns", name))),
    st.lists(LEAVES, max_size=3).map(
        lambda found: Listed(LEAF, {NamespacedName("ns", x.name): {Leaf: x} for x in found})
    ),
    st.tuples(st.sampled_from("tu"), st.integers(1, 3)),
)
START: tuple[Change, ...] = (Listed(LEAF, {}), Listed(NODE, {}))


def _state(world: World) -> tuple[Change, ...]:
    """Give the content of a store as one list per kind."""
    return tuple(
        Listed(kind, {name: _record(world.store.get(ObjectKey(record, name))) for name in world.store.names(record)})
        for kind, record in ((NODE, Node), (LEAF, Leaf))
    )


def _record(item: Struct | None) -> dict[type[Struct], Struct | Unreadable]:
    assert item is not None
    return {type(item): item}


@settings(max_examples=share_of(300))
@given(st.lists(st.lists(EVENTS, max_size=4), max_size=8))
def test_incremental_equals_from_scratch(batches: Sequence[Sequence[Change | tuple[str, int]]]) -> None:
    """After any sequence of batches the results are those of a new engine that is shown the final content."""
    world = World()
    world.apply(START)
    inputs: dict[str, int] = {}
    for batch in batches:
        world.apply([event for event in batch if not isinstance(event, tuple)])
        for event in batch:
            if isinstance(event, tuple):
                inputs[event[0]] = event[1]
                world.engine.set_input(FACTOR, event[1], event[0])
        world.engine.refresh()
    fresh = World()
    for tree, factor in inputs.items():
        fresh.engine.set_input(FACTOR, factor, tree)
    fresh.apply(_state(world))
    assert world.results() == fresh.results()


@settings(max_examples=share_of(100))
@given(
    st.permutations(range(8)),
    st.lists(st.one_of(LEAVES, NODES), min_size=8, max_size=8, unique_by=lambda x: (type(x), x.name)),
)
def test_order_of_arrival_does_not_matter(order: Sequence[int], objects: Sequence[Leaf | Node]) -> None:
    """The same objects give the same results in whatever order they arrive."""
    events = [
        Upserted(LEAF if isinstance(item, Leaf) else NODE, NamespacedName("ns", item.name), {type(item): item})
        for item in objects
    ]
    one, other = World(), World()
    one.apply([*START, *events])
    other.apply(START)
    for index in order:
        other.apply([events[index]])
        other.engine.refresh()
    assert one.results() == other.results()


def _world(*objects: Leaf | Node) -> World:
    world = World()
    leaves = {NamespacedName("ns", x.name): _record(x) for x in objects if isinstance(x, Leaf)}
    nodes = {NamespacedName("ns", x.name): _record(x) for x in objects if isinstance(x, Node)}
    world.apply([Listed(LEAF, leaves), Listed(NODE, nodes)])
    world.engine.refresh()
    world.calls.clear()
    return world


def test_only_what_read_the_change_runs_again() -> None:
    """A leaf wakes the nodes that name it, and the trees of these."""
    world = _world(Leaf("a", "x", 1), Leaf("b", "y", 1), Node("n", ("a",), ("t",)), Node("m", ("b",), ("u",)))
    world.apply([Upserted(LEAF, NamespacedName("ns", "a"), {Leaf: Leaf("a", "x", 5)})])
    assert world.results()[0] == {"t": 6, "u": 2}
    assert world.calls == {"leaf a": 1, "node n": 1, "tree t": 1}


def test_an_equal_result_stops_there() -> None:
    """What is computed anew and comes out the same wakes nothing downstream."""
    world = _world(Leaf("a", "x", 1), Leaf("b", "x", 2), Node("n", ("a",), ("t",)))
    world.apply([Upserted(LEAF, NamespacedName("ns", "b"), {Leaf: Leaf("b", "x", 3)})])
    world.engine.refresh()
    assert world.calls == {"leaf a": 1}


def test_an_equal_object_wakes_nothing() -> None:
    """An object that arrives again with the same used fields is no change."""
    world = _world(Leaf("a", "x", 1), Node("n", ("a",), ("t",)))
    world.apply([Upserted(LEAF, NamespacedName("ns", "a"), {Leaf: Leaf("a", "x", 1)})])
    world.engine.refresh()
    assert not world.calls


def test_an_object_that_appears_wakes_who_looked_for_it() -> None:
    """Absence is a read like any other."""
    world = _world(Node("n", ("a",), ("t",)))
    assert world.results()[0] == {"t": 0}
    world.apply([Upserted(LEAF, NamespacedName("ns", "a"), {Leaf: Leaf("a", "x", 4)})])
    assert world.results()[0] == {"t": 5}


def test_unknown_keeps_the_last_good_result() -> None:
    """A query that cannot be computed any more leaves what it gave in force, and says why."""
    world = _world(Leaf("a", "x", 1), Node("n", ("a",), ("t",)))
    world.apply([Upserted(LEAF, NamespacedName("ns", "a"), {Leaf: Leaf("a", "x", -1)})])
    assert world.results() == ({"t": 2}, {})
    world.apply([Removed(LEAF, NamespacedName("ns", "a"))])
    assert world.results() == ({"t": 0}, {})


def test_unknown_from_the_start_is_a_doubt_and_no_result() -> None:
    """Without a last good result there is none, and the row is listed as a doubt."""
    world = _world(Leaf("a", "x", -1), Node("n", ("a",), ("t",)))
    totals, doubts = world.results()
    assert totals == {}
    assert list(doubts.values()) == ["a is negative"]


def test_an_unreadable_object_stays_as_it_was() -> None:
    """The version before an unreadable one stays in force; one that never could be read is unknown."""
    world = _world(Leaf("a", "x", 1), Node("n", ("a",), ("t",)))
    world.apply([Upserted(LEAF, NamespacedName("ns", "a"), {Leaf: Unreadable("garbage")})])
    assert world.results() == ({"t": 2}, {})
    world.apply([Upserted(LEAF, NamespacedName("ns", "z"), {Leaf: Unreadable("garbage")})])
    world.apply([Upserted(NODE, NamespacedName("ns", "n"), {Node: Node("n", ("z",), ("t",))})])
    totals, doubts = world.results()
    assert totals == {"t": 2}
    assert "garbage" in next(iter(doubts.values()))


def test_a_kind_that_is_not_listed_is_unknown_not_empty() -> None:
    """Before a kind is listed its objects are neither there nor absent."""
    world = World()
    world.apply([Listed(NODE, {NamespacedName("ns", "n"): {Node: Node("n", ("a",), ("t",))}})])
    totals, doubts = world.results()
    assert totals == {}
    assert "not listed yet" in next(iter(doubts.values()))
    world.apply([AvailabilityChanged(LEAF, Availability.NOT_SERVED)])
    assert world.results() == ({"t": 0}, {})


def test_what_nobody_reads_is_forgotten() -> None:
    """Results and cells of objects that went do not pile up."""
    world = _world(Leaf("a", "x", 1), Node("n", ("a",), ("t",)))
    world.apply([Removed(NODE, NamespacedName("ns", "n")), Removed(LEAF, NamespacedName("ns", "a"))])
    world.engine.refresh()
    assert world.engine.size == 0


class Spiteful(Struct, frozen=True):
    """A result that cannot be compared with another one of its sort."""

    number: int

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Spiteful):
            raise ZeroDivisionError("spilled")
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.number)


class OneTable:
    """One table over the leaves, with a function and pieces of the test's choice."""

    def __init__(self, function: Callable[[Leaf], object], pieces: Callable[[Any], Iterable[tuple[Hashable, Any]]]):
        self.store = Store(KINDS)
        self._function = function
        self.table: Table[object] = Table("leaves", self._row, pieces)
        self.engine = Engine(self.store, (self.table,))
        self.engine.apply(START)

    def _row(self, view: View, name: NamespacedName) -> object:
        leaf = view.get(Leaf, *name)
        return self._function(leaf) if leaf else None

    def put(self, *leaves: Leaf) -> None:
        self.engine.apply([Upserted(LEAF, NamespacedName("ns", x.name), {Leaf: x}) for x in leaves])
        for leaf in leaves:
            self.table.want(NamespacedName("ns", leaf.name))
        self.engine.refresh()

    def value(self, name: str) -> object:
        return self.table.value(NamespacedName("ns", name))


def test_a_result_that_cannot_be_compared_costs_its_row(caplog: pytest.LogCaptureFixture) -> None:
    world = OneTable(lambda leaf: Spiteful(leaf.number) if leaf.name == "a" else leaf.number, lambda _: ())
    world.put(Leaf("a", "x", 1), Leaf("b", "x", 1))
    world.put(Leaf("a", "x", 2), Leaf("b", "x", 2))
    assert world.value("b") == 2
    first = world.value("a")
    assert isinstance(first, Spiteful)
    assert first.number == 1
    assert world.table.doubts == {NamespacedName("ns", "a"): "ZeroDivisionError: spilled"}
    assert world.engine.faults.count == 1
    assert "Traceback" in caplog.text


def test_pieces_that_cannot_be_filed_cost_their_row() -> None:
    """What was filed before stays as it was, as a whole."""

    def pieces(number: int) -> Iterator[tuple[Hashable, int]]:
        yield "all", number
        yield "inverse", 6 // number

    world = OneTable(lambda leaf: leaf.number, pieces)
    world.put(Leaf("a", "x", 3), Leaf("b", "x", 2))
    world.put(Leaf("a", "x", 0), Leaf("b", "x", 1))
    assert world.table.group("all") == (3, 1)
    assert world.table.group("inverse") == (2, 6)
    assert list(world.table.doubts) == [NamespacedName("ns", "a")]
    world.put(Leaf("a", "x", 6))
    assert world.table.group("inverse") == (1, 6)
    assert not world.table.doubts


class Twig(Struct, frozen=True):
    """A record with an index that may raise."""

    group: int


TWIG = Kind("", "v1", "Twig")


def test_an_index_that_raises_costs_its_object() -> None:
    """Its last good version stays in force and filed; the others of the same list are taken in."""
    store = Store([WatchedKind(kind=TWIG, plural="twigs", record=Twig, indexes={"inverse": lambda t: [6 // t.group]})])
    engine = Engine(store, ())
    one, two = NamespacedName("ns", "one"), NamespacedName("ns", "two")
    engine.apply([Listed(TWIG, {one: {Twig: Twig(2)}, two: {Twig: Twig(1)}})])
    engine.apply([Listed(TWIG, {one: {Twig: Twig(0)}, two: {Twig: Twig(3)}})])
    assert store.get(ObjectKey(Twig, one)) == Twig(2)
    assert store.unreadable(ObjectKey(Twig, one)) == "ZeroDivisionError: integer division or modulo by zero"
    assert store.filed(IndexKey(Twig, "inverse", 3)) == (Twig(2),)
    assert store.filed(IndexKey(Twig, "inverse", 2)) == (Twig(3),)
    assert engine.faults.count == 1
    engine.apply([Upserted(TWIG, one, {Twig: Twig(6)})])
    assert store.unreadable(ObjectKey(Twig, one)) is None
    assert store.filed(IndexKey(Twig, "inverse", 1)) == (Twig(6),)
    assert store.filed(IndexKey(Twig, "inverse", 3)) == ()


class Fickle:
    """A key that can be looked up at first, and not any more."""

    is_lost = False

    def __hash__(self) -> int:
        if self.is_lost:
            raise TypeError("unhashable by now")
        return 1


def test_a_key_that_cannot_be_looked_up_any_more_costs_nobody_anything() -> None:
    key = Fickle()

    def counted(view: View, _: Fickle) -> int:
        return 1

    def asks(view: View, name: NamespacedName) -> int:
        view.get(Leaf, *name)
        return 2 if key.is_lost else view.ask(counted, key)

    table: Table[int] = Table("asks", asks, lambda _: ())
    engine = Engine(Store(KINDS), (table,))
    name = NamespacedName("ns", "a")
    table.want(name)
    engine.apply(START)
    engine.refresh()
    key.is_lost = True
    engine.apply([Upserted(LEAF, name, {Leaf: Leaf("a", "x", 2)})])
    engine.refresh()
    assert table.value(name) == 2
    assert not table.doubts
