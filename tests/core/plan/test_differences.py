"""What differs between two states is the same whether it is looked for from both ends or by name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, Pool
from ako.core.plan.differences import differences

OBJECTS = [[Pool(name=f"p{number}", created_by=by) for by in "ab"] for number in range(7)]
STATES = st.permutations(range(7)).flatmap(
    lambda order: st.lists(st.sampled_from([None, 0, 1]), min_size=7, max_size=7).map(
        lambda chosen: {
            item.ref: item for n in order if (which := chosen[n]) is not None for item in (OBJECTS[n][which],)
        }
    )
)


@given(STATES, STATES)
def test_all_that_differs_is_told_once(before: dict[AviRef, AviObject], now: dict[AviRef, AviObject]) -> None:
    changed, gone = differences(before, now)
    assert sorted(changed) == sorted(ref for ref, item in now.items() if before.get(ref) is not item)
    assert sorted(gone) == sorted(before.keys() - now.keys())


def test_what_comes_in_the_middle_and_what_changes_at_the_ends_is_found() -> None:
    before = {item.ref: item for item in (row[0] for row in OBJECTS[:6])}
    now = {item.ref: item for item in (OBJECTS[0][1], *(OBJECTS[n][0] for n in (1, 6, 2, 4)), OBJECTS[5][1])}
    changed, gone = differences(before, now)
    assert sorted(changed) == [AviRef("pool", "p0"), AviRef("pool", "p5"), AviRef("pool", "p6")]
    assert gone == [AviRef("pool", "p3")]
