"""A DNS name moves between VsVips: where it comes to it is served before it is there, where it was until it is. Pure.

Clients that look the name up follow it; while it is at neither, between two writes, they go on where it was. So:

1. what serves more than before, or something else, as far as it does not need the VsVip that the name comes to;
2. the VsVip that the name leaves, an SNI child that goes with it, the VsVip that it comes to, and what needs that one;
3. what serves less than before, and what is deleted.

A virtual service needs its VsVip: where both are new, the VsVip is created without the names that it is to take over.
They come in the next plan, and with them what would go with them or after them. So they do where an object would serve
some more and others no longer: it first serves both (`both_ways.py`).

Where names go round, some have to leave in one plan and come in the next: until then everybody stays served where they
leave. A name that comes from nowhere may have left in a plan that was not carried out to its end: then there is still
something to take away where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set

from msgspec import Struct

from ako.core.apply.both_ways import serving_both
from ako.core.apply.handing_over import hand_overs, loses
from ako.core.base.refs import AviRef
from ako.core.model import DataScriptSet, L4PolicySet, VirtualService, VsVip
from ako.core.plan.plan import Create, Delete, Operation, Update, replace_fields


class Moves(Struct, frozen=True):
    """The parts of a plan in which names move, in their order; all empty if none does."""

    gains: tuple[AviRef, ...] = ()
    leaving: tuple[AviRef, ...] = ()
    children: tuple[AviRef, ...] = ()
    entering: tuple[AviRef, ...] = ()
    losses: tuple[AviRef, ...] = ()


def moves_of(operations: Mapping[AviRef, Operation], late: Collection[AviRef]) -> Moves:
    """Sort a plan into these parts; `late` are never gains, as they come after new SNI children."""
    entering = [ref for ref, operation in operations.items() if _names(operation)[1]]
    if not entering:
        return Moves()
    come = {fqdn for ref in entering for fqdn in _names(operations[ref])[1]}
    leaving = [ref for ref, operation in operations.items() if not come.isdisjoint(_names(operation)[0])]
    names = {*entering, *leaving}
    others = {ref: operation for ref, operation in operations.items() if ref not in names}
    children = [ref for ref, operation in others.items() if _goes_along(operation)]
    losses = [ref for ref, operation in others.items() if _loses(operation) and ref not in children]
    if not leaving and not children and not losses:
        return Moves()  # nobody was served who is to be served elsewhere: new names need not wait
    after = {*losses, *children, *_needing(entering, operations)}
    if any(ref.type == VirtualService.avi_type for ref in after & operations.keys() - {*losses, *children}):
        after |= {*late}
    if losses:
        after |= {ref for ref, before in hand_overs(operations) if before in after}
    gains = tuple(ref for ref in others if ref not in after)
    return Moves(gains, tuple(leaving), tuple(children), tuple(entering), tuple(losses))


def around_children(moves: Moves, operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    """Give what comes after what where SNI children go along with their names, as pairs."""
    left = {fqdn: ref for ref in moves.leaving for fqdn in _names(operations[ref])[0]}
    come = {fqdn: ref for ref in moves.entering for fqdn in _names(operations[ref])[1]}
    for child in moves.children:
        for fqdn in _domains(operations[child]):
            yield from ((child, ref) for ref in [left.get(fqdn)] if ref)
            yield from ((ref, child) for ref in [come.get(fqdn)] if ref)


def names_later(operations: Mapping[AviRef, Operation]) -> dict[AviRef, Operation | None]:
    """Give what becomes of the operations of names that would come before the virtual service that serves them.

    None where nothing of an operation is to be done now.
    """
    moves = moves_of(operations, ())
    if not moves.leaving:
        return {}
    created = [op for ref in moves.entering if isinstance(op := operations[ref], Create)]
    both = {ref: less for ref in moves.losses if (less := serving_both(operations[ref]))}
    if not both and not (created and _are_created_on({operation.ref for operation in created}, operations)):
        return {}
    left = frozenset[str]().union(*(_names(operations[ref])[0] for ref in moves.leaving))
    later: dict[AviRef, Operation | None] = dict.fromkeys((*moves.losses, *moves.leaving, *moves.children))
    later |= dict.fromkeys(moves.entering)
    for operation in created:
        if isinstance(wanted := operation.object, VsVip):
            kept = tuple(info for info in wanted.dns_info if info.fqdn not in left)
            later[operation.ref] = Create(replace_fields(wanted, {"dns_info": kept}))
    return later | both


def losses_later(
    asked: Mapping[AviRef, Operation], operations: Mapping[AviRef, Operation]
) -> dict[AviRef, Operation | None]:
    """Give what is not to be done now as names that were asked for leave now, and come in the next plan."""
    coming = {fqdn for operation in asked.values() for fqdn in _names(operation)[1]}
    coming -= {fqdn for operation in operations.values() for fqdn in _names(operation)[1]}
    if coming.isdisjoint(fqdn for operation in operations.values() for fqdn in _names(operation)[0]):
        return {}
    moves = moves_of(operations, ())
    losses = moves.losses or [ref for ref, operation in operations.items() if _loses(operation)]
    stay = [ref for ref in moves.children if not coming.isdisjoint(_domains(operations[ref]))]
    return dict.fromkeys((*losses, *stay))


def _are_created_on(addresses: Set[AviRef], operations: Mapping[AviRef, Operation]) -> bool:
    """Say whether virtual services are created on some VsVips: not before these, so that a name would lead nowhere."""
    created = [operation.object for operation in operations.values() if isinstance(operation, Create)]
    return any(isinstance(item, VirtualService) and item.vsvip_ref in addresses for item in created)


def _names(operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
    """Give the names that leave a VsVip by an operation, and those that enter it."""
    before = None if isinstance(operation, Create) else operation.observed.object
    after = None if isinstance(operation, Delete) else operation.object
    had, has = (frozenset(one.fqdns) if isinstance(one, VsVip) else frozenset() for one in (before, after))
    return had - has, has - had


def _needing(created: Collection[AviRef], operations: Mapping[AviRef, Operation]) -> set[AviRef]:
    """Give what cannot be written before some that are created, directly or not."""
    found = {ref for ref in created if isinstance(operations[ref], Create)}
    size = 0
    while found and size != len(found):
        size = len(found)
        found |= {
            ref
            for ref, operation in operations.items()
            if not isinstance(operation, Delete)
            and any(other in found and isinstance(operations[other], Create) for other in operation.object.references())
        }
    return found - {*created}


def _domains(operation: Operation) -> tuple[str, ...]:
    """Give the names that an SNI child is found by."""
    wanted = operation.observed.object if isinstance(operation, Delete) else operation.object
    return (wanted.vh_domain_name or ()) if isinstance(wanted, VirtualService) else ()


def _goes_along(operation: Operation) -> bool:
    """Say whether an SNI child goes to another parent."""
    if not isinstance(operation, Update):
        return False
    before, wanted = operation.observed.object, operation.object
    if not isinstance(before, VirtualService) or not isinstance(wanted, VirtualService):
        return False
    return before.vh_parent_vs_ref != wanted.vh_parent_vs_ref


def _loses(operation: Operation) -> bool:
    """Say whether somebody is no longer served by an object who was."""
    if not isinstance(operation, Update):
        return isinstance(operation, Delete)
    before, wanted = operation.observed.object, operation.object
    if isinstance(before, VirtualService) and isinstance(wanted, VirtualService):
        ports = {service.port for service in before.services or ()} - {s.port for s in wanted.services or ()}
        return bool(ports) or loses(before, wanted)
    if isinstance(before, L4PolicySet) and isinstance(wanted, L4PolicySet):
        kept = {(rule.match, rule.action) for rule in wanted.l4_connection_policy.rules}
        return any((rule.match, rule.action) not in kept for rule in before.l4_connection_policy.rules)
    if isinstance(before, DataScriptSet) and isinstance(wanted, DataScriptSet):
        return bool({*before.pool_group_refs} - {*wanted.pool_group_refs})
    return loses(before, wanted)
