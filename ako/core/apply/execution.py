"""The progress of a plan while it is carried out. Pure bookkeeping: somebody else sends the requests.

Whatever `order` allows goes in parallel.
"""

from __future__ import annotations

from ako.core.apply.giving_up import gives_up, keeping, left_without
from ako.core.apply.order import BARRIERS, inverted, order
from ako.core.base.refs import AviRef
from ako.core.plan.plan import Delete, Operation, Plan


class Execution:
    """The progress of one plan: what may be sent now, what has to wait, what cannot be done."""

    def __init__(self, plan: Plan) -> None:
        ordered = order(plan.operations)
        self._operations = dict(ordered.operations)
        self._needed_by = inverted(ordered.needed)
        self._awaited_by = inverted(ordered.awaited)
        self._waits_for = {
            ref: ordered.needed.get(ref, set()) | ordered.awaited.get(ref, set())
            for ref in (*ordered.operations, *(BARRIERS & ordered.awaited.keys()))
        }
        self.is_partial = ordered.is_partial
        self._startable = [ref for ref, waits in self._waits_for.items() if not waits]
        self._running: set[AviRef] = set()
        self._without: set[str] = set()
        """Hosts that do not have what they should, in lower case."""
        self.failed: set[AviRef] = set()
        self.skipped: set[AviRef] = set()
        """What could not be done, or was to take something from a host that lacks what it should have."""
        self.succeeded: list[Operation] = []

    @property
    def is_done(self) -> bool:
        """Say whether nothing is running and nothing can be started any more."""
        return not self._running and not self._startable

    @property
    def unfinished(self) -> int:
        """Give how many operations have neither an answer nor been skipped."""
        return len(self._operations) - len(self.succeeded) - len(self.failed) - len(self.skipped)

    @property
    def stuck(self) -> list[AviRef]:
        """Give what has not begun though nothing is under way; always empty at the end, else the order is wrong."""
        return list(self._waiting()) if self.is_done else []

    def start(self) -> list[Operation]:
        """Give the operations that may be sent now; each is given once."""
        started, self._startable = self._startable, []
        self._running.update(started)
        return [self._operations[ref] for ref in started]

    def stop(self) -> None:
        """Begin nothing more: the rest is skipped."""
        self.skipped.update(self._waiting(), self._startable)
        self._startable = []

    def finish(self, operation: Operation, *, succeeded: bool) -> None:
        """Note the result of an operation; what needs a failed one is skipped, what only comes after it goes on.

        But nobody gives up what he has for what could not be had.
        """
        self._running.discard(operation.ref)
        if succeeded:
            self.succeeded.append(operation)
        else:
            self.failed.add(operation.ref)
        self._settle(operation.ref, succeeded=succeeded)

    def _settle(self, ref: AviRef, *, succeeded: bool) -> None:
        if not succeeded:
            self._without.update(left_without(self._operations[ref]))
            for dependant in self._needed_by.get(ref, ()):
                if dependant not in self.skipped:
                    self._skip(dependant)
        for waiting in {*self._needed_by.get(ref, ()), *self._awaited_by.get(ref, ())}:
            self._waits_for[waiting].discard(ref)
            if self._waits_for[waiting] or waiting in self.skipped:
                continue
            if waiting in BARRIERS:
                self._settle(waiting, succeeded=True)
            elif self._without and gives_up(self._operations[waiting], self._without, self._operations):
                self._hold(waiting)
            else:
                self._startable.append(waiting)

    def _hold(self, ref: AviRef) -> None:
        """Do of an operation what takes nothing from those who lack something; others have what they should."""
        less = keeping(self._operations[ref], self._without)
        if less is None:
            self._skip(ref)
            return
        self._operations[ref] = less
        self._startable.append(ref)
        still = set(less.object.references())
        for dependant in self._needed_by.get(ref, ()):
            if dependant in still and dependant not in self.skipped and isinstance(self._operations[dependant], Delete):
                self._skip(dependant)

    def _skip(self, ref: AviRef) -> None:
        self.skipped.add(ref)
        self._settle(ref, succeeded=False)

    def _waiting(self) -> set[AviRef]:
        """Give the operations that others have to come before."""
        return {ref for ref, waits in self._waits_for.items() if waits} - self.skipped - BARRIERS
