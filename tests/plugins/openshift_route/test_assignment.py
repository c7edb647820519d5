"""Passthrough hosts stay on the shared virtual service that they are live on, as other hosts do."""

from __future__ import annotations

from ako.core.hooks.site import passthrough_shard, shard, site
from ako.core.observe.assignment import assign
from ako.core.observe.observed import ObservedObject
from tests.builders import Fed, settings
from tests.plugins.openshift_route.worlds import objects, passthrough, route, world

LARGE = settings(L7Settings__passthroughShardSize="LARGE", L7Settings__shardVSSize="LARGE")


def live(fed: Fed, name: str, *hosts: str) -> ObservedObject:
    here = fed.pipeline.engine.ask(site)
    return ObservedObject(uuid=f"vsvip-{name}", object=here.vsvip(name, hosts))


def shards(fed: Fed, host: str) -> tuple[int, int]:
    engine = fed.pipeline.engine
    engine.refresh()
    return engine.ask(shard, host, host), engine.ask(passthrough_shard, host)


def test_a_live_host_stays_in_its_own_family() -> None:
    fed = world(route("bar", "bar.com", tls=passthrough()), using=LARGE)
    assert shards(fed, "bar.com") == (6, 6)
    seen = [live(fed, "my-cluster--Shared-Passthrough-0", "bar.com")]
    assert assign(fed.pipeline.engine, LARGE, seen) == {"bar.com": 0}
    assert shards(fed, "bar.com") == (6, 0)
    assert "vsvip/my-cluster--Shared-Passthrough-0" in objects(fed)


def test_a_host_of_the_other_family_has_no_place_to_stay_at() -> None:
    fed = world(using=LARGE)
    assert assign(fed.pipeline.engine, LARGE, [live(fed, "my-cluster--Shared-L7-3", "bar.com")]) == {"bar.com": 3}
    assert shards(fed, "bar.com") == (3, 6)


def test_names_that_only_look_like_ours_are_not() -> None:
    fed = world(using=LARGE)
    names = ("my-cluster--Shared-Passthrough-", "my-cluster--Shared-Passthrough-0-insecure", "x--Shared-Passthrough-1")
    assert assign(fed.pipeline.engine, LARGE, [live(fed, name, "bar.com") for name in names]) == {}


def test_once_it_is_not_live_there_the_formula_holds_again() -> None:
    fed = world(using=LARGE)
    assign(fed.pipeline.engine, LARGE, [live(fed, "my-cluster--Shared-Passthrough-0", "bar.com")])
    assert assign(fed.pipeline.engine, LARGE, []) == {}
    assert shards(fed, "bar.com") == (6, 6)
