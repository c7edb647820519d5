"""Which fields are looked into for references follows from their types, and finds all there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct

from ako.core.base.refs import AviRef
from tests.core.assemble.worlds import objects_of
from tests.core.translate.test_requests import Object, Rule, world_of


def deep(value: object) -> Iterator[AviRef]:
    if isinstance(value, AviRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from deep(item)
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from deep(getattr(value, field))


@pytest.mark.parametrize("mode", ["ako", "kubernetes"])
def test_no_reference_is_missed(mode: str) -> None:
    fed = world_of(mode)
    paths = (Rule("a.com", "/a", "Prefix", "s0"), Rule("a.com", "/a", "Exact", "s0"))
    fed.apply(Object("i", "n", "2026-01-01T00:00:00Z", paths, frozenset({"a.com"})).manifest)
    fed.apply(Object("j", "n", "2026-01-02T00:00:00Z", (Rule("b.com", "/", "Exact", "s0"),)).manifest)
    fed.pipeline.refresh()
    objects = objects_of(fed)
    assert len({ref.type for ref in objects}) >= 6
    for item in objects.values():
        assert list(item.references()) == list(deep(item))
