"""Has those told whom something concerns: statuses, Events and log lines of source objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.backoff import Pace, Postponed
from ako.core.base.faults import Faults
from ako.core.base.refs import AviRef, Kind, ObjectRef, TreeName
from ako.core.engine.kinds import SharedStatus
from ako.core.hooks.outcome import HostState, Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.plan.refusals import Refusals
from ako.core.report.census import Census
from ako.core.report.outcomes import Outcomes
from ako.core.report.status_desk import StatusDesk


class Reporter:
    """Remembers who has to be told, and who waits for which tree.

    Args:
        pipeline: the source objects, and what was made of them.
        plugins: say how a status is written.
        desk: writes statuses and Events.
        outcomes: what became of the source objects.
        refused: what the Controller would not take.
        pace: when to try again what failed by a fault of this program.

    Attributes:
        faults: of this program, in what is made of one object.
        census: who is served and who is not, by what was told last.
        steps: how many objects were looked at so far.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        plugins: PluginHost,
        desk: StatusDesk,
        outcomes: Outcomes,
        refused: Refusals,
        pace: Pace,
    ) -> None:
        self.faults = Faults("report")
        self.on_told: Callable[[ObjectRef, Outcome | None], None] = lambda *_: None
        """Is told what each object was told; None where it is gone."""
        self.census = Census()
        self.steps = 0
        self._pipeline = pipeline
        self._plugins = plugins
        self._desk = desk
        self._refused = refused
        self._outcomes = outcomes
        self._postponed: Postponed[ObjectRef] = Postponed(pace)
        self._concerned: set[ObjectRef] = set()
        self._waiting: dict[TreeName, set[ObjectRef]] = {}
        self._blamed: dict[TreeName, tuple[set[AviRef], frozenset[ObjectRef]]] = {}
        """By tree: what was refused, and whose objects that concerns."""

    @property
    def is_idle(self) -> bool:
        """Say whether nobody has to be told anything, but for what is postponed."""
        return not self._concerned

    @property
    def postponed(self) -> tuple[ObjectRef, ...]:
        """Give the objects that could not be told by a fault of this program."""
        return tuple(sorted(self._postponed))

    @property
    def next_due(self) -> float | None:
        """Give the time at which one of these is tried again, None if there is none."""
        return self._postponed.next_due

    def seen(self, refs: Iterable[ObjectRef], listed: Collection[Kind]) -> None:
        """Note that source objects, or their statuses, were seen anew; of a kind that was `listed` all were.

        A server with older data does not have what was written to the one before, and its list may show nothing new.
        """
        seen = (*refs, *self._desk.unconfirmed(listed))
        self._desk.seen(seen)
        self._concerned.update(seen)

    def concern(self, refs: Iterable[ObjectRef]) -> None:
        """Have source objects told at the end of this pass."""
        self._concerned.update(refs)

    def concern_all(self) -> None:
        """Have every source object told."""
        self._concerned.update(self._pipeline.source_refs())

    def concern_hosts(self, tree: TreeName) -> None:
        """Have the sources of all hosts of a tree told."""
        found = self._pipeline.trees.value(tree)
        for placed in found.hosts if found else ():
            self._concerned.update(placed.sources)

    def plan_ended(self, tree: TreeName) -> None:
        """Have those told for whom a plan of a tree has news: who waited for it, and whom it cannot serve."""
        self._concerned |= self._waiting.pop(tree, set())
        self._concerned |= self._blamed_in(tree)

    def _blamed_in(self, tree: TreeName) -> frozenset[ObjectRef]:
        """Give for whom something of a tree was refused: whoever comes to such a host later waits to be told anyway."""
        refused = self._refused.refs_of([tree])
        found = self._pipeline.trees.value(tree) if refused else None
        if found is None:
            self._blamed.pop(tree, None)
            return frozenset()
        known = self._blamed.get(tree)
        if known is None or known[0] != refused:
            hosts = (placed for placed in found.hosts if not refused.isdisjoint(placed.refs))
            known = self._blamed[tree] = (refused, frozenset(ref for placed in hosts for ref in placed.sources))
        return known[1]

    def explain(self) -> tuple[tuple[ObjectRef, Outcome], ...]:
        """Give what became of every source object."""
        self._outcomes.begin()
        return tuple((ref, self._outcomes.of(ref)) for ref in sorted(self._pipeline.source_refs()))

    def report(self, *, is_deleting: bool) -> None:
        """Tell whom something concerns; where everything goes, that they are not served any more."""
        refs, self._concerned = self._concerned.union(self._postponed.due()), set()
        self._outcomes.begin()
        for ref in sorted(refs):
            self.steps += 1
            with self.faults.contained(ref.key):
                self._report(ref, is_deleting=is_deleting)
                self._postponed.succeeded(ref)
                continue
            self._postponed.failed(ref)

    def _report(self, ref: ObjectRef, *, is_deleting: bool) -> None:
        outcome = self._outcomes.of(ref)
        told = Outcome((), (), outcome.our_addresses, outcome.router_name) if is_deleting else outcome
        source = self._pipeline.source(ref)
        if source is None:
            is_there = ref in self._pipeline.claims.rows  # but never readable
            self._desk.tell(ref, outcome.problems if is_there else ())
            self._desk.forget(ref)
            self.census.note(ref, told.hosts if is_there else ())
            # Of what is gone something may be served yet: because that is held back, or until its plan has ended.
            self.on_told(ref, told if is_there or told.hosts else None)
            self._wait_with(ref, told)
            return
        self.census.note(ref, told.hosts)
        self.on_told(ref, told)
        self._desk.tell(ref, told.problems)
        version = source.status.metadata.resource_version if isinstance(source.status, SharedStatus) else ""
        self._desk.write(ref, self._plugins.report(source, told), version)
        self._wait_with(ref, told)

    def _wait_with(self, ref: ObjectRef, told: Outcome) -> None:
        """Have an object told again when a plan has ended for what of it is not live."""
        for host in told.hosts:
            if host.tree and host.state is not HostState.LIVE:
                self._waiting.setdefault(host.tree, set()).add(ref)
