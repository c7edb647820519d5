"""What an answer of the Controller means for what is known, wanted and in doubt."""

from __future__ import annotations

from collections.abc import Iterable

from ako.core.apply.failure_lines import FailureLines
from ako.core.apply.jobs import Job
from ako.core.apply.knowledge import Knowledge
from ako.core.apply.tree_states import TreeStates
from ako.core.apply.uncertain import is_refusal, uncertain_after
from ako.core.avi.errors import AviError, AviNotFound, AviUnreachable
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import VsVip
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Delete, Operation
from ako.core.plan.planner import Planner


class Answers:
    """Takes in what came back, for the dispatcher, which says what goes on after that."""

    def __init__(self, planner: Planner, knowledge: Knowledge, states: TreeStates, failures: FailureLines) -> None:
        self._planner = planner
        self._knowledge = knowledge
        self._states = states
        self._failures = failures

    def take(self, operation: Operation, result: ObservedObject | AviError | None, job: Job) -> bool:
        """Take in the answer to an operation of a plan; say whether it is done."""
        ref = operation.ref
        if isinstance(operation, Delete) and isinstance(result, AviNotFound):
            # An object that was restored has another UUID. Should it be said to be gone again and again, that is no
            # reason to ask without a pause.
            job.errors.append(result)
            for tree in job.trees:
                self._knowledge.doubt(tree, ref)
            result = None
        if isinstance(result, AviError):
            self._take_error(operation, result, job)
            return False
        self._knowledge.written(ref, result)
        if result is None:
            self._planner.homes.forget(ref)
            if ref.type == VsVip.avi_type:
                # The address that is free now may be what VsVips want that were refused.
                self._states.doubt(self._planner.retry_type(VsVip.avi_type))
        return True

    def take_look(
        self, ref: AviRef, found: ObservedObject | AviError | PermissionError | None, trees: Iterable[TreeName]
    ) -> bool:
        """Note what a look-up says about an object; say whether that is anything."""
        result = self._knowledge.ownership.judge(ref, found)
        if isinstance(result, AviError):
            return False
        if isinstance(result, PermissionError):
            self._knowledge.observed.forget(ref)
            for tree in trees:
                self._planner.refuse(tree, ref, result)
        elif result is None:
            self._knowledge.observed.forget(ref)
        else:
            self._knowledge.observed.put(ref, result)
            if self._planner.homes.tree_of(ref) is None and trees:
                self._planner.homes.settle(min(trees), [ref])
        return True

    def _take_error(self, operation: Operation, error: AviError, job: Job) -> None:
        self._failures.tell(error)
        job.errors.append(error)
        if error.retry_after:
            job.execution.stop()
        is_refused = is_refusal(operation, error, self._knowledge.observed)
        if is_refused and not isinstance(operation, Delete) and not self._knowledge.is_free_again(operation.ref):
            self._planner.refuse_wanted(job.trees, operation.object, error)
        may_be_late = isinstance(error, AviUnreachable) and error.may_have_been_carried_out
        unsure = uncertain_after(operation, error, self._knowledge.observed)
        self._knowledge.failed(operation.ref, job.trees, unsure, may_be_late=may_be_late)
