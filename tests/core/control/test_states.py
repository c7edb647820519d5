"""States that are kept and compared: nothing differs of what is the same, and what differs is what would be done."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.secrecy import Secrecy
from ako.core.control.preview import Preview
from ako.core.control.states import compared, state_in, state_of
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
