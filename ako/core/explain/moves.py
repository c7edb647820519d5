"""What of a plan moves: hosts that get another address, and objects that get another name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ako.core.assemble.names import Loss
from ako.core.base.refs import AviRef
from ako.core.model import VsVip
from ako.core.observe.observed import Observed
from ako.core.plan.plan import Create, Delete, Plan


class Move(Struct, frozen=True):
    """A DNS name that goes from one address to another.

    Attributes:
        host: the name.
        before: the VsVip that has it.
        after: the VsVip that gets it.
        old: addresses of the one.
        new: addresses of the other; none while it has none.
    """

    host: str
    before: str
    after: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    def __str__(self) -> str:
        old, new = (", ".join(addresses) for addresses in (self.old, self.new))
        return f"{self.host} from {old or 'no address'} ({self.before}) to {new or 'a new address'} ({self.after})"


class Renaming(Struct, frozen=True):
    """An object that cannot have the name it needs, because somebody older has it.

    Attributes:
        host: whose it is.
        name: what it would be called.
        other: what it is called instead.
    """

    host: str
    name: str
    other: str

    def __str__(self) -> str:
        return f"{self.other} of {self.host}, for {self.name} is an older one's"


def moves_of(plan: Plan, observed: Observed) -> tuple[Move, ...]:
    """Give the DNS names of which the address changes.

    Args:
        plan: what is to be done.
        observed: what is on the Controller.
    """
    return tuple(sorted(_moves(plan, observed), key=lambda move: move.host))


def _moves(plan: Plan, observed: Observed) -> Iterator[Move]:
    for operation in plan.operations:
        if isinstance(operation, Delete) or not isinstance(operation.object, VsVip):
            continue
        there = _vsvip(observed, operation.ref)
        known = frozenset(there.fqdns) if there else frozenset()
        for fqdn in operation.object.fqdns:
            holder = observed.holder(fqdn) if fqdn not in known else None
            before = _vsvip(observed, holder) if holder else None
            if holder is not None and before is not None:
                new = there.addresses if there else ()
                yield Move(fqdn, holder.title, operation.ref.title, before.addresses, new)


def _vsvip(observed: Observed, ref: AviRef) -> VsVip | None:
    seen = observed.get(ref)
    return seen.object if seen is not None and isinstance(seen.object, VsVip) else None


def renamings_of(plan: Plan, losses: Iterable[Loss]) -> tuple[Renaming, ...]:
    """Give the objects that a plan creates under another name than they need.

    Args:
        plan: what is to be done.
        losses: which hosts do not get which names.
    """
    created = {operation.ref.name for operation in plan.operations if isinstance(operation, Create)}
    found = (loss for loss in losses if loss.other in created)
    return tuple(sorted((Renaming(_title(loss), loss.name, loss.other) for loss in found), key=lambda one: one.other))


def _title(loss: Loss) -> str:
    return loss.key if isinstance(loss.key, str) else f"{loss.key.namespace}/{loss.key.name}"
