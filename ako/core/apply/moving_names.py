"""A DNS name moves between VsVips: where it comes to it is served before it is there, where it was until it is. Pure.

Clients that look the name up follow it; while it is at neither, between two writes, they go on where it was. So:

1. what serves more than before, or something else, as far as it does not need the VsVip that the name comes to;
2. the VsVip that the name leaves, an SNI child that goes with it, the VsVip that it comes to, and what needs that one;
3. what serves less than before, and what is deleted.

An SNI child needs its parent, and that its VsVip: where all three are new, the VsVip is created without the names that
it is to take over. They come in the next plan, and with them what would go with them or after them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from ako.core.apply.handing_over import loses
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
    left = {fqdn: ref for ref, operation in operations.items() for fqdn in _names(operation)[0]}
    entering = [ref for ref, operation in operations.items() if not left.keys().isdisjoint(_names(operation)[1])]
    if not entering:
        return Moves()
    come = {fqdn for ref in entering for fqdn in _names(operations[ref])[1]}
    leaving = dict.fromkeys(ref for fqdn, ref in left.items() if fqdn in come)
    names = {*entering, *leaving}
    others = {ref: operation for ref, operation in operations.items() if ref not in names}
    losses = [ref for ref, operation in others.items() if _loses(operation)]
    children = [ref for ref, operation in others.items() if _goes_along(operation)]
    after = {*losses, *children, *_needing(entering, operations)}
    if any(ref.type == VirtualService.avi_type for ref in after & operations.keys() - {*losses, *children}):
        after |= {*late}
    gains = tuple(ref for ref in others if ref not in after)
    return Moves(gains, tuple(leaving), tuple(children), tuple(entering), tuple(losses))


def names_later(operations: Mapping[AviRef, Operation]) -> dict[AviRef, Operation | None]:
    """Give what becomes of the operations of names that would come before the SNI child that serves them.

    None where nothing of an operation is to be done now.
    """
    moves = moves_of(operations, ())
    created = [op for ref in moves.entering if isinstance(op := operations[ref], Create)]
    if not created or not _have_children([operation.ref for operation in created], operations):
        return {}
    left = frozenset[str]().union(*(_names(operations[ref])[0] for ref in moves.leaving))
    later: dict[AviRef, Operation | None] = dict.fromkeys((*moves.losses, *moves.leaving, *moves.children))
    later |= dict.fromkeys(moves.entering)
    for operation in created:
        if isinstance(wanted := operation.object, VsVip):
            kept = tuple(info for info in wanted.dns_info if info.fqdn not in left)
            later[operation.ref] = Create(replace_fields(wanted, {"dns_info": kept}))
    return later


def _have_children(addresses: Collection[AviRef], operations: Mapping[AviRef, Operation]) -> bool:
    """Say whether children come to virtual services that are created on some VsVips."""
    wanted = [operation.object for operation in operations.values() if not isinstance(operation, Delete)]
    services = [item for item in wanted if isinstance(item, VirtualService)]
    parents = {item.ref for item in services if item.vsvip_ref in addresses}
    return any(item.vh_parent_vs_ref in parents for item in services)


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
