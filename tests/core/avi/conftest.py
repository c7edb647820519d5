"""A scripted Controller and sessions to it, closed at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from tests.core.avi.scripted import Script, ScriptedController
from tests.waiting import PATIENCE

OpenSession = Callable[..., AviSession]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def controller(script: Script) -> Iterator[ScriptedController]:
    with ScriptedController(script) as server:
        yield server


@pytest.fixture
def open_session(controller: ScriptedController) -> Iterator[OpenSession]:
    """Give a function that opens a session; options of the endpoint and of the session may be mixed."""
    with ExitStack() as stack:

        def opened(**options: Any) -> AviSession:
            for_session = {
                name: options.pop(name) for name in ("observer", "clock", "on_return", "outages") if name in options
            }
            told = {
                "url": controller.url,
                "username": "admin",
                "password": "right",
                "timeout": (PATIENCE, PATIENCE),
                **options,
            }
            session = AviSession(AviEndpoint(**told), **for_session)
            stack.callback(session.close)
            return session

        yield opened


@pytest.fixture
def session(open_session: OpenSession) -> AviSession:
    return open_session()


@pytest.fixture
def url(controller: ScriptedController) -> str:
    return controller.url
