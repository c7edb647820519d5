"""What a controller is doing, for whoever watches it from another thread: read off what its parts count anyway."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.apply.dispatcher import Dispatcher
from ako.core.assemble.pipeline import Pipeline
from ako.core.base.doing import Doing
from ako.core.control.loop import Controller
from ako.core.observe.full_sync import FullSync
from ako.core.report.status_desk import StatusDesk


def doings(controller: Controller) -> tuple[Doing, ...]:
    """Give what is under way and not done yet, the first first; nothing if all is done or waits for its time."""
    reconciler, dispatcher = controller.reconciler, controller.reconciler.dispatcher
    reading = () if reconciler.is_observed else (*_asking(reconciler.pipeline), *_reading(controller.full_sync))
    if reading:
        return reading
    working = (*_computing(reconciler.pipeline), *_planning(dispatcher.planner.drafts))
    if working:
        return working
    return (*_writing(dispatcher), *_telling(controller.desk))


def _asking(pipeline: Pipeline) -> Iterator[Doing]:
    store = pipeline.store
    kinds = tuple(store.kinds())
    sought = sum(map(store.was_sought, kinds))
    if sought < len(kinds):
        yield Doing("listing Kubernetes", sought, len(kinds), "kinds")


def _reading(full_sync: FullSync) -> Iterator[Doing]:
    count = full_sync.reading
    if count is not None:
        yield Doing("reading the Avi Controller", count.done, count.of, "objects")
    elif full_sync.failures:
        yield Doing(f"waiting to ask again: {full_sync.failure}")


def _computing(pipeline: Pipeline) -> Iterator[Doing]:
    """Tell of the first table that is not up to date: those after it follow from it."""
    for table, things in ((pipeline.claims, "objects"), (pipeline.hosts, "hosts"), (pipeline.trees, "trees")):
        rows, stale = len(table.rows), len(table.stale)
        if stale:
            yield Doing("working out", max(0, rows - stale), rows, things)
            return


def _planning(drafts: tuple[int, int]) -> Iterator[Doing]:
    done, of = drafts
    if of:
        yield Doing("planning", done, of, "trees")


def _writing(dispatcher: Dispatcher) -> Iterator[Doing]:
    if left := dispatcher.states.unfinished:
        done = sum(list(dispatcher.done.values()))
        yield Doing("writing to the Avi Controller", done, done + left, "changes")


def _telling(desk: StatusDesk) -> Iterator[Doing]:
    if desk.under_way:
        yield Doing("writing to Kubernetes", things="statuses left", done=desk.under_way)
