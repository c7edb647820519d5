"""Of many things the first are named, and the others counted."""

from __future__ import annotations

import pytest

from ako.core.base.wording import some_of


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "a", "b"), "a, b"),
        (("a", "b", "c"), "a, b, c"),
        (("a", "b", "c", "d"), "a, b, c and 1 more"),
    ],
)
def test_some_of_many(names: tuple[str, ...], text: str) -> None:
    assert some_of(names) == text
