"""Shared passthrough virtual services that serve nobody go after their time; the address stays if that is wanted."""

from __future__ import annotations

from ako.core.assemble.pipeline import STATIC_ROUTES
from ako.core.assemble.retention import Retention
from ako.core.base.refs import TreeName
from ako.core.model import VsVip
from tests.builders import settings
from tests.plugins.openshift_route.worlds import objects, one, passthrough, route, world

SHARED = "my-cluster--Shared-Passthrough-0"
KEEPING = settings(ako__gc__keepVip="true", ako__gc__sharedVsGracePeriod="10")
REDIRECTED = route("shop", "shop.com", tls=passthrough("Redirect"))


def test_at_a_start_an_address_nobody_uses_is_kept_and_used_again() -> None:
    fed = world(using=KEEPING)
    retention = Retention(fed.pipeline, lambda: 0.0)
    others = ("my-cluster--Shared-Passthrough-x", "my-cluster--Shared-Other-0", "theirs")
    retention.keep_addresses(map(TreeName, (SHARED, *others)), KEEPING)
    assert objects(fed).keys() == {f"vsvip/{SHARED}"}
    assert one(fed, VsVip, SHARED).fqdns == ()
    fed.apply(route("shop", "shop.com", tls=passthrough()))
    assert f"virtualservice/{SHARED}" in objects(fed)
    assert one(fed, VsVip, SHARED).fqdns == ("shop.com",)


def test_who_takes_over_keeps_addresses_that_are_to_stay_and_nothing_else_that_serves_nobody() -> None:
    for using, stays in ((KEEPING, {f"vsvip/{SHARED}"}), (settings(), set())):
        fed = world(REDIRECTED, using=using)
        retention = Retention(fed.pipeline, lambda: 0.0)
        fed.delete(REDIRECTED)
        fed.pipeline.refresh()
        assert f"virtualservice/{SHARED}-insecure" in objects(fed)
        retention.begin()
        retention.keep_addresses([TreeName(SHARED)], using)
        assert objects(fed).keys() == stays
        assert STATIC_ROUTES in fed.pipeline.tree_names()


def test_after_the_grace_period_the_address_is_left() -> None:
    now = [0.0]
    fed = world(REDIRECTED, using=KEEPING)
    retention = Retention(fed.pipeline, lambda: now[0])
    fed.delete(REDIRECTED)
    retention.note(fed.pipeline.refresh().trees, KEEPING)
    assert f"virtualservice/{SHARED}-insecure" in objects(fed)
    now[0] = 10.0
    retention.release_due(KEEPING)
    assert objects(fed).keys() == {f"vsvip/{SHARED}"}
    fed.apply(route("shop", "shop.com", tls=passthrough()))
    assert f"virtualservice/{SHARED}-insecure" not in objects(fed)


def test_a_grace_period_that_is_set_later_counts_from_then_for_what_is_empty() -> None:
    now = [0.0]
    without = settings()
    fed = world(REDIRECTED, using=without)
    retention = Retention(fed.pipeline, lambda: now[0])
    fed.delete(REDIRECTED)
    retention.note(fed.pipeline.refresh().trees, without)
    assert retention.next_due(without) is None
    now[0] = 100.0
    retention.note((), KEEPING)
    assert retention.next_due(KEEPING) == 110.0
    now[0] = 110.0
    retention.release_due(KEEPING)
    assert objects(fed).keys() == {f"vsvip/{SHARED}"}
