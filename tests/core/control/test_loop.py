"""What arrives at the thinking thread, and what of it counts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from ako.core.avi import line
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.fence import Fence
from ako.core.base.refs import AviRef
from ako.core.control.loop import Controller
from ako.core.control.own_objects import KINDS
from ako.core.control.world import World
from ako.core.engine.changes import Listed, Upserted
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.cluster import Cluster
from ako.core.observe.full_sync import Observation
from ako.core.settings import LoadedSettings, Settings, Sources, load_settings
from tests.builders import CLASS, CLOUD_FACTS, endpoints, ingress, kind_of, name_of, records_of, service
from tests.core.clock import Clock
from tests.core.control.running import InMemory
from tests.core.later import Later

POOL = AviRef("pool", "my-cluster--a.com_-default-one")


class Session:
    """A session that carries everything out; objects have its name as their uuid."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.meanwhile: Callable[[], None] = lambda: None

    def request(self, method: str, path: str, *, body: bytes | None = None, **_: Any) -> bytes:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return msgspec.json.encode({**msgspec.json.decode(body or b"{}"), "uuid": self.name})

    def leave(self) -> None:
        """Nothing is said."""

    def close(self) -> None:
        """Nothing is open."""


class Play:
    """A controller whose requests are sent when the test says so."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        world = World(
            cast("Cluster", InMemory()),
            connect=self.connect,
            reload=lambda *_: self.loaded("first"),
            pace=Pace(Clock(), random.Random(1)),
            fence=Fence(),
            namespace="avi-system",
        )
        plugins = PluginHost(load_plugins(("ingress", "clusterip_routes")))
        self.controller = Controller(self.loaded("first"), plugins, world)
        reconciler = self.controller.reconciler
        reconciler.take([Listed(kind, {}) for kind in reconciler.pipeline.store.kinds()])
        kinds = (*plugins.watched, *KINDS)
        manifests = (CLASS, service("web"), endpoints("web", "10.0.0.1"), ingress("one", ("a.com", "/", "web:80")))
        reconciler.take([Upserted(kind_of(m), name_of(m), records_of(m, kinds)) for m in manifests])

    @staticmethod
    def loaded(controller: str) -> LoadedSettings:
        flags = {"ControllerSettings.controllerHost": controller, "AKOSettings.disableStaticRouteSync": True}
        return load_settings(Sources(flags=flags))

    def connect(self, _: Settings, __: Callable[[], None]) -> AviSession:
        self.sessions.append(Session(f"session-{len(self.sessions)}"))
        return cast("AviSession", self.sessions[-1])

    @property
    def requests(self) -> Later:
        return cast("Later", self.controller._line.requests)

    def look(self) -> None:
        """Find the Controller empty, and begin to fill it."""
        self.controller.reconciler.observe(Observation(CLOUD_FACTS, {}))
        self.controller.reconciler.look("")
        self.controller.reconciler.act()

    def uuid_of(self, ref: AviRef) -> str | None:
        seen = self.controller.reconciler.observed.get(ref)
        return seen.uuid if seen else None


def test_answers_of_a_session_that_was_left_count_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other settings come while a request is under way; by then the same object is being made elsewhere."""
    monkeypatch.setattr(line, "ThreadPoolExecutor", Later)
    play = Play()
    play.look()
    first, requests = play.sessions[0], play.requests

    def other_settings() -> None:
        play.controller._use(play.loaded("second").settings)
        play.look()

    first.meanwhile = other_settings
    requests.do()
    play.controller._wait()
    assert [session.name for session in play.sessions] == ["session-0", "session-1"]
    assert len(play.controller.reconciler.observed) == 0
    while requests.waiting:
        requests.do()  # what was not sent yet stays undone
    while play.requests.waiting:
        play.requests.do()
        play.controller._wait()
        play.controller.reconciler.act()
    assert play.uuid_of(POOL) == "session-1"
    play.controller.close()
