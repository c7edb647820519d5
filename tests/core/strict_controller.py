"""An Avi Controller reduced to its rules about references and names, to carry plans out on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from ako.core.apply.execution import Execution
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Delete, Operation, Update, merge_observed

OWNED = frozenset(
    {"vsvip", "pool", "poolgroup", "virtualservice", "httppolicyset", "vsdatascriptset", "sslkeyandcertificate"}
)


class StrictController:
    """Refuses what a Controller refuses: dangling references, deleting what is referred to, a DNS name used twice."""

    def __init__(self, *objects: AviObject) -> None:
        self.observed = Observed()
        self.writes: list[Operation] = []
        for item in objects:
            self.observed.put(item.ref, ObservedObject("uuid", item))

    def carried_out(
        self, execution: Execution, choose: Callable[[Sequence[Operation]], int]
    ) -> Generator[Operation, None, None]:
        """Carry a plan out; of the answers that may come, the chosen one comes. Give each operation that is done."""
        flying = execution.start()
        while flying:
            operation = flying.pop(choose(flying))
            self.carry_out(operation)
            execution.finish(operation, succeeded=True)
            flying += execution.start()
            yield operation

    def carry_out(self, operation: Operation) -> None:
        """Do what an operation says, or fail."""
        self.writes.append(operation)
        if isinstance(operation, Delete):
            users = self.users(operation.ref)
            assert not users, f"{operation.ref!r} is deleted while {users} refer to it"
            self.observed.forget(operation.ref)
            return
        self._check(operation)
        before = operation.observed.object if isinstance(operation, Update) else None
        now = operation.object if before is None else merge_observed(operation.object, before)
        self.observed.put(operation.ref, ObservedObject(f"{operation.ref.type}-1", now))

    def users(self, ref: AviRef) -> list[AviRef]:
        """Give what refers to an object: nobody can delete it while there is any."""
        return [user for user, seen in self.observed.items() if ref in tuple(seen.object.references())]

    def _check(self, operation: Create | Update) -> None:
        exists = operation.ref in self.observed
        assert exists == isinstance(operation, Update), f"{operation.ref!r} exists: {exists}"
        for ref in operation.object.references():
            assert ref.type not in OWNED or ref in self.observed, (
                f"{operation.ref!r} refers to {ref!r}, which is not there"
            )
        if isinstance(operation.object, VsVip):
            for fqdn in operation.object.fqdns:
                holder = self.observed.holder(fqdn)
                assert holder in {None, operation.ref}, f"{fqdn} enters {operation.ref!r} while {holder!r} has it"


def contents(observed: Observed) -> dict[AviRef, object]:
    """Give what is on a Controller, without uuids."""
    return {ref: seen.object for ref, seen in observed.items()}
