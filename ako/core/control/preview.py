"""What a run would do, for those who only look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.sequence import in_sequence
from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import AviRef, ObjectRef
from ako.core.engine.store import ObjectKey
from ako.core.explain.answer import Fault
from ako.core.explain.causes import Cause, Surroundings, causes_of
from ako.core.explain.hosts import fault_told
from ako.core.explain.moves import Move, Renaming, moves_of, renamings_of
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.records import Node
from ako.core.observe.observed import Observed
from ako.core.observe.ownership import Namesake
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Create, Plan

EVERYTHING_GOES = "everything is to go"
"""Why all is deleted with `deleteConfig`."""


class SettingChange(Struct, frozen=True):
    """A setting that is another than before, in the users' spelling; None stands for its default."""

    key: str
    old: Any
    new: Any

    def __str__(self) -> str:
        old, new = ("its default" if value is None else json.dumps(value) for value in (self.old, self.new))
        return f"{self.key} from {old} to {new}"


class Preview(Struct, frozen=True):
    """The plan for everything as it stands, and what else an operator should know before.

    Attributes:
        plan: all operations, in an order in which they may be sent.
        held: who would no longer be served if it did not wait for being confirmed; nothing of that is in the plan.
        elsewhere: hosts that stay on another shard than the settings give them, with that shard.
        namesakes: other clusters of our name, whose objects are left alone.
        tenants: which tenants could not be read, in words.
        causes: who causes each operation.
        problems: what the owners of source objects are told, by object.
        moves: DNS names that get another address.
        renamings: objects that are created under another name than they need.
        reported: types of objects in the plan that a controller which runs leaves as others changed them.
        settings: what is set otherwise, where two states are compared.
    """

    plan: Plan
    held: Held
    elsewhere: Mapping[str, int] = {}
    namesakes: tuple[Namesake, ...] = ()
    tenants: tuple[str, ...] = ()
    causes: Mapping[AviRef, Cause] = {}
    problems: tuple[Fault, ...] = ()
    moves: tuple[Move, ...] = ()
    renamings: tuple[Renaming, ...] = ()
    reported: tuple[str, ...] = ()
    settings: tuple[SettingChange, ...] = ()

    def beside(
        self, elsewhere: Mapping[str, int], namesakes: tuple[Namesake, ...], tenants: tuple[str, ...]
    ) -> Preview:
        """Give it with what is known beside the plan."""
        return replace(self, elsewhere=elsewhere, namesakes=namesakes, tenants=tenants)


def foreseen(
    pipeline: Pipeline, dispatcher: Dispatcher, outcomes: Iterable[tuple[ObjectRef, Outcome]], *, is_deleting: bool
) -> Preview:
    """Give the plan for everything as it stands, with who causes what; nothing of it is done.

    Args:
        pipeline: what is wanted.
        dispatcher: knows what is there, and plans.
        outcomes: what became of the source objects.
        is_deleting: everything of ours is to go.
    """
    plan, held = dispatcher.preview()
    plan = Plan(in_sequence(plan))
    overall = EVERYTHING_GOES if is_deleting else ""
    observed = dispatcher.knowledge.observed
    changed = {operation.ref.type for operation in plan.operations if not isinstance(operation, Create)}
    return Preview(
        plan,
        held,
        causes=causes_of(plan, surroundings(pipeline, dispatcher, plan, observed, overall)),
        problems=tuple(fault_told(problem) for _, outcome in outcomes for problem in outcome.problems),
        moves=moves_of(plan, observed),
        renamings=renamings_of(plan, (loss for _, losses in pipeline.contests.values() for loss in losses)),
        reported=tuple(sorted(kind for kind in changed if dispatcher.planner.drift.action(kind) == "report")),
    )


def surroundings(
    pipeline: Pipeline, dispatcher: Dispatcher, plan: Plan, observed: Observed, overall: str = ""
) -> Surroundings:
    """Give what is looked at to say who causes a plan: the trees that it is about, and what is there.

    Args:
        pipeline: what is wanted.
        dispatcher: knows which tree an object is in.
        plan: what is to be done.
        observed: what is there.
        overall: what all deletions are because of, if it is one thing.
    """
    names = {dispatcher.planner.tree_of(operation.ref) for operation in plan.operations}
    found = (pipeline.trees.value(name) for name in sorted(names))
    trees = tuple(tree for tree in found if tree is not None)
    return Surroundings(trees, observed, pipeline.namesakes, _node_finder(pipeline), overall)


def _node_finder(pipeline: Pipeline) -> Callable[[str], str]:
    """Give what finds the Node that has an address; Nodes are looked at when the first is asked for."""

    @cache
    def nodes() -> Mapping[str, str]:
        records = (kind.record for kind in pipeline.watched if issubclass(kind.record, Node))
        keys = (ObjectKey(record, name) for record in records for name in pipeline.store.names(record))
        found = (node for key in keys if isinstance(node := pipeline.store.get(key), Node))
        return {address: f"Node/{node.metadata.name}" for node in found for address in node.internal_addresses}

    return lambda address: nodes().get(address, "")
