"""Who causes the operations of a plan: for which hosts, because of which Kubernetes objects. Pure.

What is wanted says it by its host. Of what is shared those are meant whose entries come or go, and nobody beside them.
What nobody wants any more says it by what is written on it, or on what it belongs with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from ako.core.assemble.tree import Tree
from ako.core.base.refs import AviRef, NamespacedName, ObjectRef
from ako.core.base.wording import some_of
from ako.core.explain.changed_parts import changed_parts, named_in
from ako.core.explain.former_owners import FormerOwners
from ako.core.explain.owners import Owner, Owners
from ako.core.model import ForeignObject, Pool, StaticRoute
from ako.core.model.names import is_shared_name
from ako.core.observe.observed import Observed
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update


class Share(StrEnum):
    """Of how many hosts an object is."""

    ONE = "host"
    SEVERAL = "shared"
    NONE = "other"


class Cause(Struct, frozen=True, omit_defaults=True):
    """Who causes an operation.

    Attributes:
        share: of how many hosts the object is.
        hosts: whom the operation is for; of what is shared, if it is changed, those whose entries come or go.
            Ports of Services stand there by what they are called in messages.
        sources: the Kubernetes objects because of which, such as `Ingress/default/shop`; of those that are gone
            namespace and name.
        why: what else there is to say, in words.
    """

    share: Share
    hosts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why: str = ""


def is_of_ports(name: str) -> bool:
    """Say whether a name among `hosts` is that of ports, such as `Service/shop/mq`: no host has a slash in it."""
    return "/" in name


class Surroundings(Struct, frozen=True):
    """What is looked at to say who causes a plan.

    Attributes:
        trees: of its objects, as they are wanted.
        observed: what is on the Controller.
        is_there: gives the source objects of a namespace and name.
        node_at: gives the Node that has an address; empty if none has it.
        overall: what all deletions are because of, if it is one thing.
    """

    trees: Iterable[Tree]
    observed: Observed
    is_there: Callable[[NamespacedName], Iterable[ObjectRef]]
    node_at: Callable[[str], str] = lambda _: ""
    overall: str = ""


def causes_of(plan: Plan, around: Surroundings) -> Mapping[AviRef, Cause]:
    """Say of each operation of a plan who causes it; one that nothing tells of has a cause without hosts and sources.

    Args:
        plan: the operations.
        around: what is looked at.
    """
    asked = _Asked(plan, around)
    return {operation.ref: asked.cause(operation) for operation in plan.operations}


_FOLLOWS_FROM: Mapping[tuple[str, str], str] = {
    ("virtualservice", "enable_rhi"): "NetworkSettings.enableRHI",
    ("pool", "placement_networks"): "NetworkSettings.nodeNetworkList",
}
"""Fields that a setting alone decides, with that setting."""

_FROM_ORIGIN = frozenset({"servers", "certificate"})
"""Fields with what comes from the origin of an object."""


class _Asked:
    """Answers about one operation after the other."""

    def __init__(self, plan: Plan, around: Surroundings) -> None:
        self._around = around
        self._owners = Owners(around.trees)
        created = (operation for operation in plan.operations if isinstance(operation, Create))
        self._new_shared = {op.ref: op.object for op in created if self._owners.sharing(op.ref)}
        self._former = FormerOwners(around.observed, around.is_there)

    def cause(self, operation: Operation) -> Cause:
        """Give the cause of one operation."""
        if isinstance(operation, Delete):
            return self._of_deletion(operation)
        if isinstance(operation.object, ForeignObject):
            return self._of_foreign(operation)
        owner = self._owners.of(operation.ref)
        if isinstance(operation, Create):
            return self._of_creation(operation, owner)
        return self._of_update(operation, owner)

    def _of_creation(self, operation: Create, owner: Owner | None) -> Cause:
        if owner is not None:
            why = f"from {owner.origin}" if owner.origin else ""
            return _cause(Share.ONE, self._coming_or_going(operation, owner) or (owner,), why)
        sharing = self._owners.sharing(operation.ref)
        if sharing:
            return _cause(Share.SEVERAL, tuple(self._named_in(operation.object)) or sharing)
        return Cause(Share.SEVERAL if sharing is not None else Share.NONE, why="no host needs it yet")

    def _of_update(self, operation: Update, owner: Owner | None) -> Cause:
        meant = tuple(self._meant(operation, owner))
        follows = ", ".join(_settings_of(operation))
        why = f"follows from {follows}" if follows else ""
        if owner is not None:
            if owner.origin and any(change.field in _FROM_ORIGIN for change in operation.changes):
                why = f"from {owner.origin}"
            of_host = tuple(one for one in meant if one.host == owner.host)
            return _cause(Share.ONE, self._coming_or_going(operation, owner) or of_host or (owner,), why)
        if meant:
            return _cause(Share.SEVERAL, meant, why)
        sharing = self._owners.sharing(operation.ref)
        share = Share.NONE if sharing is None else Share.SEVERAL
        return _cause(share, sharing or (), why or "what all hosts on it share")

    def _coming_or_going(self, operation: Create | Update, owner: Owner) -> tuple[Owner, ...]:
        """Give the Services that come to an address which several share, or leave it; servers that change are none."""
        service = self._owners.address(owner.host)
        if service is None or (isinstance(operation, Update) and isinstance(operation.object, Pool)):
            return ()
        before = {name for one in self._former.of(service) for name in one.sources}
        some = tuple(sorted(before.symmetric_difference(owner.sources))) if before else ()
        return (Owner(owner.host, some),) if some else ()

    def _meant(self, operation: Update, owner: Owner | None) -> Iterator[Owner]:
        """Give whose entries come or go."""
        for change in operation.changes:
            if change.field == "service_metadata" and owner is not None:
                between = self._former.between(owner.host, change.old, change.new)
                yield from (between,) if between else ()
        for part in _parts(operation):
            yield from self._named_in(part)

    def _named_in(self, value: Any) -> Iterable[Owner]:
        """Give whose is what a value names: what it leads to says more than the names that stand in it."""
        names = tuple(named_in(value))
        led_to = [owner for name in names if isinstance(name, AviRef) for owner in self._of(name)]
        return led_to or [owner for name in names if isinstance(name, str) for owner in self._named(name)]

    def _of(self, ref: AviRef) -> Iterable[Owner]:
        """Give whose an object is; what is shared and new is whose it leads to."""
        if (owner := self._owners.of(ref)) is not None:
            return (owner,)
        new = self._new_shared.get(ref)
        return self._named_in(new) if new is not None else self._former.of(ref)

    def _named(self, name: str) -> Sequence[Owner]:
        """Give whose a host name is; that of a wildcard stands in rules without its star."""
        host = f"*{name}" if name.startswith(".") else name
        owner = self._owners.named(host)
        return (owner,) if owner else self._former.named(host)

    def _of_deletion(self, operation: Delete) -> Cause:
        owners = tuple(self._former.of(operation.ref))
        share = Share.SEVERAL if is_shared_name(operation.ref.name) else Share.ONE
        if not owners:
            is_shared = share is Share.SEVERAL
            why = "no host is on it" if is_shared else "nobody wants it, and nothing on it says for whom it was"
            return Cause(share if is_shared else Share.NONE, why=self._around.overall or why)
        return _cause(share, owners, self._around.overall or self._why_gone(owners))

    def _why_gone(self, owners: Sequence[Owner]) -> str:
        gone = tuple(dict.fromkeys(name for owner in owners for name in owner.gone))
        if gone:
            return f"{some_of(gone)} {'is' if len(gone) == 1 else 'are'} gone"
        if any(self._owners.named(owner.host) for owner in owners):
            return "its host is served by other objects"
        return "nothing asks for it any more"

    def _of_foreign(self, operation: Create | Update) -> Cause:
        """Say whose entries in an object of others come or go: a route is that of the node that it leads over."""
        hops = dict.fromkeys(part.next_hop.addr for part in _parts(operation) if isinstance(part, StaticRoute))
        nodes = {hop: self._around.node_at(hop) for hop in hops}
        gone = tuple(hop for hop, node in nodes.items() if not node)
        why = f"no Node has {some_of(gone)} any more" if gone else ""
        if not hops:
            why = "its engines take the static routes of this cluster"
        return Cause(Share.NONE, sources=tuple(filter(None, nodes.values())), why=self._around.overall or why)


def _parts(operation: Operation) -> Iterator[Any]:
    """Give what of an object comes or goes."""
    for change in operation.changes if isinstance(operation, Update) else ():
        yield from changed_parts(change.old, change.new)


def _settings_of(operation: Update) -> Iterator[str]:
    for change in operation.changes:
        if (setting := _FOLLOWS_FROM.get((operation.ref.type, change.field))) is not None:
            yield setting


def _cause(share: Share, owners: Iterable[Owner], why: str = "") -> Cause:
    listed = tuple(owners)
    hosts = tuple(sorted({owner.host for owner in listed if owner.host}))
    sources = tuple(sorted({source for owner in listed for source in owner.sources}))
    return Cause(share, hosts, sources, why)
