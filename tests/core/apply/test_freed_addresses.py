"""An address that becomes free is tried again by whoever was refused it, however the two answers come in."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from ako.core.apply.dispatcher import Dispatcher
from ako.core.avi.errors import AviRejected
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Create, Delete
from tests.core.silence import Silence

OLD, NEW = VsVip(name="c--old"), VsVip(name="c--new")


@pytest.mark.parametrize("freed_first", [True, False])
def test_who_was_refused_is_tried_again(*, freed_first: bool) -> None:
    worker = Silence()
    wanted: Mapping[str, Mapping[AviRef, AviObject]] = {"old": {}, "new": {NEW.ref: NEW}}
    pace = Pace(lambda: 0.0, random.Random(1))
    dispatcher = Dispatcher(Observed(), lambda tree: wanted.get(tree.name, {}), worker, "c--", pace)
    dispatcher.knowledge.adopt({OLD.ref: ObservedObject("u", OLD)})
    dispatcher.plan_anew([TreeName("new")])
    dispatcher.start_due()
    (deletion,) = (operation for operation in worker.sent if isinstance(operation, Delete))
    (creation,) = (operation for operation in worker.sent if isinstance(operation, Create))
    if freed_first:
        dispatcher.finished(deletion, None)
        dispatcher.finished(creation, AviRejected("No available free IPs"))
    else:
        dispatcher.finished(creation, AviRejected("No available free IPs"))
        dispatcher.finished(deletion, None)
    dispatcher.start_due()
    assert worker.sent[2:] == [creation]
    dispatcher.finished(worker.sent[2], AviRejected("No available free IPs"))
    dispatcher.start_due()
    assert len(worker.sent) == 3, "nothing has become free since"
    assert dispatcher.planner.refused.of(NEW)
