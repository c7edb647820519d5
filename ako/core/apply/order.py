"""What has to come before what when a plan is carried out. Pure.

* What is created is created after what it refers to; what is deleted goes after whatever referred to it.
* A DNS name leaves its old VsVip before it enters a new one: the Controller wants it unique.
* Whom a virtual service lets in, and what is behind its ports (`letting_in.py`).
* A redirect to HTTPS comes after the SNI child it leads to, and plain HTTP is given up after that child is there.
* A virtual service is deleted after everything new is in place.
* What serves a path hands it over (`handing_over.py`).
* Where a DNS name comes to it is served before, and where it leaves until it is there (`moving_names.py`).

The first two are needed, or the Controller refuses. So is the third, or clients get in whom nobody wants. The others
are for the sake of traffic. What comes after a whole lot of operations waits for one *barrier*, which waits for them:
an edge each, not one for each pair.

DNS names can make that a circle: two VsVips swap their names; one is to have the name of another that is deleted, which
waits for its virtual service, which waits for everything new. Then a VsVip lets its names go first, in an update that
does nothing else, and what else was to become of it is left to the next plan. What is put off takes along what cannot
be before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from ako.core.apply.handing_over import hand_overs
from ako.core.apply.letting_in import taking_more_later, waits_for_guard
from ako.core.apply.moving_names import around_children, losses_later, moves_of, names_later
from ako.core.base.refs import AviRef
from ako.core.model import CHILD, AviObject, HTTPPolicySet, PoolGroup, VirtualService, VsVip, rules_in
from ako.core.plan.plan import Create, Delete, Operation, Update, changed_fields, replace_fields

Edges = dict[AviRef, set[AviRef]]
"""What comes after → what it waits for."""

EVERYTHING_NEW, NEW_CHILDREN = AviRef("", "everything new"), AviRef("", "new children")
READY_FOR_NAMES, NAMES_MOVED = AviRef("", "ready for names"), AviRef("", "names moved")
BARRIERS = frozenset({EVERYTHING_NEW, NEW_CHILDREN, READY_FOR_NAMES, NAMES_MOVED})
"""What is no operation, and done as soon as all that it waits for has come to its end."""


class Order(Struct, frozen=True):
    """The order of a plan.

    Attributes:
        operations: what is to be done; `is_partial`: not all of it, so that another plan has to follow.
        needed: without which an operation cannot be done.
        awaited: after which an operation, or a barrier, comes, whatever became of it.
    """

    operations: Mapping[AviRef, Operation]
    needed: Edges
    awaited: Edges
    is_partial: bool


def order(plan: Iterable[Operation]) -> Order:
    """Find an order in which operations can be carried out."""
    operations = {operation.ref: operation for operation in plan}
    later = taking_more_later(operations)
    operations = {ref: operation for ref, operation in (operations | later).items() if operation is not None}
    asked = _put_off(operations, names_later(operations))
    is_partial = bool(later) or asked is not operations
    operations = asked
    needed, awaited = _edges(_needs(operations)), _edges(_awaits(operations))
    circle = _circles(needed, awaited)
    while letting_go := _letting_go(circle - BARRIERS, operations):
        is_partial = True
        operations = operations | letting_go
        needed, awaited = _edges(_needs(operations)), _edges(_awaits(operations))
        circle = _circles(needed, awaited)
    if waiting := losses_later(asked, operations):
        operations = _put_off(operations, waiting)
        needed, awaited = _edges(_needs(operations)), _edges(_awaits(operations))
        circle = _circles(needed, awaited)
    for ref in (circle & awaited.keys()) - BARRIERS:
        barriers = awaited[ref] & BARRIERS
        awaited[ref] = awaited[ref].union(*(awaited[barrier] for barrier in barriers)) - barriers - circle
    return Order(operations, needed, awaited, is_partial)


def _put_off(operations: dict[AviRef, Operation], later: Mapping[AviRef, Operation | None]) -> dict[AviRef, Operation]:
    """Give what is left to do now: without what is left to the next plan, and without what cannot be before that.

    All of it if nothing would be left: then the next plan would be no other.
    """
    if not later:
        return operations
    changed = {ref: later.get(ref) or operation for ref, operation in operations.items()}
    needed_by = inverted(_edges(_needs(changed)))
    waiting = {ref for ref, operation in later.items() if operation is None}
    todo = list(waiting)
    while todo:
        found = set(needed_by.get(todo.pop(), ())) - waiting
        waiting |= found
        todo += found
    return {ref: operation for ref, operation in changed.items() if ref not in waiting} or operations


def _edges(pairs: Iterable[tuple[AviRef, AviRef]]) -> Edges:
    edges: Edges = {}
    for after, before in pairs:
        if after != before:
            edges.setdefault(after, set()).add(before)
    return edges


def _circles(needed: Edges, awaited: Edges) -> set[AviRef]:
    """Give everything that waits for itself, or stands between two that do."""
    before = {ref: needed.get(ref, set()) | awaited.get(ref, set()) for ref in needed.keys() | awaited.keys()}
    after = inverted(before)
    found, left = before.keys() | after.keys(), set(before)
    while left != found:
        found, left = (
            left,
            {r for r in left if r in after and not before[r].isdisjoint(left) and any(a in left for a in after[r])},
        )
    return left


def inverted(edges: Mapping[AviRef, set[AviRef]]) -> dict[AviRef, list[AviRef]]:
    """Give what waits for each."""
    turned: dict[AviRef, list[AviRef]] = {}
    for after, befores in edges.items():
        for before in befores:
            turned.setdefault(before, []).append(after)
    return turned


def _letting_go(circle: Iterable[AviRef], operations: Mapping[AviRef, Operation]) -> dict[AviRef, Operation]:
    """Give updates of VsVips in a circle by which their names go that others are to have; empty if none is of use.

    Every VsVip that is deleted is in a circle of its own; of those that stay, one may be enough to open it for all.
    """
    takers: dict[str, set[AviRef]] = {}
    for operation in operations.values():
        for fqdn in _entering_names(operation):
            takers.setdefault(fqdn, set()).add(operation.ref)
    found = {ref: update for ref in sorted(circle) if (update := _without_taken(operations[ref], takers))}
    deleted: dict[AviRef, Operation] = {ref: found[ref] for ref in found if isinstance(operations[ref], Delete)}
    return deleted or dict(tuple(found.items())[:1])


def _without_taken(operation: Operation, takers: Mapping[str, set[AviRef]]) -> Update | None:
    """Give an update of a VsVip by which its names go that others are to have; None if that is all it does anyway."""
    if isinstance(operation, Create) or not isinstance(before := operation.observed.object, VsVip):
        return None
    wanted = operation.object if isinstance(operation, Update) else before
    if isinstance(operation, Update) and not _entering_names(operation):
        return None
    kept = tuple(info for info in before.dns_info if not takers.get(info.fqdn, set()) - {operation.ref})
    if len(kept) == len(before.dns_info):
        return None
    target = replace_fields(wanted, {"dns_info": kept})
    return Update(target, operation.observed, tuple(changed_fields(target, before)))


def _needs(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    yield from waits_for_guard(operations)
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
    created = {ref for ref, operation in operations.items() if isinstance(operation, Create)}
    changes = [ref for ref, operation in operations.items() if not isinstance(operation, Delete)]
    gone = [ref for ref in operations.keys() - set(changes) if ref.type == VirtualService.avi_type]
    yield from _through(EVERYTHING_NEW, changes, gone)
    children = [ref for ref in created if _is_new_child(operations[ref])]
    followers = [ref for ref in changes if _follows_children(operations[ref], created)] if children else []
    yield from _through(NEW_CHILDREN, children, followers)
    yield from hand_overs(operations)
    moves = moves_of(operations, followers)
    led_to = (ref for ref in moves.entering if not isinstance(operations[ref], Create))  # to no other until it listens
    yield from _through(READY_FOR_NAMES, moves.gains, dict.fromkeys((*moves.leaving, *led_to)))
    yield from around_children(moves, operations)
    losses = set(moves.losses)
    yield from _through(NAMES_MOVED, [ref for ref in operations if ref not in losses], moves.losses)


def _through(barrier: AviRef, first: Collection[AviRef], then: Collection[AviRef]) -> Iterator[tuple[AviRef, AviRef]]:
    """Have all of some operations come after all of others."""
    if first and then:
        yield from ((barrier, ref) for ref in first)
        yield from ((ref, barrier) for ref in then)


def _is_new_child(operation: Operation) -> bool:
    if not isinstance(operation, Create) or not isinstance(operation.object, VirtualService):
        return False
    return operation.object.vs_type == CHILD


def _follows_children(operation: Operation, created: set[AviRef]) -> bool:
    """Say whether an operation must come after new SNI children.

    Not while the virtual service it belongs to is being created too: children wait for that one, and it for this.
    """
    if AviRef("virtualservice", operation.ref.name, operation.ref.tenant) in created or isinstance(operation, Delete):
        return False
    wanted = operation.object
    if isinstance(wanted, HTTPPolicySet):
        had = operation.observed.object if isinstance(operation, Update) else None
        return len(wanted.rules) < len(rules_in(had)) or any(rule.redirect_action for rule in wanted.rules)
    if not isinstance(operation, Update):
        return False
    before = operation.observed.object
    if isinstance(wanted, PoolGroup) and isinstance(before, PoolGroup):
        return len(before.members) > len(wanted.members)
    if isinstance(wanted, VirtualService) and isinstance(before, VirtualService):
        return len(before.http_policies or ()) > len(wanted.http_policies or ())
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
