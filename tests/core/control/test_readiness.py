"""What the health server tells of a controller."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import cast

import pytest

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviUnreachable
from ako.core.avi.session import AviSession
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of


def test_an_error_has_the_time_it_happened_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    session = AviSession(AviEndpoint(url="http://127.0.0.1:1", username="admin", password="admin"))
    health = health_of(cast("Controller", SimpleNamespace(session=session, progress=0)), Metrics())
    assert health.avi_errors() == ()
    with pytest.raises(AviUnreachable):
        session.get("/api/pool")
    monkeypatch.undo()
    (told,) = health.avi_errors()
    assert told["timestamp"] == "2001-09-09T01:46:40Z"
    session.close()
