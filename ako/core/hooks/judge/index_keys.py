"""What an index of a plugin files an object under: several keys, however they are given."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from ako.core.base.refs import NamespacedName
from ako.core.hooks.judge.faults import Wrong
from ako.core.hooks.judge.types import named


def index_keys(given: Any) -> frozenset[Hashable]:
    """Give the keys; one that stands alone is none: its letters would be taken for keys, and nothing found by it.

    Raises:
        Wrong: it is one key in the place of several.
    """
    if issubclass(type(given), (str, bytes, NamespacedName)):
        raise Wrong(f"is {named(type(given))}, not keys; give a tuple, such as (key,)")
    keys: Iterable[Hashable] = given
    return frozenset(keys)
