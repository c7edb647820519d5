"""Whoever has to wait is told by what that was decided: age, who was there before, or namespace and name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import YOUNGER, HostClaim
from ako.core.settle.precedence import FIRST_BY_NAME, OLDER, THERE_BEFORE, named_first

MONDAY, TUESDAY = "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"
SHOP = HostClaim(ObjectRef(Kind("networking.k8s.io", "v1", "Ingress"), "default", "shop"), MONDAY, "foo.com", ())


def named(name: str, created: str) -> HostClaim:
    return replace(SHOP, source=SHOP.source._replace(name=name), created=created)


@pytest.mark.parametrize(
    ("first", "other", "why"),
    [
        (named("z", MONDAY), named("a", TUESDAY), OLDER),
        (named("a", MONDAY), named("z", MONDAY), FIRST_BY_NAME),
        (named("a", ""), named("z", ""), FIRST_BY_NAME),
        (named("a", ""), named("z", YOUNGER), FIRST_BY_NAME),
        (named("z", ""), named("a", YOUNGER), THERE_BEFORE),
        (named("z", ""), named("a", ""), THERE_BEFORE),
        (named("z", MONDAY), named("a", MONDAY + YOUNGER), THERE_BEFORE),
        (named("z", MONDAY), named("a", ""), THERE_BEFORE),
    ],
    ids=[
        "ages",
        "one age",
        "no ages",
        "no ages, and live",
        "live before one whose name comes first",
        "who has a name or an address",
        "one with an age is live",
        "one with an age has a name",
    ],
)
def test_what_decided_is_said(first: HostClaim, other: HostClaim, why: str) -> None:
    assert named_first(first, other) == f"Ingress/default/{first.source.name}, which {why}"
