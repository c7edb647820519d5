"""The mark of a cluster is laid on what is written and taken off what is read, beside everything of others."""

from __future__ import annotations

import json

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from ako.core.base.refs import NamespacedName
from ako.core.model import (
    AviObject,
    HTTPPolicySet,
    KeyValues,
    L4PolicySet,
    PKIProfile,
    Pool,
    PoolGroup,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
    group_of,
)
from ako.core.model.mark import KEY, UNMARKED, Mark, unmarked
from ako.core.translate.metadata import child_metadata, pool_metadata, read_metadata

MARK = Mark("uid-1", has_markers=True)
OURS = KeyValues(KEY, ("uid-1",))
CLUSTER, TEAM = KeyValues("clustername", ("c",)), KeyValues("team", ("web",))
METADATA = pool_metadata(NamespacedName("default", "shop"), "shöp.com", 70)

EVERY = [
    Pool(name="c--p", service_metadata=METADATA),
    Pool(name="c--p"),
    VirtualService(name="c--v", service_metadata=child_metadata([NamespacedName("default", "shop")], "shop.com")),
    VsVip(name="c--v", markers=(CLUSTER,)),
    PoolGroup(name="c--g"),
    HTTPPolicySet(name="c--h"),
    L4PolicySet(name="c--l"),
    PKIProfile(name="c--k"),
    SSLKeyAndCertificate(name="c--s"),
]


@pytest.mark.parametrize("item", EVERY, ids=lambda item: type(item).__name__)
@pytest.mark.parametrize("has_markers", [True, False])
def test_what_was_marked_reads_as_it_was_wanted(item: AviObject, has_markers: bool) -> None:
    marked = replace(item, **Mark("uid-1", has_markers).fields(item))
    has_room = has_markers or isinstance(item, (Pool, VirtualService))
    assert unmarked(marked) == (item, "uid-1" if has_room else "")


def test_the_keys_of_ako_stay_as_they_are() -> None:
    text = MARK.fields(Pool(name="c--p", service_metadata=METADATA))["service_metadata"]
    assert read_metadata(text) == read_metadata(METADATA)
    assert {key: value for key, value in json.loads(text).items() if key != KEY} == json.loads(METADATA)


@pytest.mark.parametrize(
    ("item", "before", "markers"),
    [
        (Pool(name="p"), None, (OURS,)),
        (Pool(name="p"), Pool(name="p"), (OURS,)),
        (Pool(name="p"), Pool(name="p", markers=(TEAM,)), (TEAM, OURS)),
        (VsVip(name="v", markers=(CLUSTER,)), VsVip(name="v", markers=(TEAM,)), (CLUSTER, OURS)),
    ],
)
def test_markers_of_others_stay_where_they_are_not_ours(
    item: AviObject, before: AviObject | None, markers: tuple[KeyValues, ...]
) -> None:
    assert MARK.fields(item, before)["markers"] == markers


@pytest.mark.parametrize(
    ("item", "mark"),
    [(Pool(name="p", service_metadata=METADATA), UNMARKED), (group_of("g", "c"), MARK)],
    ids=["no uid", "an object of others"],
)
def test_nothing_is_written_for_a_mark_that_is_none(item: AviObject, mark: Mark) -> None:
    assert mark.fields(item) == {}


@pytest.mark.parametrize(
    ("item", "left", "uid"),
    [
        (Pool(name="p", service_metadata="no JSON"), None, ""),
        (Pool(name="p", service_metadata=f"no JSON, {KEY}"), None, ""),
        (Pool(name="p", service_metadata=f'["{KEY}"]'), None, ""),
        (Pool(name="p", service_metadata=f'{{"{KEY}":7}}'), None, ""),
        (Pool(name="p", service_metadata=f'{{"{KEY}":"a"}}'), Pool(name="p"), "a"),
        (Pool(name="p", service_metadata=f'{{"x": 1, "{KEY}": "a"}}'), Pool(name="p", service_metadata='{"x":1}'), "a"),
        (Pool(name="p", markers=(TEAM,)), None, ""),
        (Pool(name="p", markers=(KeyValues(KEY),)), Pool(name="p"), ""),
        (Pool(name="p", markers=(TEAM, KeyValues(KEY, ("b",)))), Pool(name="p", markers=(TEAM,)), "b"),
        (  # somebody who does not know the key wrote the metadata, or left it
            Pool(name="p", service_metadata=f'{{"{KEY}":"a"}}', markers=(KeyValues(KEY, ("b",)),)),
            Pool(name="p"),
            "b",
        ),
    ],
)
def test_whatever_stands_there_can_be_read(item: Pool, left: Pool | None, uid: str) -> None:
    assert unmarked(item) == (left or item, uid)


def test_a_text_that_is_no_json_is_not_changed() -> None:
    assert MARK.fields(Pool(name="p", service_metadata="a plugin's"))["service_metadata"] == "a plugin's"
    assert unmarked(Pool(name="p", markers=(OURS,)))[0].markers is UNSET
