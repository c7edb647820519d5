"""The operations of a plan one after the other, as they may be sent. Pure."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from ako.core.apply.order import inverted, order
from ako.core.base.refs import AviRef
from ako.core.plan.plan import Operation, Plan


def in_sequence(plan: Plan) -> tuple[Operation, ...]:
    """Give the operations so that each comes after all that it waits for; of those that need not wait, by identity.

    Args:
        plan: what is to be done. What its order puts off to another plan comes last.
    """
    found = order(plan.operations)
    waits: dict[AviRef, set[AviRef]] = {ref: set() for ref in found.operations}
    for edges in (found.needed, found.awaited):
        for ref, others in edges.items():
            waits.setdefault(ref, set()).update(others)
    for ref in {other for others in waits.values() for other in others} - waits.keys():
        waits[ref] = set()
    followers = inverted(waits)
    ready = [ref for ref, others in waits.items() if not others]
    heapify(ready)
    ranks: dict[AviRef, int] = {}
    while ready:
        ref = heappop(ready)
        ranks[ref] = len(ranks)
        for follower in followers.get(ref, ()):
            waits[follower].discard(ref)
            if not waits[follower]:
                heappush(ready, follower)
    last = len(ranks)
    return tuple(sorted(plan.operations, key=lambda operation: (ranks.get(operation.ref, last), operation.ref)))
