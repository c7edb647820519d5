"""Which sources are processed: Routes where the cluster serves them, else Ingresses; while unknown, nothing changes."""

from __future__ import annotations

import pytest

from ako.core.engine.changes import Availability, AvailabilityChanged, Listed
from ako.plugins.openshift_route.records import ROUTE
from tests.builders import ingress, settings
from tests.plugins.openshift_route.worlds import hosts_of, route, world

INGRESS = ingress("old", ("old.com", "/", "web:80"))
OURS = route("new", "new.com")
NOT_SERVED = AvailabilityChanged(ROUTE, Availability.NOT_SERVED, "the API server does not serve routes")
UNKNOWN = AvailabilityChanged(ROUTE, Availability.UNKNOWN, "the API server is away")


def test_where_routes_are_served_ingresses_are_not_processed() -> None:
    assert hosts_of(world(INGRESS)) == set()
    assert hosts_of(world(INGRESS, OURS)) == {"new.com"}


def test_where_they_are_not_ingresses_are() -> None:
    fed = world(INGRESS)
    fed.pipeline.apply([NOT_SERVED])
    assert hosts_of(fed) == {"old.com"}
    fed.pipeline.apply([Listed(ROUTE, {})])
    assert hosts_of(fed) == set()


@pytest.mark.parametrize("is_served", [True, False])
def test_while_it_is_not_known_the_same_source_goes_on(*, is_served: bool) -> None:
    fed = world(INGRESS, *([OURS] if is_served else []))
    if not is_served:
        fed.pipeline.apply([NOT_SERVED])
    before = hosts_of(fed)
    fed.pipeline.apply([UNKNOWN])
    assert hosts_of(fed) == before == ({"new.com"} if is_served else {"old.com"})
    fed.apply(ingress("young", ("young.com", "/", "web:80")))
    assert hosts_of(fed) - before == (set() if is_served else {"young.com"})


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("auto", {"new.com"}),
        (["ingress"], {"old.com"}),
        (["openshift_route"], {"new.com"}),
        (["ingress", "openshift_route"], {"old.com", "new.com"}),
    ],
)
def test_the_list_of_sources_decides_if_there_is_one(sources: object, expected: set[str]) -> None:
    assert hosts_of(world(INGRESS, OURS, using=settings(ako__sources=sources))) == expected
