"""How thoroughly properties are tried: with a tenth of their examples in `make test`, with all in `make campaign`."""

from __future__ import annotations

from hypothesis import settings

ALL = 100
"""The examples of a property that names no number."""


def share_of(examples: int) -> int:
    """Give how many of its examples a long property is tried with, by the profile."""
    return max(1, examples * settings().max_examples // ALL)
