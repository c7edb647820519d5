"""Objects that would have one name, of whatever tree, kind or plugin: all are served, and the oldest has the name."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.base.refs import TreeName
from tests.builders import Fed
from tests.core.assemble.worlds import CLASHES, Clash, Source, fed, ingress_source, objects_of
from tests.properties import share_of

DAYS = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 9)]
IDS = [clash.title for clash in CLASHES]


def served(world: Fed, *sources: Source) -> None:
    world.pipeline.refresh()
    objects = objects_of(world)
    for item in objects.values():
        for ref in item.references():
            assert ref in objects or not ref.name.startswith("my-cluster--"), f"{item.ref!r} refers to nothing: {ref!r}"
    for source in sources:
        assert source.ask(objects) == source.server, source.name


@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_all_are_served_and_the_oldest_has_the_name(clash: Clash) -> None:
    for ages in itertools.permutations(range(len(clash.sources))):
        for arrival in itertools.permutations(range(len(clash.sources))):
            world = fed(clash.plugins)
            for index in arrival:
                source = clash.sources[index]
                world.apply(*source.base, source.make(DAYS[ages[index]]))
                world.pipeline.refresh()
            served(world, *clash.sources)
            oldest = clash.sources[ages.index(0)]
            alone = fed(clash.plugins)
            alone.apply(*oldest.base, oldest.make(DAYS[0]))
            alone.pipeline.refresh()
            together = objects_of(world)
            for ref, item in objects_of(alone).items():
                if "Shared" not in ref.name:
                    assert together[ref] == item, f"{oldest.name} lost {ref!r}"


@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_the_arrival_of_a_younger_one_changes_nothing_of_the_older(clash: Clash) -> None:
    for older, younger in itertools.permutations(clash.sources, 2):
        world = fed(clash.plugins)
        world.apply(*older.base, *younger.base, older.make(DAYS[0]))
        world.pipeline.refresh()
        before = objects_of(world)
        world.apply(younger.make(DAYS[1]))
        world.pipeline.refresh()
        after = objects_of(world)
        for ref, item in before.items():
            assert "Shared" in ref.name or after[ref] == item, f"{ref!r} was touched"


@pytest.mark.parametrize("clash", CLASHES, ids=IDS)
def test_the_plain_name_comes_back_when_the_older_goes(clash: Clash) -> None:
    for older, younger in itertools.permutations(clash.sources, 2):
        world, alone = fed(clash.plugins), fed(clash.plugins)
        for into in (world, alone):
            into.apply(*older.base, *younger.base, younger.make(DAYS[1]))
        world.apply(older.make(DAYS[0]))
        world.pipeline.refresh()
        assert any(ref.name.startswith(f"{clash.name}-") for ref in objects_of(world))
        world.delete(older.make(DAYS[0]))
        served(world, younger)
        alone.pipeline.refresh()
        in_use = {ref: item for ref, item in objects_of(world).items() if not empty(ref.name, world)}
        assert in_use == objects_of(alone)


def empty(name: str, world: Fed) -> bool:
    """Say whether a name is that of a shared virtual service without hosts, which stays until the next start."""
    tree = world.pipeline.trees.value(TreeName(name.removesuffix("-insecure")))
    return tree is not None and "Shared" in name and not tree.hosts


def suffix(whose: str) -> str:
    return hashlib.sha1(whose.encode(), usedforsecurity=False).hexdigest()[:8]


@pytest.mark.parametrize(
    ("title", "loser", "whose"),
    [
        ("two paths of one host", 1, "b-c/Ingress/d/paths.com/a/b/app"),
        ("namespace and host, over TLS on two shards", 1, "team-app/Ingress/web/shop.com//app"),
        ("a TLS path and a plain one", 1, "n/Ingress/i/x-h.com/p/app"),
        ("two Services of type LoadBalancer", 1, "team-app/Service/shop//shop"),
        ("a passthrough host and a path over TLS", 1, "team/Route/web/shop.com/"),
        ("a passthrough host and a path over TLS", 0, "blue/Route/any/team-shop.com-web/"),
    ],
)
def test_the_other_name_says_whose_it_is(title: str, loser: int, whose: str) -> None:
    clash = next(clash for clash in CLASHES if clash.title == title)
    world = fed(clash.plugins)
    for index, source in enumerate(clash.sources):
        world.apply(*source.base, source.make(DAYS[1 if index == loser else 0]))
    world.pipeline.refresh()
    others = {ref.name for ref in objects_of(world) if ref.name.startswith(f"{clash.name}-")}
    assert f"{clash.name}-{suffix(whose)}" in others


OLDER = ingress_source("web", "team", "app-shop.com", "/", secure=True)
YOUNGER = ingress_source("web", "team-app", "shop.com", "/", secure=True)
INSTEAD = suffix("team-app/Ingress/web/shop.com//app")
GREEDY = ingress_source(INSTEAD, "team", "app-shop.com", "/-web", secure=True, backend="other")
"""An Ingress and a path so called that its objects need the name that those of the younger one have instead."""


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("ages", list(itertools.permutations(range(3))), ids=str)
def test_nobody_is_kept_off_the_air_by_who_takes_the_name_that_he_has_instead(
    ages: tuple[int, ...], arrival: tuple[int, ...]
) -> None:
    sources = (OLDER, YOUNGER, GREEDY)
    world = fed(CLASHES[0].plugins)
    for index in arrival:
        world.apply(*sources[index].base, sources[index].make(DAYS[ages[index]]))
        world.pipeline.refresh()
    served(world, *sources)
    needed = f"my-cluster--team-app-shop.com_-web-{INSTEAD}"
    pools = {ref.name: item for ref, item in objects_of(world).items() if ref.type == "pool"}
    assert needed in pools, "the oldest who needs a name, or has it instead of another, has it"
    if ages[0] < ages[1] < ages[2]:
        assert set(pools) == {
            "my-cluster--team-app-shop.com_-web",
            needed,
            f"{needed}-{suffix(f'team/Ingress/{INSTEAD}/app-shop.com/-web/other')}",
        }


ALL = [source for clash in CLASHES if "openshift_route" not in clash.plugins for source in clash.sources]
EVENTS = st.lists(st.tuples(st.integers(0, len(ALL) - 1), st.sampled_from([*DAYS[:3], ""])), min_size=1, max_size=14)


@pytest.mark.long
@settings(max_examples=share_of(300))
@given(EVENTS, st.integers(0, 3))
def test_any_order_of_arrivals_and_removals_gives_what_comes_from_scratch(
    events: Sequence[tuple[int, str]], together: int
) -> None:
    """An event without a date is a removal; some are taken in together."""
    world = fed(CLASHES[0].plugins)
    final: dict[int, str] = {}
    for count, (index, created) in enumerate(events):
        if created:
            world.apply(*ALL[index].base, ALL[index].make(created))
            final[index] = created
        else:
            world.delete(ALL[index].make(""))
            final.pop(index, None)
        if count % (together + 1) == 0:
            world.pipeline.refresh()
            objects_of(world)
    served(world, *(ALL[index] for index in final))
    scratch = fed(CLASHES[0].plugins)
    for index, created in final.items():
        scratch.apply(*ALL[index].base, ALL[index].make(created))
    scratch.pipeline.refresh()
    in_use = {ref: item for ref, item in objects_of(world).items() if not empty(ref.name, world)}
    assert in_use == objects_of(scratch)
