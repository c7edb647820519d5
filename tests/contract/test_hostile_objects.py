"""Whatever manifests are thrown at all plugins at once: the pipeline goes on, and ends as from scratch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ako.testing.hostile import STRANGE
from ako.testing.rehearsal import Manifest, Rehearsal, ref_of
from tests.contract.examples import EXAMPLES, OPENSHIFT
from tests.contract.test_plugins import OURS
from tests.properties import share_of

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["shop.com", "web", "http", "/", "tls-shop", "a.b", "", "*.com", "10.0.0.1"]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**33), 2**33) | TEXTS | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=4
)
VALUES = st.sampled_from([value for _, value in STRANGE]) | ANYTHING


def paths_in(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List every place of a manifest below what makes up its identity."""
    found = [path] if path and path[0] not in {"apiVersion", "kind"} and path != ("metadata",) else []
    if path in {("metadata", "name"), ("metadata", "namespace")}:
        return []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [inner for key, item in items for inner in paths_in(item, (*path, key))]


def changed(value: Any, path: Sequence[str | int], new: object) -> Any:
    """Give a copy with another value in one place."""
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: changed(value.get(step), rest, new)}
    return [changed(item, rest, new) if index == step else item for index, item in enumerate(value)]


@st.composite
def manifests(draw: st.DrawFn) -> Any:
    """Give an example with up to three places changed, which mostly still decodes."""
    manifest: Any = draw(st.sampled_from(OPENSHIFT))
    for _ in range(draw(st.integers(0, 3))):
        places = paths_in(manifest)
        manifest = changed(manifest, places[draw(st.integers(0, len(places) - 1))], draw(VALUES))
    return manifest


@settings(max_examples=share_of(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(manifests(), min_size=1, max_size=5))
def test_strange_manifests_are_survived(caplog: pytest.LogCaptureFixture, strange: Sequence[Manifest]) -> None:
    """Nothing raises, neither a plugin nor the core behind it; and when the strange ones are mended nothing is left."""
    caplog.clear()
    rehearsal = Rehearsal(OURS)
    rehearsal.apply(*EXAMPLES)
    rehearsal.apply(*strange)
    failed = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not failed, failed[0].exc_text or failed[0].getMessage()
    rehearsal.delete(*strange)
    rehearsal.apply(*EXAMPLES)
    fresh = Rehearsal(OURS)
    fresh.apply(*EXAMPLES)
    wanted = fresh.objects()
    seen = rehearsal.objects()
    assert {ref: seen.get(ref) for ref in wanted} == wanted
    assert rehearsal.doubts() == fresh.doubts()


@settings(max_examples=share_of(30))
@given(st.lists(manifests(), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_order_of_strange_manifests_does_not_matter(strange: Sequence[Manifest], chance: Any) -> None:
    """The last version of each object counts, whichever came first."""
    last = {ref_of(manifest): manifest for manifest in strange}
    shuffled = list(last.values())
    chance.shuffle(shuffled)
    results = []
    for order in (list(last.values()), shuffled):
        rehearsal = Rehearsal(OURS)
        rehearsal.apply(*order)
        in_use = {name: tree.objects for name, tree in rehearsal.pipeline.trees.values() if tree.hosts}
        results.append((in_use, rehearsal.problems(), rehearsal.doubts()))
    assert results[0] == results[1]
