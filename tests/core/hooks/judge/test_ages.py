"""Who is older has a host: no plugin makes up the age of an object."""

from __future__ import annotations

import pytest
from msgspec import Struct

from ako import Backend, Discovery, HostClaim, Kind, Metadata, ObjectRef, PathRule, PathType, SourceObject
from ako.core.hooks.judge import judge

REF = ObjectRef(Kind("ages.test", "v1", "Thing"), "default", "one")
CREATED = "2026-01-01T00:00:00Z"


class Thing(Struct, frozen=True):
    """With metadata as plugins read it."""

    metadata: Metadata


class Bare(Struct, frozen=True):
    """Without: its plugin alone knows how old it is."""

    since: str


def told(record: Struct, created: str) -> str:
    rule = PathRule("/", PathType.PREFIX, (Backend("default", "web"),))
    answer = Discovery((HostClaim(REF, created, "shop.com", (rule,)),))
    return judge("ako_discover", answer, {"source": SourceObject(REF, record)})


@pytest.mark.parametrize("created", ["", "1970-01-01T00:00:00Z", "2026-01-02T00:00:00Z"])
def test_another_age_than_that_of_the_object_is_a_fault(created: str) -> None:
    record = Thing(Metadata(name="one", namespace="default", creation_timestamp=CREATED))
    assert told(record, created).startswith(f"claims[0].created is '{created}', not '{CREATED}'")


@pytest.mark.parametrize(
    ("record", "created"),
    [
        (Thing(Metadata(name="one", creation_timestamp=CREATED)), CREATED),
        (Thing(Metadata(name="one")), ""),
        (Bare(CREATED), "1970-01-01T00:00:00Z"),
    ],
)
def test_its_own_is_none_nor_one_that_cannot_be_compared(record: Struct, created: str) -> None:
    assert told(record, created) == ""
