"""A VRF context is shared: each cluster sees, numbers and replaces its own routes only."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import TreeName
from ako.core.model import Label, Pool, ServiceEngineGroup, VrfContext, group_of, static_route
from ako.core.observe.observed import ObservedObject
from ako.core.plan.homes import Homes
from ako.core.plan.plan import Create, Delete, Update, plan_changes
from ako.core.plan.protection import Protection, hold_back
from tests.plugins.clusterip_routes.worlds import Controller, body_of, raw_route, update_for


def wanted(cluster: str, *networks: str, next_hop: str = "10.0.0.1") -> VrfContext:
    routes = tuple(static_route(network, next_hop) for network in networks)
    return VrfContext(name="global", owner=cluster, static_routes=routes)


def converge(controller: Controller, desired: VrfContext) -> None:
    """Read, plan and write until nothing is left to do, as one cluster does."""
    for _ in range(3):
        update = update_for(desired, controller.seen_by(desired.owner))
        if update is None:
            return
        controller.put(body_of(update))
    raise AssertionError("does not converge")


def test_new_routes_are_labelled_and_numbered_from_one() -> None:
    controller = Controller()
    converge(controller, wanted("prod", "10.244.0.0/24", "10.244.1.0/24"))
    assert controller.body["static_routes"] == [
        raw_route("prod-1", "10.244.0.0/24", "10.0.0.1", owner="prod"),
        raw_route("prod-2", "10.244.1.0/24", "10.0.0.1", owner="prod"),
    ]
    assert controller.writes == 1


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("a/1",), ("a/1", "b/1"), {"a/1": "prod-1", "b/1": "prod-2"}),
        (("a/1", "b/1"), ("b/1",), {"b/1": "prod-2"}),
        (("a/1", "b/1", "c/1"), ("0/1", "a/1", "c/1"), {"a/1": "prod-1", "c/1": "prod-3", "0/1": "prod-2"}),
        (("a/1",), ("b/1",), {"b/1": "prod-1"}),
        (("a/1",), (), {}),
    ],
)
def test_a_route_that_stays_keeps_its_number(before: Sequence[str], after: Sequence[str], expected: object) -> None:
    networks = {"0/1": "10.0.0.0/24", "a/1": "10.1.0.0/24", "b/1": "10.2.0.0/24", "c/1": "10.3.0.0/24"}
    short = {network: name for name, network in networks.items()}
    controller = Controller(raw_route("default", "0.0.0.0/0"))
    converge(controller, wanted("prod", *(networks[name] for name in before)))
    converge(controller, wanted("prod", *(networks[name] for name in after)))
    assert {short[network]: number for network, number in controller.ids("prod").items()} == expected
    assert controller.writes == 2


def test_a_changed_next_hop_keeps_the_number() -> None:
    controller = Controller()
    converge(controller, wanted("prod", "10.1.0.0/24", "10.2.0.0/24"))
    converge(controller, wanted("prod", "10.1.0.0/24", "10.2.0.0/24", next_hop="10.0.0.7"))
    assert controller.ids("prod") == {"10.1.0.0/24": "prod-1", "10.2.0.0/24": "prod-2"}
    assert {route["next_hop"]["addr"] for route in controller.routes("prod")} == {"10.0.0.7"}


def test_an_id_of_another_form_is_kept_and_a_taken_one_is_passed_over() -> None:
    controller = Controller(
        raw_route("prod-node-7-0", "10.1.0.0/24", "10.0.0.1", owner="prod"), raw_route("prod-1", "10.9.0.0/24")
    )
    converge(controller, wanted("prod", "10.1.0.0/24", "10.2.0.0/24"))
    assert controller.ids("prod") == {"10.1.0.0/24": "prod-node-7-0", "10.2.0.0/24": "prod-2"}


def test_what_is_right_is_not_written() -> None:
    controller = Controller(
        raw_route("prod-2", "10.2.0.0/24", "10.0.0.1", owner="prod"),
        raw_route("x", "0.0.0.0/0"),
        raw_route("prod-1", "10.1.0.0/24", "10.0.0.1", owner="prod"),
    )
    converge(controller, wanted("prod", "10.1.0.0/24", "10.2.0.0/24"))
    assert controller.writes == 0


def test_all_else_of_the_object_travels_unchanged() -> None:
    controller = Controller(raw_route("default", "0.0.0.0/0"))
    before = dict(controller.body)
    converge(controller, wanted("prod", "10.1.0.0/24"))
    assert {k: v for k, v in controller.body.items() if k not in {"static_routes", "_last_modified"}} == {
        k: v for k, v in before.items() if k not in {"static_routes", "_last_modified"}
    }
    assert controller.routes(None) == [raw_route("default", "0.0.0.0/0")]


def test_a_concurrent_writer_is_never_lost() -> None:
    controller = Controller()
    stale = update_for(wanted("prod", "10.1.0.0/24"), controller.seen_by("prod"))
    converge(controller, wanted("other", "10.2.0.0/24"))
    assert stale is not None
    assert not controller.put(body_of(stale))
    converge(controller, wanted("prod", "10.1.0.0/24"))
    assert controller.ids("prod") == {"10.1.0.0/24": "prod-1"}
    assert controller.ids("other") == {"10.2.0.0/24": "other-1"}


names = st.from_regex(r"[a-c2]([a-c2-]{0,4}[a-c2])?", fullmatch=True)
octets = st.lists(st.integers(0, 30), max_size=6, unique=True)


@given(
    clusters=st.lists(names, min_size=2, max_size=2, unique=True), histories=st.lists(st.tuples(st.booleans(), octets))
)
def test_two_clusters_never_touch_each_others_routes(
    clusters: list[str], histories: list[tuple[bool, list[int]]]
) -> None:
    """Whatever their names have in common: `prod` and `prod-2`, and an operator's route named like one of theirs."""
    foreign = [raw_route(f"{clusters[0]}-1", "0.0.0.0/0"), raw_route(f"{clusters[1]}-2", "192.168.0.0/16")]
    controller = Controller(*foreign)
    for is_first, numbers in histories:
        actor, other = clusters if is_first else reversed(clusters)
        before = controller.routes(other)
        networks = [f"10.{1 if is_first else 2}.{number}.0/24" for number in numbers]
        converge(controller, wanted(actor, *networks))
        assert controller.routes(other) == before
        assert controller.routes(None) == foreign
        assert set(controller.ids(actor)) == set(networks)
        ids = [route["route_id"] for route in controller.body["static_routes"]]
        assert len(ids) == len(set(ids))


def group(*labels: tuple[str, str]) -> ObservedObject:
    body = {"uuid": "g-1", "name": "g", "labels": [{"key": key, "value": value} for key, value in labels]}
    seen = ServiceEngineGroup(name="g", owner="prod", labels=tuple(Label(*pair) for pair in labels))
    return ObservedObject("g-1", seen, "1", body)


OURS, OTHERS, FOREIGN = ("clustername", "prod"), ("clustername", "prod-2"), ("tier", "gold")


@pytest.mark.parametrize(
    ("labels", "is_wanted", "expected"),
    [
        ((), True, [OURS]),
        ((OURS,), True, None),
        ((FOREIGN, OURS), True, None),
        ((OTHERS,), True, None),
        ((OURS,), False, []),
        ((FOREIGN, OURS), False, [FOREIGN]),
        ((OTHERS,), False, None),
        ((), False, None),
    ],
)
def test_the_label_of_an_se_group(
    labels: tuple[tuple[str, str], ...], is_wanted: bool, expected: list[tuple[str, str]] | None
) -> None:
    desired = group_of("g", "prod") if is_wanted else group_of("g", "prod").cleared()
    operations = plan_changes({desired.ref: desired}, {desired.ref: group(*labels)}, "prod--").operations
    groups = [item.object for item in operations if isinstance(item, Update)]
    found = [[(label.key, label.value) for label in g.labels] for g in groups if isinstance(g, ServiceEngineGroup)]
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("labels", "is_of_another"),
    [((), False), ((OURS,), False), ((FOREIGN, OURS), False), ((OTHERS,), True), ((FOREIGN,), True)],
)
def test_whose_an_se_group_is(labels: tuple[tuple[str, str], ...], is_of_another: bool) -> None:
    seen = group(*labels).object
    assert isinstance(seen, ServiceEngineGroup)
    assert seen.is_of_another is is_of_another


def test_objects_of_others_are_neither_created_nor_deleted() -> None:
    desired = wanted("prod", "10.1.0.0/24")
    assert plan_changes({desired.ref: desired}, {}, "prod--").of(Create) == ()
    seen = Controller(raw_route("prod-1", "10.1.0.0/24", owner="prod")).seen_by("prod")
    assert plan_changes({}, {desired.ref: seen}, "prod--").of(Delete) == ()


def test_what_is_unknown_elsewhere_holds_no_route_back() -> None:
    """Nothing but nodes owns routes; a route kept beside its successor would have the number of another."""
    desired = wanted("prod", "10.2.0.0/24")
    seen = Controller(raw_route("prod-1", "10.1.0.0/24", owner="prod")).seen_by("prod")
    held = hold_back({desired.ref: desired}, {desired.ref: seen}, Protection(everything=True))
    assert held == {desired.ref: desired}


def test_a_shared_vrf_context_makes_nothing_belong_together() -> None:
    vrf = wanted("prod")
    pools = [Pool(name=f"prod--{name}", vrf_ref=vrf.ref) for name in ("a", "b")]
    homes = Homes()
    homes.take_in({item.ref: ObservedObject(item.name, item) for item in (vrf, *pools)})
    assert [homes.tree_of(item.ref) for item in pools] == [TreeName("prod--a"), TreeName("prod--b")]
    assert homes.tree_of(vrf.ref) is None
