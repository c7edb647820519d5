"""One line for each pass that changed anything on the Controller: what, how fast, for how many hosts, because of whom.

A pass begins plans, each for some trees, and is over when the last of them is. One that did nothing has no line, and
one of which nothing came neither: why is told where it failed. At DEBUG each decision of a pass is a line before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from ako.core.apply.jobs import Job
from ako.core.base.log import about
from ako.core.base.moment import duration, rfc3339_now
from ako.core.base.refs import ObjectRef
from ako.core.base.wording import some_of
from ako.core.control.decision_lines import tell_decisions
from ako.core.control.reconcile import Reconciler
from ako.core.control.underway import Changed
from ako.core.observe.served import owners_of, served_by
from ako.core.overview.activity import MOST_NAMED, PassTold
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update
from ako.core.plan.proposal import Proposal

_log = logging.getLogger(__name__)

_WORDS: tuple[tuple[type[Operation], str], ...] = ((Create, "created"), (Update, "updated"), (Delete, "deleted"))


class _Pass(Struct):
    """A pass under way.

    Attributes:
        plan: id of all that it is to do, as `ako plan` gives it.
        began: when it began, on the clock.
        jobs: its plans.
        causes: what brought it about, in words.
    """

    plan: str
    began: float
    jobs: tuple[Job, ...]
    causes: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        return all(job.execution.is_done or job.is_broken for job in self.jobs)


class PassLines:
    """Follows passes; runs on the thinking thread.

    Args:
        reconciler: whose passes.
        clock: seconds, growing.
    """

    def __init__(self, reconciler: Reconciler, clock: Callable[[], float]) -> None:
        self.on_over: Callable[[PassTold], None] = lambda _: None
        """Is told of each pass that is over, of those too of which nothing came."""
        self._reconciler = reconciler
        self._clock = clock
        self._begun: list[tuple[Proposal, Job]] = []
        self._open: list[_Pass] = []
        self._had_first = False
        self._full_syncs = 0
        reconciler.dispatcher.on_begin = self._begin

    def _begin(self, proposal: Proposal, job: Job) -> None:
        self._begun.append((proposal, job))

    def follow(self, full_syncs: int) -> None:
        """After each pass: note what it began, and tell of those that are over; so many full syncs there were."""
        if self._begun:
            self._take(full_syncs)
        if self._open:
            over = [one for one in self._open if one.is_over]
            self._open = [one for one in self._open if not one.is_over]
            for one in over:
                self._tell(one)
        # Whatever they brought about has begun by now, be it nothing: they are not the cause of what comes later.
        if self._reconciler.is_observed and not self._reconciler.dispatcher.is_busy:
            self._had_first, self._full_syncs = True, full_syncs

    def forget(self) -> None:
        """Follow nothing any more: it is another Controller, or another replica, that is written to now."""
        self._begun.clear()
        self._open.clear()
        self._had_first = False

    def _take(self, full_syncs: int) -> None:
        begun, self._begun = self._begun, []
        plan = Plan(tuple(operation for _, job in begun for operation in job.plan.operations))
        name = plan.id if plan else ""
        if _log.isEnabledFor(logging.DEBUG):
            tell_decisions([proposal for proposal, _ in begun], self._reconciler, name)
        if plan:
            causes = tuple(self._causes([job for _, job in begun], full_syncs))
            self._open.append(_Pass(name, self._clock(), tuple(job for _, job in begun if job.plan), causes))

    def _causes(self, jobs: Iterable[Job], full_syncs: int) -> Iterator[str]:
        """Say what brought a pass about: the start, a full sync, objects that changed, or what is tried again."""
        is_first, is_synced = not self._had_first, full_syncs != self._full_syncs
        self._had_first, self._full_syncs = True, full_syncs
        if is_first:
            yield "the start"
            return
        behind = self._reconciler.underway.behind(tree for job in jobs for tree in job.trees)
        if is_synced:
            yield "a full sync"
        yield from map(_key_of, behind)
        if not behind and not is_synced:
            yield "settings, the time of day or what is tried again"

    def _tell(self, one: _Pass) -> None:
        executions = [job.execution for job in one.jobs]
        done = [operation for execution in executions for operation in execution.succeeded]
        seconds = self._clock() - one.began
        failed, skipped = sum(len(e.failed) for e in executions), sum(len(e.skipped) for e in executions)
        done_to = {word: sum(isinstance(operation, kind) for operation in done) for kind, word in _WORDS}
        not_done = {"failed": failed, "not tried because of that": skipped}
        counts = ", ".join(f"{count} {word}" for word, count in {**done_to, **not_done}.items() if count)
        hosts, services = _served_in(done)
        in_all = (*hosts, *services)
        words = (
            f"{counts or 'nothing done'} in {duration(seconds)}{_for_whom(hosts, services)}, "
            f"because of {some_of(one.causes)} (plan {one.plan})"
        )
        if done:
            _log.info("%s", words, extra=about(reason="Programmed", plan=one.plan, seconds=seconds))
        told = PassTold(
            at=rfc3339_now(),
            plan=one.plan,
            causes=one.causes,
            created=done_to["created"],
            updated=done_to["updated"],
            deleted=done_to["deleted"],
            failed=failed,
            skipped=skipped,
            hosts=in_all[:MOST_NAMED],
            hosts_in_all=len(in_all),
            seconds=round(seconds, 3),
            words=words,
        )
        self.on_over(told)


def _served_in(operations: Iterable[Operation]) -> tuple[list[str], list[str]]:
    """Give the hosts for which something was done, and the Services, both as they are asked for."""
    hosts, services = set[str](), set[str]()
    for operation in operations:
        item = operation.observed.object if isinstance(operation, Delete) else operation.object
        for one in served_by(item):
            if isinstance(one, str):
                hosts.add(one)
            else:
                services.update([f"Service/{owner}" for owner in owners_of(item)] or [one.name])
    return sorted(hosts), sorted(services)


def _for_whom(hosts: Sequence[str], services: Sequence[str]) -> str:
    """Say for how many something was done; empty for what is for nobody alone."""
    counts = ((len(hosts), "host", "hosts"), (len(services), "Service", "Services"))
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    return f" for {' and '.join(told)}" if told else ""


def _key_of(changed: Changed) -> str:
    kind, name = changed
    return f"a list of {kind.name}" if name is None else ObjectRef(kind, *name).key
