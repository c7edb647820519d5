"""What is remembered of each tree: what is to be planned, what is under way, what is in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from ako.core.apply.jobs import Job
from ako.core.apply.retries import Retry, reason_of
from ako.core.avi.errors import AviAuthError, AviError, AviUnreachable
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName


class TreeState:
    """What the dispatcher remembers of one tree."""

    __slots__ = (
        "attempts",
        "execution",
        "is_dirty",
        "is_doubtful",
        "is_outage",
        "retries",
        "retry_at",
        "trouble",
    )

    def __init__(self, retries: Counter[Retry]) -> None:
        self.retries = retries
        self.is_dirty = False
        self.is_doubtful = True
        self.is_outage = False
        self.attempts = 0
        self.retry_at = 0.0
        self.trouble = ""
        self.execution: Job | None = None

    @property
    def is_pending(self) -> bool:
        """Say whether it is to be planned, now or later."""
        return self.is_dirty or bool(self.retry_at)

    @property
    def planned(self) -> set[AviRef]:
        """Give the objects that the plan under way is about."""
        return {operation.ref for operation in self.execution.plan.operations} if self.execution else set()

    def let_go(self) -> None:
        """Forget what is under way, and what came of it."""
        self.execution = None
        self.recover()

    def recover(self) -> None:
        """Note that the Controller does what is asked for again."""
        self.attempts, self.retry_at, self.is_outage, self.trouble = 0, 0.0, False, ""

    def postpone(self, pace: Pace, *errors: AviError, trouble: str = "", why: Retry = Retry.FAULT) -> None:
        """Set the next try: at once where the world only has to be read again or done without, else after a wait.

        `trouble` is what the Controller would not do though nobody's object is to blame, `why` the word for it where
        there is no error.
        """
        self.attempts += 1
        self.retries[reason_of(errors, why)] += 1
        self.is_dirty = self.is_doubtful = True
        outages = [error for error in errors if isinstance(error, (AviUnreachable, AviAuthError))]
        self.trouble = trouble or self.trouble
        self.is_outage = bool(outages or trouble)
        asked = max((error.retry_after or 0.0 for error in outages), default=0.0)
        is_first = self.attempts == 1 and not self.is_outage
        self.retry_at = pace.clock() + (0.0 if is_first else pace.wait(self.attempts, asked))


class TreeStates:
    """What is remembered of every tree: (name, state) pairs, where a state is made when it is first asked for.

    Attributes:
        retries: how often a tree was to be tried again, by reason.
    """

    def __init__(self) -> None:
        self._states: dict[TreeName, TreeState] = {}
        self.retries: Counter[Retry] = Counter()

    def __iter__(self) -> Iterator[tuple[TreeName, TreeState]]:
        return iter(self._states.items())

    @property
    def unfinished(self) -> int:
        """Give how many operations of the plans under way have no answer yet; any thread may ask."""
        jobs = {id(job): job for state in list(self._states.values()) if (job := state.execution) is not None}
        return sum(job.execution.unfinished for job in jobs.values())

    def of(self, tree: TreeName) -> TreeState:
        """Give the state of a tree."""
        return self._states.setdefault(tree, TreeState(self.retries))

    def forget(self, tree: TreeName) -> None:
        """Forget a tree that is gone."""
        self._states.pop(tree, None)

    def get(self, tree: TreeName) -> TreeState | None:
        """Give the state of a tree, None if nothing is remembered of it."""
        return self._states.get(tree)

    def doubt(self, trees: Iterable[TreeName]) -> None:
        """Have trees compared completely."""
        for tree in trees:
            state = self.of(tree)
            state.is_dirty = state.is_doubtful = True

    def drop_idle(self, keep: Container[TreeName]) -> list[TreeName]:
        """Forget trees for which nothing is under way, but for those to keep; give their names."""
        idle = [tree for tree, state in self._states.items() if tree not in keep and not state.execution]
        for tree in idle:
            del self._states[tree]
        return idle
