"""A controller in this process, between a cluster in memory and Avi Controllers of their own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, cast

from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.fence import Fence
from ako.core.base.refs import Kind, ObjectRef
from ako.core.control.loop import Controller
from ako.core.control.own_objects import OwnData, Reload
from ako.core.control.world import Message, World
from ako.core.engine.changes import Change, Listed, Upserted
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.cluster import Cluster, Event, Sink, WriteOutcome, WriteResult
from ako.core.kube.sight import WatchReport
from ako.core.settings import ConfigTexts, LoadedSettings, Sources, load_settings
from ako.testing.rehearsal import Manifest, ref_of
from tests.builders import CLASS, endpoints, ingress, records_of, service
from tests.waiting import PATIENCE, wait_until

CLUSTER = "c"
SHOP = (CLASS, service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))
POOL = "c--shop.com_-default-shop"


class InMemory:
    """A cluster that tells what is declared, and keeps what is written.

    Attributes:
        answers: what to answer to the next writes of statuses; afterwards they are taken.
        events: what was told, in turn.
    """

    def __init__(self, *manifests: Manifest) -> None:
        self.answers: list[WriteResult] = []
        self.statuses: dict[ObjectRef, Mapping[str, Any] | None] = {}
        self.events: list[tuple[ObjectRef, Event]] = []
        self.reports: tuple[WatchReport, ...] = ()
        self._manifests = manifests
        self._kinds: Sequence[WatchedKind] = ()
        self._sink: Sink | None = None

    def start(self, kinds: Sequence[WatchedKind], sink: Sink) -> None:
        self._kinds, self._sink = kinds, sink
        self.list_anew()

    def list_anew(self) -> None:
        """Tell all that was there at the start, as lists."""
        assert self._sink is not None
        by_kind: dict[Kind, list[Manifest]] = {kind.kind: [] for kind in self._kinds}
        for manifest in self._manifests:
            by_kind[ref_of(manifest).kind].append(manifest)
        for kind, found in by_kind.items():
            self._sink(Listed(kind, {ref_of(one).namespaced_name: records_of(one, self._kinds) for one in found}))

    def declare(self, *manifests: Manifest) -> None:
        """Add or change objects."""
        assert self._sink is not None
        for manifest in manifests:
            ref = ref_of(manifest)
            self._sink(Upserted(ref.kind, ref.namespaced_name, records_of(manifest, self._kinds)))

    def tell(self, change: Change) -> None:
        """Tell anything else."""
        assert self._sink is not None
        self._sink(change)

    def stop(self) -> None:
        """End; nothing is under way."""

    def incompleteness(self) -> str:
        return ""

    def watch_reports(self) -> tuple[WatchReport, ...]:
        return self.reports

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        if self.answers:
            return self.answers.pop()
        self.statuses[ref] = status
        return WriteResult(WriteOutcome.DONE)

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        self.events.append((ref, event))
        return WriteOutcome.DONE

    def status_of(self, name: str) -> Mapping[str, Any] | None:
        return next((status for ref, status in self.statuses.items() if ref.name == name), None)


class Running:
    """A controller that runs on a thread of its own, as long as it is wanted.

    Attributes:
        reload: loads the settings anew; the first ones are those of `url`.

    Args:
        plugins: those that are enabled beside.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        inbox: SimpleQueue[Message] | None = None,
        manifests: Sequence[Manifest] = SHOP,
        plugins: Sequence[Plugin] = (),
        **flags: object,
    ) -> None:
        self.url = url
        self._flags = {key.replace("__", "."): value for key, value in flags.items()}
        self.cluster = InMemory(*manifests)
        self.fence = Fence()
        self.reload: Reload = lambda *_: self.settings(self.url)
        pace = Pace(clock, random.Random(1), first=0.01, ceiling=0.05, linger=0.3, calm=0.05, grace=0.05, now=now)
        world = World(
            cast("Cluster", self.cluster),
            connect=self._connect,
            reload=self._reload,
            pace=pace,
            fence=self.fence,
            namespace="avi-system",
            inbox=inbox if inbox is not None else SimpleQueue(),
        )
        host = PluginHost([*load_plugins(("ingress", "clusterip_routes")), *plugins])
        self.controller = Controller(self.settings(url), host, world)
        self._ended: list[BaseException | None] = []
        self._thread = threading.Thread(target=self._run, name="controller")

    def settings(self, url: str, **flags: object) -> LoadedSettings:
        given = {
            "AKOSettings.clusterName": CLUSTER,
            "AKOSettings.fullSyncFrequency": "0",
            "ControllerSettings.controllerHost": url,
            "avicredentials.username": "admin",
            "avicredentials.password": "admin",
            **self._flags,
            **{key.replace("__", "."): value for key, value in flags.items()},
        }
        return load_settings(Sources(flags=given))

    def _reload(self, own: OwnData | None, files: ConfigTexts | None) -> LoadedSettings:
        return self.reload(own, files)

    def _connect(self, loaded: Any, on_return: Callable[[], None]) -> AviSession:
        password = loaded.credentials.password.get_secret_value()
        to = loaded.controller_settings
        url, version = str(to.controller_host), to.controller_version
        timeout = (PATIENCE, PATIENCE)
        endpoint = AviEndpoint(url=url, username="admin", password=password, version=version, timeout=timeout)
        return AviSession(endpoint, on_return=on_return, warrant=self.fence.warrant())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.controller.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the controller does not stop"
        assert self._ended == [None]

    def _run(self) -> None:
        try:
            self.controller.run()
        except BaseException as error:  # noqa: BLE001 - told by whoever looks after it
            self._ended.append(error)
        else:
            self._ended.append(None)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def comes_to_rest(self) -> None:
        """Wait until the Controller was read and nothing is left to do."""

        def rests() -> bool:
            assert not self._ended, self._ended
            return self.controller.state.is_observed and self.controller.is_converged

        assert wait_until(lambda: rests() or None), self.controller.shortcomings()
