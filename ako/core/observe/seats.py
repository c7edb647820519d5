"""Who has a host on the Controller already, by what is written on its objects."""

from __future__ import annotations

from ako.core.assemble.pipeline import Pipeline, Refreshed
from ako.core.base.refs import NamespacedName
from ako.core.hooks.claims import VirtualHost, is_ageless
from ako.core.model import Pool, VirtualService
from ako.core.observe.holders import assign_holders, assign_live
from ako.core.observe.observed import Observed
from ako.core.observe.served import owners_of
from ako.core.settle.seats import SEATS, Seats


def assign_seats(pipeline: Pipeline, observed: Observed, refreshed: Refreshed) -> bool:
    """Say of what several claim, one of them without an age, who has it; say whether that is news."""
    is_news = False
    for tree in refreshed.trees:
        is_news |= assign_live(pipeline, observed, tree)
    for host in refreshed.hosts:
        is_news |= assign_holders(pipeline, observed, host)
        model = pipeline.model(host)
        if model is None or not isinstance(model.virtual_host, VirtualHost) or not isinstance(host, str):
            continue
        claims = model.virtual_host.claims
        if len(claims) > 1 and any(map(is_ageless, claims)):
            seats = seats_of(observed, host)
            is_news |= pipeline.engine.inputs.get((SEATS, host), Seats()) != seats
            pipeline.engine.set_input(SEATS, seats, host)
    return is_news


def seats_of(observed: Observed, host: str) -> Seats:
    """Give who has a host: by its pools, and by the owners of its SNI child, which are listed by age."""
    pools: dict[NamespacedName, list[str]] = {}
    order: tuple[NamespacedName, ...] = ()
    for ref in sorted(observed.serving(host)):
        seen = observed.get(ref)
        if seen is not None and isinstance(seen.object, Pool):
            for owner in owners_of(seen.object):
                pools.setdefault(owner, []).append(ref.name)
        elif seen is not None and isinstance(seen.object, VirtualService):
            order = owners_of(seen.object)
    return Seats(tuple((owner, tuple(names)) for owner, names in sorted(pools.items())), order)
