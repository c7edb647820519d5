"""In which order a plan is carried out. Pure bookkeeping: somebody else sends the requests.

* What is created is created after what it refers to; what is deleted goes after whatever referred to it.
* A DNS name leaves its old VsVip before it enters a new one: the Controller wants it unique.
* A redirect to HTTPS comes after the SNI child it leads to, and plain HTTP is given up after that child is there.
* A virtual service is deleted after everything new is in place.
* Within that, whatever can go in parallel does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ako.core.model import CHILD, AviObject, HTTPPolicySet, PoolGroup, VirtualService, VsVip
from ako.core.plan import Create, Delete, Operation, Plan, Update
from ako.core.refs import AviRef


class Execution:
    """The progress of one plan: what may be sent now, what has to wait, what cannot be done."""

    def __init__(self, plan: Plan) -> None:
        self._operations = {operation.ref: operation for operation in plan.operations}
        needed, awaited = _order(self._operations)
        self._needed_by = _inverted(needed)
        self._awaited_by = _inverted(awaited)
        self._waits_for = {ref: needed.get(ref, set()) | awaited.get(ref, set()) for ref in self._operations}
        self._startable = [ref for ref, waits in self._waits_for.items() if not waits]
        self._running: set[AviRef] = set()
        self.failed: set[AviRef] = set()
        self.skipped: set[AviRef] = set()
        self.succeeded: list[Operation] = []

    @property
    def is_done(self) -> bool:
        """Say whether nothing is running and nothing can be started any more."""
        return not self._running and not self._startable

    def start(self) -> list[Operation]:
        """Give the operations that may be sent now; each is given once."""
        started, self._startable = self._startable, []
        self._running.update(started)
        return [self._operations[ref] for ref in started]

    def finish(self, operation: Operation, *, succeeded: bool) -> None:
        """Note the result of an operation; what needs a failed one is skipped, what only comes after it goes on."""
        self._running.discard(operation.ref)
        if succeeded:
            self.succeeded.append(operation)
        else:
            self.failed.add(operation.ref)
        self._settle(operation.ref, succeeded=succeeded)

    def _settle(self, ref: AviRef, *, succeeded: bool) -> None:
        if not succeeded:
            for dependant in self._needed_by.get(ref, ()):
                if dependant not in self.skipped:
                    self.skipped.add(dependant)
                    self._settle(dependant, succeeded=False)
        for waiting in {*self._needed_by.get(ref, ()), *self._awaited_by.get(ref, ())}:
            self._waits_for[waiting].discard(ref)
            if not self._waits_for[waiting] and waiting not in self.skipped:
                self._startable.append(waiting)


Edges = dict[AviRef, set[AviRef]]


def _inverted(edges: Mapping[AviRef, set[AviRef]]) -> dict[AviRef, list[AviRef]]:
    inverted: dict[AviRef, list[AviRef]] = {}
    for after, befores in edges.items():
        for before in befores:
            inverted.setdefault(before, []).append(after)
    return inverted


def _order(operations: Mapping[AviRef, Operation]) -> tuple[Edges, Edges]:
    """Give what each operation needs done, and what it merely comes after."""
    needed: Edges = {}
    awaited: Edges = {}
    for edges, pairs in ((needed, _needs(operations)), (awaited, _awaits(operations))):
        for after, before in pairs:
            if after != before and after not in needed.get(before, ()):
                edges.setdefault(after, set()).add(before)
    return needed, awaited


def _needs(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    leaving = _leaving_names(operations)
    for ref, operation in operations.items():
        if not isinstance(operation, Delete):
            yield from ((ref, other) for other in _among(operations, operation.object, Create))
            yield from ((ref, leaving[fqdn]) for fqdn in _entering_names(operation) if fqdn in leaving)
        if not isinstance(operation, Create):
            yield from ((other, ref) for other in _among(operations, operation.observed.object, Delete))


def _among(operations: Mapping[AviRef, Operation], referrer: AviObject, kind: type[Operation]) -> Iterator[AviRef]:
    """Give what an object refers to, as far as there is an operation of that kind for it."""
    return (ref for ref in referrer.references() if isinstance(operations.get(ref), kind))


def _awaits(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    new_children = [ref for ref, operation in operations.items() if _is_new_child(operation)]
    changes = [ref for ref, operation in operations.items() if not isinstance(operation, Delete)]
    created = {ref for ref, operation in operations.items() if isinstance(operation, Create)}
    for ref, operation in operations.items():
        if isinstance(operation, Delete):
            if ref.type == "virtualservice":
                yield from ((ref, change) for change in changes)
        elif _follows_children(operation, created):
            yield from ((ref, child) for child in new_children)


def _is_new_child(operation: Operation) -> bool:
    if not isinstance(operation, Create) or not isinstance(operation.object, VirtualService):
        return False
    return operation.object.vs_type == CHILD


def _follows_children(operation: Operation, created: set[AviRef]) -> bool:
    """Say whether an operation must come after new SNI children.

    Not while the virtual service it belongs to is being created too: children wait for that one, and it for this.
    """
    if AviRef("virtualservice", operation.ref.name) in created or isinstance(operation, Delete):
        return False
    wanted = operation.object
    if isinstance(wanted, HTTPPolicySet):
        return any(rule.redirect_action for rule in wanted.http_request_policy.rules)
    if isinstance(operation, Update) and isinstance(wanted, PoolGroup):
        before = operation.observed.object
        return isinstance(before, PoolGroup) and len(before.members) > len(wanted.members)
    return False


def _leaving_names(operations: Mapping[AviRef, Operation]) -> dict[str, AviRef]:
    leaving: dict[str, AviRef] = {}
    for ref, operation in operations.items():
        if isinstance(operation, Create) or not isinstance(operation.observed.object, VsVip):
            continue
        wanted = operation.object if isinstance(operation, Update) else None
        after = frozenset(wanted.fqdns if isinstance(wanted, VsVip) else ())
        leaving.update((fqdn, ref) for fqdn in operation.observed.object.fqdns if fqdn not in after)
    return leaving


def _entering_names(operation: Operation) -> tuple[str, ...]:
    if isinstance(operation, Delete) or not isinstance(operation.object, VsVip):
        return ()
    before = operation.observed.object if isinstance(operation, Update) else None
    known = frozenset(before.fqdns if isinstance(before, VsVip) else ())
    return tuple(fqdn for fqdn in operation.object.fqdns if fqdn not in known)
