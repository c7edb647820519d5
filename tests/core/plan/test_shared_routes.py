"""While two clusters have one name, none takes static routes away that may be the other's."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, Label, Pool, StaticRoute, VrfContext, group_of, static_route
from ako.core.observe.observed import ObservedObject
from ako.core.plan.proposal import Proposal
from ako.core.plan.shared_routes import SharedRoutes

MINE, THEIRS, MOVED = (
    static_route(*pair) for pair in (("10.1.0.0/24", "1.1.1.1"), ("10.2.0.0/24", "2.2.2.2"), ("10.1.0.0/24", "3.3.3.3"))
)


def vrf(*routes: StaticRoute) -> VrfContext:
    return VrfContext(name="global", owner="c", static_routes=routes)


def there(*routes: StaticRoute) -> VrfContext:
    label = (Label("clustername", "c"),)
    return vrf(*(replace(route, route_id=f"c-{n}", labels=label) for n, route in enumerate(routes, 1)))


def planned(wanted: AviObject, seen: AviObject, *, are_shared: bool) -> dict[AviRef, AviObject]:
    policy = SharedRoutes()
    policy.are_shared = are_shared
    observed = {seen.ref: ObservedObject("u", seen, body={})}
    (proposal,) = policy.apply([Proposal.of(frozenset({TreeName("routes")}), {wanted.ref: wanted}, observed, "c--")])
    return {operation.ref: operation.object for operation in proposal.plan.operations}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wanted", "seen", "are_shared", "left"),
    [
        ((MINE,), (THEIRS,), False, {"10.1.0.0 over 1.1.1.1": "c-1"}),
        ((MINE,), (THEIRS,), True, {"10.1.0.0 over 1.1.1.1": "c-2", "10.2.0.0 over 2.2.2.2": "c-1"}),
        ((), (THEIRS,), True, None),
        ((MINE,), (MINE, THEIRS), True, None),
        ((MOVED,), (MINE, THEIRS), True, {"10.1.0.0 over 3.3.3.3": "c-1", "10.2.0.0 over 2.2.2.2": "c-2"}),
        ((MINE,), (), True, {"10.1.0.0 over 1.1.1.1": "c-1"}),
    ],
)
def test_routes_that_may_be_anothers_stay(
    wanted: tuple[StaticRoute, ...], seen: tuple[StaticRoute, ...], are_shared: bool, left: dict[str, str] | None
) -> None:
    result = planned(vrf(*wanted), there(*seen), are_shared=are_shared).get(AviRef("vrfcontext", "global"))
    if left is None:
        assert result is None
        return
    assert isinstance(result, VrfContext)
    assert {f"{r.prefix.ip_addr.addr} over {r.next_hop.addr}": r.route_id for r in result.static_routes} == left


def test_the_label_of_the_group_is_as_ever_and_what_is_ours_alone_too() -> None:
    group = group_of("g", "c")
    assert planned(group, replace(group, labels=()), are_shared=True) == {group.ref: group}
    pool = Pool(name="c--p", sni_enabled=False)
    assert planned(pool, Pool(name="c--p"), are_shared=True) == {pool.ref: pool}
