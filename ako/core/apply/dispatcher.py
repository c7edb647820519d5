"""Trees → plans → operations in flight → what is known: all bookkeeping of writing, on the thinking thread.

A tree is planned when its desired state changed, or when a retry is due; never while a plan for it is under way. What
comes meanwhile is merged: the next plan is made from the latest desired state, so that nothing queues up.
Trees between which an object or a DNS name moves are planned as one. When the Controller asks to be left alone for a
while, nothing more of the tree is sent for so long, whatever changes; other trees go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set

from ako.core.apply.answers import Answers
from ako.core.apply.execution import Execution
from ako.core.apply.failure_lines import FailureLines
from ako.core.apply.jobs import Applied, Job
from ako.core.apply.knowledge import Knowledge
from ako.core.apply.retries import Retry
from ako.core.apply.sound_trees import SoundTrees
from ako.core.apply.tree_states import TreeStates
from ako.core.apply.worker import Worker
from ako.core.avi.errors import AviError
from ako.core.base.backoff import Pace
from ako.core.base.faults import Faults
from ako.core.base.refs import AviRef, TreeName
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Desired, Operation, Plan, touches_attached
from ako.core.plan.planner import Group, Planner
from ako.core.plan.proposal import Proposal
from ako.core.plan.protection import Protection

DesiredOf = Callable[[TreeName], Desired]


class Dispatcher:
    """Keeps the Controller in line with the desired trees.

    Args:
        observed: what is on the Controller; kept up to date here.
        desired_of: the objects of a tree, empty if it is not wanted any more.
        worker: sends requests.
        prefix: how names of ours begin.
        pace: when to try again.

    Attributes:
        planner: makes the plans; its policies say what is left of them.
        knowledge: what is on the Controller, and what of that is in doubt.
        done: how many operations were carried out, by kind and type of the object.
        on_begin: is told of each plan that begins.
        faults: of this program, in the plans of single trees and the answers about single objects.
    """

    def __init__(self, observed: Observed, desired_of: DesiredOf, worker: Worker, prefix: str, pace: Pace) -> None:
        self._states = TreeStates()
        self.planner = Planner(observed, desired_of, lambda tree: self._states.of(tree).is_doubtful, prefix)
        self.knowledge = Knowledge(observed, self.planner.drift, pace)
        self.done: Counter[tuple[type[Operation], str]] = Counter()
        self.faults = Faults("plan")
        self.on_begin: Callable[[Proposal, Job], None] = lambda *_: None
        self._failures = FailureLines(pace.clock)
        self._answers = Answers(self.planner, self.knowledge, self._states, self._failures)
        self._sound = SoundTrees(self.planner, self._states, self.faults, pace)
        self._worker = worker
        self._pace = pace
        self._jobs: dict[AviRef, Job] = {}

    # What the controller asks for.

    def touch(self, trees: Iterable[TreeName]) -> None:
        """Have trees planned again because their desired state changed; what they share is tried again if refused."""
        for tree in trees:
            state = self._states.of(tree)
            state.is_dirty = True
            state.is_doubtful |= self.planner.retry_refused(tree)
            if not state.is_outage:
                state.attempts, state.retry_at = 0, 0.0

    def plan_anew(self, trees: Iterable[TreeName]) -> None:
        """Have everything compared with a complete observation that was adopted: what was refused is tried again.

        Objects that no tree wants belong to the tree whose objects refer to them, so that they go in its order.
        """
        ownership = self.knowledge.ownership
        expected = {tree: state.planned | self.knowledge.unsure_of([tree]) for tree, state in self._states}
        wanted = sorted(trees)
        left = self.planner.start_anew(wanted, expected)
        for ref in ownership.theirs:
            self.planner.refuse(self.planner.tree_of(ref), ref, ownership.why_taken(ref))
        for _, state in self._states:
            state.attempts, state.retry_at, state.is_outage = 0, 0.0, False  # the Controller has just answered
        keep = left | {tree for tree in expected if expected[tree]}
        for tree in self._states.drop_idle(keep):
            self.planner.forget(tree)
        self._states.doubt(left)

    def try_later(self, tree: TreeName, ref: AviRef, message: str) -> None:
        """Have an object that was refused tried again after a wait: nobody who is on it is to blame."""
        self.planner.refused.forget([ref])
        self._states.of(tree).postpone(self._pace, trouble=f"{ref!r}: {message}", why=Retry.SHARED)

    def preview(self) -> tuple[Plan, Held]:
        """Give the plan for everything, and what of it would wait for being confirmed, without carrying it out."""
        planner = self.planner
        proposals = self._sound.attempt(planner.homes.trees(), lambda trees: planner.propose(planner.groups(trees)))
        losses = [loss for proposal in proposals for loss in proposal.held]
        plan = Plan(tuple(operation for proposal in proposals for operation in proposal.plan.operations))
        return plan, self.planner.guard.hold(losses)

    def protect(self, protection: Protection) -> None:
        """Take nothing away from what is protected; what no longer is gets planned again."""
        before, self.planner.protected.protection = self.planner.protected.protection, protection
        if not before.is_within(protection):
            self.touch_all(())

    def touch_all(self, trees: Iterable[TreeName]) -> None:
        """Have these trees, and all that have or had objects, compared completely."""
        every = {*trees, *self.planner.homes.trees()}
        self.touch(every)
        self._states.doubt(every)

    def start_over(self, worker: Worker) -> None:
        """Forget what is known of the Controller, and what is under way: it may be another one.

        Nothing is planned before it has been read; answers to what the worker before has sent must not be given here.
        """
        self._worker.retire()
        self._worker = worker
        self._jobs.clear()
        for _, state in self._states:
            state.let_go()
        self.knowledge.forget()
        self._states.doubt([tree for tree, _ in self._states])

    def start_due(self) -> set[TreeName]:
        """Plan and start every tree that is due and not under way.

        Gives the trees for which there is nothing to send: a look-up may have found them in line, or a name taken.
        """
        self._look_at_due()
        guard = self.planner.guard
        if guard.is_reopened:
            self._states.doubt(tuple(guard.waiting))
        pending = {tree for tree, state in self._states if state.is_pending}
        if not pending:
            return set()
        due, proposals = self._sound.attempt(pending | guard.waiting, lambda trees: self._propose(trees, pending))
        for proposal in filter(guard.lets_go, proposals):
            self._states.doubt(proposal.trees)  # if it cannot begin now, it is compared completely when it can
        guard.note(proposals)
        idle: set[TreeName] = set()
        for proposal in proposals:
            if proposal.trees in due or self._may_start(proposal.trees):
                with self.faults.contained(f"what is to be done in {', '.join(map(str, sorted(proposal.trees)))}"):
                    self._start(proposal)
                    idle |= proposal.trees if not proposal.plan else set()
                    continue
                self._sound.postpone(proposal.trees)
        return idle

    @property
    def next_due(self) -> float | None:
        """Give the time of the next retry or look, None if none is waiting."""
        waiting = [state.retry_at for _, state in self._states if state.retry_at and state.execution is None]
        return min((time for time in (*waiting, self.knowledge.next_due) if time is not None), default=None)

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is under way, waiting or due."""
        return not self.is_busy and not any(state.is_pending or state.execution for _, state in self._states)

    @property
    def failures(self) -> int:
        """Give the most failures in a row of any tree."""
        return max((state.attempts for _, state in self._states), default=0)

    @property
    def states(self) -> TreeStates:
        """Give what is remembered of each tree."""
        return self._states

    @property
    def troubles(self) -> tuple[str, ...]:
        """Say what the Controller would not do though no user's object is to blame, each once."""
        return tuple(sorted({state.trouble for _, state in self._states if state.trouble}))

    @property
    def is_busy(self) -> bool:
        """Say whether requests are under way."""
        return bool(self._jobs) or self.knowledge.is_reading()

    def is_settled(self, tree: TreeName) -> bool:
        """Say whether the Controller is in line with a tree, as far as we know."""
        state = self._states.get(tree)
        return state is None or not (state.is_pending or state.execution)

    # What comes back from the worker.

    def finished(self, operation: Operation, result: ObservedObject | AviError | None) -> Applied | None:
        """Take in the answer to an operation; say so if it was the last of its plan."""
        job = self._jobs.pop(operation.ref)
        is_done = self._take_answer(operation, result, job)
        self.done[type(operation), operation.ref.type] += is_done
        if not job.is_broken:
            with self.faults.contained(f"what follows from {operation.ref!r}"):
                return self._go_on(job, operation, is_done=is_done)
            job.is_broken = True
        if not any(other is job for other in self._jobs.values()):
            self._give_up(job)
        return None

    def looked_up(self, ref: AviRef, result: ObservedObject | AviError | PermissionError | None) -> None:
        """Take in what is on the Controller under a name that was in doubt."""
        trees = self.knowledge.was_read(ref)
        is_known = False
        with self.faults.contained(f"what was read of {ref!r}"):
            is_known = self._answers.take_look(ref, result, trees)
        for tree in trees:
            state = self._states.of(tree)
            if not is_known:
                self.knowledge.doubt(tree, ref)
                state.postpone(self._pace, *([result] if isinstance(result, AviError) else ()))
            if not self.knowledge.is_reading(tree):
                state.execution = None
                self._states.doubt([tree])

    # How it is done.

    def _propose(self, trees: list[TreeName], pending: Set[TreeName]) -> tuple[list[Group], Sequence[Proposal]]:
        """Give what is due, and what is to be done about it; judged together with all that may take something away."""
        groups = self.planner.groups(trees)
        due = [group for group in groups if not pending.isdisjoint(group) and self._may_start(group)]
        return due, self.planner.propose(due, [group for group in groups if group not in due]) if due else ()

    def _wait_for_others(self, trees: Group) -> None:
        """Have trees planned as soon as another plan has come to its end: no time is due for that."""
        for tree in trees:
            self._states.of(tree).retry_at = 0.0

    def _may_start(self, trees: frozenset[TreeName]) -> bool:
        """Say whether trees may be planned now; if something has to be looked up first, it is."""
        states = [self._states.of(name) for name in trees]
        if any(state.retry_at > self._pace.clock() for state in states):
            return False
        if any(state.execution is not None for state in states):
            self._wait_for_others(trees)
            return False
        if unsure := self.knowledge.unsure_of(trees):
            self._look_up(trees, unsure)
            return False
        return True

    def _start(self, proposal: Proposal) -> None:
        """Carry a proposal out, unless something has to be read first, or another plan is about the same objects."""
        trees, plan = proposal.trees, proposal.plan
        just_read = self.knowledge.just_read(trees)
        # A list is written whole, with what an operator has put into it by now.
        if unread := {op.ref for op in plan.operations if touches_attached(op) and op.ref not in just_read}:
            self._look_up(trees, unread)
            return
        refs = {operation.ref for operation in plan.operations}
        if self.knowledge.is_claimed(refs):
            # An object has changed its tree meanwhile: it is planned again when the plan that has it is done.
            self._wait_for_others(trees)
            return
        job = Job(trees, plan, Execution(plan))
        self.knowledge.claim(refs, trees)
        for tree in trees:
            state = self._states.of(tree)
            state.execution, state.retry_at = job, 0.0
            state.is_dirty = state.is_doubtful = False
        self.planner.note(proposal)
        self.on_begin(proposal, job)
        if job.execution.is_done:
            self._conclude(job)
        else:
            self._send(job)

    def _look_at_due(self) -> None:
        for ref, trees in self.knowledge.take_due():
            waiting = trees or frozenset({self.planner.tree_of(ref)})
            if not any(self._states.of(tree).execution for tree in waiting):
                self._look_up(waiting, {ref})
            elif trees:
                self.knowledge.look_later(ref, trees)

    def _look_up(self, trees: frozenset[TreeName], refs: Iterable[AviRef]) -> None:
        placeholder = Job(trees, Plan(), Execution(Plan()))
        for tree in trees:
            state = self._states.of(tree)
            state.execution, state.retry_at = placeholder, 0.0
        for ref in self.knowledge.read(refs, trees):
            self._worker.look_up(ref)

    def _send(self, job: Job) -> None:
        for operation in job.execution.start():
            self._jobs[operation.ref] = job
            self.knowledge.write(operation.ref)
            self._worker.carry_out(operation, job.halt, self.knowledge.ownership.mark)

    def _take_answer(self, operation: Operation, result: ObservedObject | AviError | None, job: Job) -> bool:
        """Take in an answer, if it can be worked with; say whether the operation is done."""
        with self.faults.contained(f"the answer about {operation.ref!r}"):
            return self._answers.take(operation, result, job)
        self.knowledge.failed(operation.ref, job.trees, {operation.ref}, may_be_late=False)
        return False

    def _go_on(self, job: Job, operation: Operation, *, is_done: bool) -> Applied | None:
        """Send what waited for an operation; say so if it was the last of its plan."""
        job.execution.finish(operation, succeeded=is_done)
        if job.execution.is_done:
            return self._conclude(job)
        self._send(job)
        return None

    def _give_up(self, job: Job) -> None:
        """Have the trees of a plan that cannot be gone on with planned anew, after a wait."""
        self.knowledge.let_go(operation.ref for operation in job.plan.operations)
        for tree in job.trees:
            state = self._states.of(tree)
            state.execution = None
            state.postpone(self._pace, trouble="a fault of this program, see the log")

    def _conclude(self, job: Job) -> Applied:
        execution = job.execution
        self.knowledge.let_go(operation.ref for operation in job.plan.operations)
        if execution.stuck:
            self._failures.stuck(execution.stuck)
        for tree in job.trees:
            state = self._states.of(tree)
            state.execution = None
            if job.errors or execution.failed or execution.stuck:
                state.postpone(self._pace, *job.errors)
                continue
            state.recover()
            if execution.is_partial:
                state.is_dirty = state.is_doubtful = True  # what was left is planned at once
            if not state.is_dirty:
                self._note_in_line(tree)
        return Applied(job.trees, tuple(execution.succeeded), frozenset(execution.failed | execution.skipped))

    def _note_in_line(self, tree: TreeName) -> None:
        """Note that the Controller is in line with a tree; one that is gone is forgotten."""
        self.planner.guard.forget(tree)
        if self.planner.is_gone(tree):
            self.planner.forget(tree)
            self.knowledge.forget_tree(tree)
            self._states.forget(tree)
