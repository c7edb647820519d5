"""The lives of a controller in this process: started, stopped, and killed between any two requests.

A killed one sends nothing more, neither to the Avi Controller nor to Kubernetes, and does not log out; what it had sent
may still be carried out. So it is with a process, except that its threads come to their end in peace.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from ako.core.avi.answer import Answer
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviUnreachable
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.fence import Fence
from ako.core.base.refs import ObjectRef
from ako.core.control.loop import Controller
from ako.core.control.world import World as Surroundings
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.api import ApiCluster
from ako.core.kube.cluster import Event, WriteOutcome, WriteResult
from ako.core.kube.connection import from_kubeconfig
from ako.core.kube.reflector import Timing
from ako.core.settings import LoadedSettings, Sources, load_settings
from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.sim import Simulator
from tests.campaign.flavour import Flavour
from tests.campaign.world import CLUSTER
from tests.waiting import PATIENCE, wait_until

FIRST_WAIT, LONGEST_WAIT, LINGER, CALM, GRACE = 0.01, 0.05, 0.3, 0.1, 0.05
"""Back-off, some fifty times faster than in earnest."""

GIVING_UP, LATE_LINGER = 1.0, 1.0
"""Where requests are carried out late: when an answer counts as lost, and how long such a request is reckoned with."""


class Clock:
    """The time of a controller, which a test can let go on."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def go_on(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._ahead += seconds


class Mortality:
    """Says when a controller dies: at a request to the Avi Controller, before it leaves or when its answer is there."""

    def __init__(self) -> None:
        self.fence = Fence()
        self._lock = threading.Lock()
        self._left = -1
        self._is_answered = False
        self.is_dead = threading.Event()

    def die_in(self, requests: int, *, answered: bool) -> None:
        """Die at so many requests from now; `answered`: the Controller still carries the last one out."""
        with self._lock:
            self._left, self._is_answered = requests, answered

    def pass_through(self, send: Callable[[], Answer]) -> Answer:
        """Send a request, if we live."""
        with self._lock:
            self._left -= 1
            is_last = self._left == 0
            is_answered = self._is_answered
        if is_last and not is_answered:
            self.is_dead.set()
        self._insist()
        answer = send()
        if is_last:
            self.is_dead.set()
        self._insist()
        return answer

    def _insist(self) -> None:
        if self.is_dead.is_set():
            raise AviUnreachable("killed")


class Place(Protocol):
    """Where a controller lives."""

    @property
    def simulator(self) -> Simulator:
        """Give the Avi Controller."""

    @property
    def kubeconfig(self) -> Path:
        """Give the way to the API server."""

    @property
    def flavour(self) -> Flavour:
        """Give what kind of cluster it is."""

    @property
    def is_late(self) -> bool:
        """Say whether it is to give up soon."""

    def note_trespass(self, method: str, target: str) -> None:
        """Note a request to the Avi Controller, if it changes what belongs to another cluster."""


class MortalSession(AviSession):
    """A session that ends with its controller."""

    def __init__(
        self,
        endpoint: AviEndpoint,
        mortality: Mortality,
        on_return: Callable[[], None],
        note: Callable[[str, str], None],
    ) -> None:
        super().__init__(endpoint, on_return=on_return, warrant=mortality.fence.warrant())
        self._mortality = mortality
        self._note = note

    def close(self) -> None:
        if self._mortality.is_dead.is_set():
            self._transport.close()
        else:
            super().close()

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Answer:
        self._note(method, target)
        return self._mortality.pass_through(lambda: super(MortalSession, self)._send(method, target, headers, body))


class MortalCluster(ApiCluster):
    """A cluster that a killed controller cannot write to."""

    def __init__(self, place: Place, mortality: Mortality, pace: Pace) -> None:
        super().__init__(from_kubeconfig(place.kubeconfig), timing=Timing(retry=pace), fence=mortality.fence)
        self._mortality = mortality

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        if self._mortality.is_dead.is_set():
            return WriteResult(WriteOutcome.RETRY, "killed")
        return super().write_status(ref, status, version)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        if self._mortality.is_dead.is_set():
            return WriteOutcome.RETRY
        return super().write_event(ref, event)


class Life:
    """One controller from its start to its end."""

    def __init__(self, place: Place, seed: int) -> None:
        self.mortality = Mortality()
        loaded = _settings(place)
        endpoint = AviEndpoint(
            url=place.simulator.url,
            username="admin",
            password="admin",
            timeout=(PATIENCE, GIVING_UP if place.is_late else PATIENCE),
        )
        self.clock = Clock()
        linger = LATE_LINGER if place.is_late else LINGER
        rng = random.Random(seed)
        pace = Pace(self.clock, rng, first=FIRST_WAIT, ceiling=LONGEST_WAIT, linger=linger, calm=CALM, grace=GRACE)
        surroundings = Surroundings(
            MortalCluster(place, self.mortality, pace),
            connect=lambda _, on_return: MortalSession(endpoint, self.mortality, on_return, place.note_trespass),
            reload=lambda *_: loaded,
            pace=pace,
            fence=self.mortality.fence,
            namespace="avi-system",
        )
        self.controller = Controller(loaded, PluginHost(load_plugins(IN_TREE_PLUGINS)), surroundings)
        self._failures: list[Exception] = []
        self._thread = threading.Thread(target=self._run, name="controller")
        self._thread.start()

    def ask_for_full_sync(self) -> None:
        """Have the Avi Controller read anew."""
        self.controller._inbox.put(self.controller.full_sync.request)

    def syncs_fully(self) -> bool:
        """Ask for a full sync that begins now, and wait until it has ended well."""
        self.require_alive()
        count = self.controller.full_sync.count + (0 if self.controller.full_sync.next_due is not None else 1)
        self.ask_for_full_sync()
        return bool(wait_until(lambda: self.controller.full_sync.count > count or None, interval=0.002))

    def comes_to_rest(self, limit: float = PATIENCE) -> bool:
        """Wait until nothing is left to do."""
        return bool(wait_until(lambda: self.controller.is_converged or None, limit, 0.002))

    def require_alive(self) -> None:
        """Raise what ended the controller, if anything did."""
        if self._failures:
            raise self._failures[0]

    def end(self) -> None:
        """Stop in good order; raise what went wrong inside."""
        self.controller.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the controller does not stop"
        self.require_alive()

    def kill(self) -> None:
        """End at once."""
        self.mortality.is_dead.set()
        self.end()

    def _run(self) -> None:
        try:
            self.controller.run()
        except Exception as failure:  # noqa: BLE001 - told by whoever looks after this life
            self._failures.append(failure)


def _settings(place: Place) -> LoadedSettings:
    return load_settings(Sources(flags=settings_of(place)))


def settings_of(place: Place) -> dict[str, str]:
    """Give the settings of a controller that lives there, by helm key."""
    return {
        "AKOSettings.clusterName": CLUSTER,
        "ControllerSettings.controllerHost": place.simulator.url,
        "L7Settings.shardVSSize": "MEDIUM",
        "ako.guard.maxDeletePercent": "100",
        "avicredentials.username": "admin",
        "avicredentials.password": "admin",
        **place.flavour.flags,
    }
