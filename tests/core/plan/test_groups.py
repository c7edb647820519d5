"""Trees between which something moves are one group, whichever of them is looked at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ako.core.base.refs import TreeName
from ako.core.plan.planner import linked


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(
    ("pending", "sources", "groups"),
    [
        (["a", "b"], {}, [{"a"}, {"b"}]),
        (["old", "new"], {"new": ["old"]}, [{"old", "new"}]),
        (["new"], {"new": ["old"]}, [{"old", "new"}]),
        (["a", "b", "c", "d"], {"b": ["a"], "c": ["b"]}, [{"a", "b", "c"}, {"d"}]),
        (["a", "b"], {"a": ["c"], "b": ["c"]}, [{"a", "b", "c"}]),
        ([], {}, []),
    ],
)
def test_groups(
    pending: Sequence[str], sources: Mapping[str, Sequence[str]], groups: Sequence[set[str]], is_reversed: bool
) -> None:
    looked_at = [TreeName(name) for name in (reversed(pending) if is_reversed else pending)]
    found = [
        {tree.name for tree in group}
        for group in linked(looked_at, lambda tree: map(TreeName, sources.get(tree.name, ())))
    ]
    assert sorted(found, key=sorted) == sorted(groups, key=sorted)
