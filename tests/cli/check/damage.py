"""Manifests with something wrong in them: a field that is gone, of another type, or that names something else."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from tests.builders import Manifest

Place = tuple[Any, Any]
"""What holds a value, and the key or index of it there."""

OTHERS: tuple[Any, ...] = (
    7,
    True,
    "gone",
    "shop_..com",
    "",
    "10.0.0.300",
    [],
    {},
    ["x"],
    "a" * 300,
    "/a b",
    "*.com",
    "%",
    -1,
    99999,
)


def damaged(rng: random.Random, manifest: Manifest) -> Manifest:
    """Give a manifest in which one thing is otherwise; what it is and is called stays."""
    result = copy.deepcopy(dict(manifest))
    places = [place for key in result.keys() - {"apiVersion", "kind", "metadata"} for place in _places(result, key)]
    if not places:
        return result
    holder, key = rng.choice(sorted(places, key=repr))
    if rng.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(rng.choice(OTHERS))
    return result


def _places(holder: Any, key: Any) -> Iterator[Place]:
    yield holder, key
    inner = holder[key]
    keys = inner.keys() if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ()
    for name in keys:
        yield from _places(inner, name)
