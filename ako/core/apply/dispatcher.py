"""Trees → plans → operations in flight → what is observed: all bookkeeping of writing, on the thinking thread.

A tree is planned when its desired state changed, or when a retry is due; never while a plan for it is under way. What
comes meanwhile is merged: the next plan is made from the latest desired state, so that nothing queues up.
Trees between which an object or a DNS name moves are planned as one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from ako.core.apply.addresses import AddressWatch
from ako.core.apply.execution import Execution
from ako.core.apply.jobs import Applied, Job
from ako.core.apply.late_writes import LateWrites
from ako.core.apply.tree_states import TreeStates
from ako.core.apply.uncertain import is_refusal, uncertain_after
from ako.core.apply.worker import Worker
from ako.core.avi.errors import AviError, AviNotFound, AviUnreachable
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import DeletionGuard, takes_down
from ako.core.plan.drift import DriftWatch
from ako.core.plan.plan import Delete, Operation, Plan, touches_attached
from ako.core.plan.planner import Desired, Planner
from ako.core.plan.protection import Protection, protection_against
from ako.core.plan.refusals import Refusal

_log = logging.getLogger(__name__)


class Dispatcher:
    """Keeps the Controller in line with the desired trees.

    Args:
        observed: what is on the Controller; kept up to date here.
        desired_of: the objects of a tree, empty if it is not wanted any more.
        worker: sends requests.
        prefix: how names of ours begin.
        pace: when to try again.

    Attributes:
        refused: what the Controller refused, as it was wanted.
        guard: holds back what would delete too much.
        drift: what somebody else changed, and what to do about it.
    """

    def __init__(
        self, observed: Observed, desired_of: Callable[[str], Desired], worker: Worker, prefix: str, pace: Pace
    ) -> None:
        self.observed = observed
        self._states = TreeStates()
        self._planner = Planner(observed, desired_of, lambda tree: self._states.of(tree).is_doubtful, prefix)
        self.refused = self._planner.refused
        self._desired_of = desired_of
        self._worker = worker
        self._pace = pace
        self.guard = DeletionGuard()
        self.drift = DriftWatch(prefix)
        self._is_read = False
        self._jobs: dict[AviRef, Job] = {}
        self._claimed: set[AviRef] = set()
        self._lookups: dict[AviRef, set[str]] = {}
        self._fresher: set[AviRef] = set()
        self._freed: set[AviRef] = set()
        self._addresses = AddressWatch(pace)
        self._late = LateWrites(pace)

    # What the controller asks for.

    def touch(self, trees: Iterable[str]) -> None:
        """Have trees planned again because their desired state changed; what they share is tried again if refused."""
        for tree in trees:
            state = self._states.of(tree)
            state.is_dirty = True
            for ref in [ref for ref in self.refused if ref.name == tree]:
                del self.refused[ref]
            if not state.is_outage:
                state.attempts, state.retry_at = 0, 0.0

    def begin_observation(self) -> None:
        """Note that a complete observation begins: what is written or looked up from now on is known better."""
        self._fresher = set(self._jobs)

    def adopt(self, observation: Mapping[AviRef, ObservedObject], trees: Iterable[str]) -> None:
        """Take over a complete observation and have everything planned: what was refused is tried again.

        Objects that no tree wants belong to the tree whose objects refer to them, so that they go in its order.
        """
        known = {ref: self.observed.get(ref) for ref in self._fresher}
        seen = {ref: found for ref, found in observation.items() if ref not in known}
        seen.update((ref, found) for ref, found in known.items() if found is not None)
        if self._is_read:
            self.drift.compare(dict(self.observed.items()), seen, self._unsure())
        self.observed.replace(seen)
        self._is_read = True
        self.refused.clear()
        self._planner.homes.clear()
        wanted = sorted(trees)
        for tree in wanted:
            self._planner.homes.settle(tree, self._desired_of(tree))
        self._settle_expected()
        self._planner.homes.take_in(seen)
        for _, state in self._states:
            state.attempts, state.retry_at, state.is_outage = 0, 0.0, False  # the Controller has just answered
        left = {*wanted, *self._planner.homes.trees()}
        for tree in self._states.drop_idle(keep=left):
            self._planner.forget(tree)
        self._states.doubt(left)

    def _settle_expected(self) -> None:
        """Let what may yet come of writes belong to their trees, so that it goes if nobody wants it by then."""
        homes = self._planner.homes
        for tree, state in self._states:
            homes.settle(tree, sorted(ref for ref in state.expected if homes.tree_of(ref) is None))

    def preview(self) -> tuple[Plan, Plan]:
        """Give the plan for everything, and what of it would wait for being confirmed, without carrying it out."""
        trees = [frozenset({tree}) for tree in sorted(self._planner.homes.trees())]
        plans = {tree: self._planner.plan(tree) for tree in trees}
        self.guard.holds(plans, self.observed)
        return Plan(tuple(op for plan in plans.values() for op in plan.operations)), self.guard.held

    def protect(self, protection: Protection) -> None:
        """Take nothing away from what is protected; what no longer is gets planned again."""
        if protection != self._planner.protection:
            self._planner.protection = protection
            self.touch_all(())

    def touch_all(self, trees: Iterable[str]) -> None:
        """Have these trees, and all that have or had objects, compared completely."""
        every = {*trees, *self._planner.homes.trees()}
        self.touch(every)
        self._states.doubt(every)

    def start_over(self, worker: Worker) -> None:
        """Forget what is known of the Controller, and what is under way: it may be another one.

        Nothing is planned before it has been read; answers to what the worker before has sent must not be given here.
        """
        self._worker.retire()
        self._worker = worker
        for under_way in (self._jobs, self._lookups, self._claimed, self._freed):
            under_way.clear()
        for _, state in self._states:
            state.let_go()
        self.observed.replace({})
        self.drift.forget()
        self._late.forget()
        self._is_read = False
        self._fresher.clear()
        self._states.doubt([tree for tree, _ in self._states])

    def start_due(self) -> set[str]:
        """Plan and start every tree that is due and not under way; hold back what would delete too much.

        Gives the trees for which there is nothing to send: a look-up may have found them in line, or a name taken.
        """
        for ref in self._addresses.due(self.observed.without_address):
            tree = self._planner.tree_of(ref)
            if self._states.of(tree).execution is None:
                self._look_up(frozenset({tree}), {ref})
        for ref, trees in self._late.due():
            if any(self._states.of(tree).execution for tree in trees):
                self._late.note(ref, trees)
            else:
                self._look_up(trees, {ref})
        groups = self._planner.groups([tree for tree, state in self._states if state.is_pending])
        jobs = [job for trees in groups if (job := self._prepare(trees)) is not None]
        judged = {job.trees: job.plan for job in jobs}
        if any(map(takes_down, judged.values())):
            # Those that are not due count too, or a deletion would pass the guard in small parts.
            judged |= {trees: self._planner.plan(trees) for trees in groups if trees not in judged}
        is_held = self.guard.holds(judged, self.observed)
        for job in jobs:
            if is_held and takes_down(job.plan):
                self._start(self._additive(job), is_partial=True)
            else:
                self._start(job)
        return {tree for job in jobs if not job.plan for tree in job.trees}

    def _start(self, job: Job, *, is_partial: bool = False) -> None:
        """Carry a plan out; of a partial one the rest stays to be planned."""
        if unread := self._unread(job.trees, job.plan):
            self._look_up(job.trees, unread)
            return
        refs = {operation.ref for operation in job.plan.operations}
        if not refs.isdisjoint(self._claimed):
            return  # an object has changed its tree meanwhile: it is planned again when the plan that has it is done
        self._claimed |= refs
        for tree in job.trees:
            state = self._states.of(tree)
            state.execution, state.retry_at = job, 0.0
            state.is_dirty = state.is_doubtful = is_partial
            state.just_read.clear()
            self._planner.note(tree)
        self._send(job)
        if job.execution.is_done:
            self._conclude(job)

    def _additive(self, job: Job) -> Job:
        """Give what of a job deletes nothing, and takes nothing from the hosts that deletions are about."""
        protection = self._planner.protection | protection_against(job.plan.of(Delete))
        plan = self._to_repair(job.trees, self._planner.plan_all(job.trees, protection))
        return Job(job.trees, plan, Execution(plan), [])

    @property
    def next_due(self) -> float | None:
        """Give the time of the next retry, None if none is waiting."""
        waiting = [state.retry_at for _, state in self._states if state.retry_at and state.execution is None]
        times = [*waiting, self._addresses.next_due, self._late.next_due]
        return min((time for time in times if time is not None), default=None)

    def _unsure(self) -> set[AviRef]:
        """Give the objects that may still become otherwise than they were observed."""
        return {*self._late, *(ref for _, state in self._states for ref in state.expected)}

    def names_there(self, names: Iterable[str]) -> set[str]:
        """Give those names that objects of ours have on the Controller, or may come to have."""
        coming = {ref.name for ref in self._unsure()}
        return {name for name in names if name in coming or self.observed.has_name(name)}

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is under way, waiting or due."""
        return (
            not self._jobs
            and not self._lookups
            and not any(state.is_pending or state.execution for _, state in self._states)
        )

    @property
    def failures(self) -> int:
        """Give the most failures in a row of any tree."""
        return max((state.attempts for _, state in self._states), default=0)

    @property
    def is_busy(self) -> bool:
        """Say whether requests are under way."""
        return bool(self._jobs or self._lookups)

    def is_settled(self, tree: str) -> bool:
        """Say whether the Controller is in line with a tree, as far as we know."""
        state = self._states.of(tree)
        return not (state.is_pending or state.execution)

    # What comes back from the worker.

    def finished(self, operation: Operation, result: ObservedObject | AviError | None) -> Applied | None:
        """Take in the answer to an operation; say so if it was the last of its plan."""
        job = self._jobs.pop(operation.ref)
        succeeded = self._absorb(operation, result, job)
        self.drift.written(operation.ref, succeeded=succeeded)
        self._freed.discard(operation.ref)
        job.execution.finish(operation, succeeded=succeeded)
        self._send(job)
        if not job.execution.is_done:
            return None
        return self._conclude(job)

    def looked_up(self, ref: AviRef, result: ObservedObject | AviError | PermissionError | None) -> None:
        """Take in what is on the Controller under a name that was in doubt."""
        trees = self._lookups.pop(ref, set())
        self._fresher.add(ref)  # an observation that is under way may be older
        for tree in trees:
            state = self._states.of(tree)
            state.uncertain.discard(ref)
            state.just_read.add(ref)
            if isinstance(result, AviError):
                state.uncertain.add(ref)
                state.postpone(self._pace, result)
        if isinstance(result, PermissionError):
            self._refuse(ref, trees, str(result))
        elif isinstance(result, ObservedObject):
            self.observed.put(ref, result)
            if self._planner.homes.tree_of(ref) is None and trees:
                self._planner.homes.settle(min(trees), [ref])
        elif result is None:
            self.observed.forget(ref)
        for tree in trees:
            state = self._states.of(tree)
            if not any(tree in waiting for waiting in self._lookups.values()):
                state.execution = None
                state.is_dirty = state.is_doubtful = True

    # How it is done.

    def _prepare(self, trees: frozenset[str]) -> Job | None:
        """Plan trees together; None if they are not due, or something has to be looked up first."""
        states = [self._states.of(name) for name in trees]
        if any(state.execution is not None or state.retry_at > self._pace.clock() for state in states):
            return None
        uncertain = {ref for state in states for ref in state.uncertain}
        if uncertain:
            self._look_up(trees, uncertain)
            return None
        plan = self._planner.plan(trees)
        if not self._unread(trees, plan):
            plan = self._to_repair(trees, plan)
        return Job(trees, plan, Execution(plan), [])

    def _to_repair(self, trees: Iterable[str], plan: Plan) -> Plan:
        return self.drift.to_repair(plan, lambda ref: self._wanted(ref, trees))

    def _unread(self, trees: Iterable[str], plan: Plan) -> set[AviRef]:
        """Give what is to be read first: a list is written whole, with what an operator has put into it by now."""
        just_read = {ref for tree in trees for ref in self._states.of(tree).just_read}
        return {op.ref for op in plan.operations if touches_attached(op) and op.ref not in just_read}

    def _look_up(self, trees: frozenset[str], refs: Iterable[AviRef]) -> None:
        placeholder = Job(trees, Plan(), Execution(Plan()), [])
        for tree in trees:
            state = self._states.of(tree)
            state.execution, state.retry_at = placeholder, 0.0
        for ref in sorted(refs):
            is_new = ref not in self._lookups
            self._lookups.setdefault(ref, set()).update(trees)
            if is_new:
                self._worker.look_up(ref)

    def _send(self, job: Job) -> None:
        for operation in job.execution.start():
            self._jobs[operation.ref] = job
            self._fresher.add(operation.ref)
            self.drift.writes(operation.ref)
            self._worker.carry_out(operation)

    def _absorb(self, operation: Operation, result: ObservedObject | AviError | None, job: Job) -> bool:
        """Note what an answer says about the Controller; say whether the operation is done."""
        ref = operation.ref
        if isinstance(operation, Delete) and isinstance(result, AviNotFound):
            self._doubt_absence(ref, result, job)
            result = None
        if isinstance(result, AviError):
            self._absorb_error(operation, result, job)
            return False
        if isinstance(operation, Delete) or result is None:
            self.observed.forget(ref)
            self._planner.homes.forget(ref)
            if ref.type == VsVip.avi_type:
                self._try_addresses_again()
        else:
            self.observed.put(ref, result)
        return True

    def _doubt_absence(self, ref: AviRef, error: AviError, job: Job) -> None:
        """Have a name looked up that is said to be gone: an object that was restored has another UUID."""
        job.errors.append(error)  # should it be said again and again, that is no reason to ask without a pause
        for tree in job.trees:
            self._states.of(tree).uncertain.add(ref)

    def _try_addresses_again(self) -> None:
        """Try VsVips again that were refused, or yet will be: the address that is free now may be what they want."""
        self._freed.update(ref for ref in self._jobs if ref.type == VsVip.avi_type)
        freed = [ref for ref in self.refused if ref.type == VsVip.avi_type]
        for ref in freed:
            del self.refused[ref]
        self._states.doubt(map(self._planner.tree_of, freed))

    def _absorb_error(self, operation: Operation, error: AviError, job: Job) -> None:
        _log.warning("Avi Controller: %s", error)
        job.errors.append(error)
        if is_refusal(error) and not isinstance(operation, Delete) and operation.ref not in self._freed:
            wanted = self._wanted(operation.ref, job.trees) or operation.object  # before anything was laid into it
            self.refused[operation.ref] = Refusal(wanted, error.message)
        if isinstance(error, AviUnreachable) and error.may_have_been_carried_out:
            self._late.note(operation.ref, job.trees)
        uncertain = uncertain_after(operation, error, self.observed)
        for tree in job.trees:
            self._states.of(tree).uncertain |= uncertain

    def _wanted(self, ref: AviRef, trees: Iterable[str]) -> AviObject | None:
        """Give an object as the trees want it, None if none of them does."""
        found = (self._desired_of(tree).get(ref) for tree in trees)
        return next((wanted for wanted in found if wanted is not None), None)

    def _refuse(self, ref: AviRef, trees: Iterable[str], message: str) -> None:
        for tree in trees:
            if (wanted := self._desired_of(tree).get(ref)) is not None:
                self.refused[ref] = Refusal(wanted, message)

    def _conclude(self, job: Job) -> Applied:
        execution = job.execution
        self._claimed.difference_update(operation.ref for operation in job.plan.operations)
        if execution.stuck:
            _log.error("a fault of this program: nothing lets these begin: %s", execution.stuck)
        for tree in job.trees:
            state = self._states.of(tree)
            state.execution = None
            if job.errors or execution.stuck:
                state.postpone(self._pace, *job.errors)
                continue
            state.attempts, state.retry_at, state.is_outage = 0, 0.0, False
            if execution.is_partial:
                state.is_dirty = state.is_doubtful = True  # what was left is planned at once
            if not state.is_dirty:
                self.guard.forget(tree)
        return Applied(job.trees, tuple(execution.succeeded), frozenset(execution.failed | execution.skipped))
