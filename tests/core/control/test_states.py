"""States that are kept and compared: nothing differs of what is the same, and what differs is what would be done."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.errors import AkoError
from ako.core.base.refs import AviRef
from ako.core.base.secrecy import Secrecy
from ako.core.control.preview import Preview
from ako.core.control.states import Kept, compared, objects_in, state_in, state_of
from ako.core.model import Pool
from ako.core.plan.plan import Update
from ako.core.settings import Sources, load_settings
from tests.core.control.rig import Rig
from tests.core.explain.worlds import BASE, World, worlds

SETTINGS = load_settings(Sources())


def told(preview: Preview) -> set[tuple[object, ...]]:
    """Give what a plan does, field by field; secrets are in no state, and so in no comparison."""
    return {
        (type(operation).__name__, operation.ref, field)
        for operation in preview.plan.operations
        for field in (
            {change.field for change in operation.changes} - operation.object.write_only
            if isinstance(operation, Update)
            else ("",)
        )
    }


@given(worlds(), worlds(), st.sampled_from(["MEDIUM", 1]))
def test_comparing_tells_what_a_plan_does(before: World, now: World, shards: object) -> None:
    rig = Rig(*BASE, *before.values(), L7Settings__shardVSSize=shards, ako__guard__maxDeletePercent=100)
    secrecy = Secrecy()
    state = state_in(msgspec.json.encode(state_of(rig.reconciler, SETTINGS, secrecy)), "here")
    same = compared(rig.reconciler, SETTINGS, state, secrecy)
    assert same.plan.operations == ()
    rig.delete(*(before[name] for name in before if name not in now))
    rig.apply(*now.values())
    planned = rig.preview()
    found = compared(rig.reconciler, SETTINGS, state, secrecy)
    assert told(found) == told(planned)
    assert {ref: cause.hosts for ref, cause in found.causes.items()} == {
        ref: cause.hosts for ref, cause in planned.causes.items()
    }


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (Kept("gizmo", "c--g", {}), "holds a gizmo, which this version does not know"),
        (Kept("pool", "c--p", {"servers": 3}), "pool c--p in the saved state cannot be read"),
    ],
)
def test_what_cannot_be_read_back_is_named(kept: Kept, why: str) -> None:
    with pytest.raises(AkoError, match=why):
        objects_in([kept], "c")


def test_fields_of_plugins_and_those_to_be_absent_are_read_back() -> None:
    fields = {"lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN", "pki_profile_ref": None, "fewest_tasks_feedback_delay": 7}
    ((ref, seen),) = objects_in([Kept("pool", "c--p", fields, "blue")], "c").items()
    assert ref == AviRef("pool", "c--p", "blue")
    assert isinstance(seen.object, Pool)
    assert seen.object.pki_profile_ref is None
    assert seen.object.extra_fields == {"fewest_tasks_feedback_delay": 7}
