"""Where failures are injected: the product as a process, between the stand-ins of Avi and of Kubernetes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ako.sim import Baseline, Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import AviControl, Running, Stage, config_map
from tests.monitoring.exposition import Scrape, scrape
from tests.program import Start, forked
from tests.waiting import eventually, wait_until

FULL_SYNC_SECONDS = 2
"""How often everything is read from the Controller here, so that nobody waits long for it."""

SCRAPE_SECONDS = FULL_SYNC_SECONDS + 1.0
"""Between two looks at the metrics; longer than a full sync takes to come round."""

BANKS = tuple(f"bank{number}.com" for number in range(6))


class Scene:
    """The product at work, and all that surrounds it."""

    def __init__(self, folder: Path, stage: Stage, kube: KubeApi) -> None:
        self.folder, self.stage, self.kube = folder, stage, kube
        self.avi = stage.avi
        self.kubeconfig = kube.write_kubeconfig(folder / "kubeconfig")
        self.later = ExitStack()
        """What ends with the scene."""
        self._running: Running | None = None
        stage.configure(
            AKOSettings={"fullSyncFrequency": FULL_SYNC_SECONDS, "logLevel": "INFO"},
            L7Settings={"shardVSSize": "SMALL"},
        )
        self.put(CLASS, service("web"), endpoints("web", "10.0.0.1", "10.0.0.2"), config_map())
        self.put(ingress("shop", ("shop.com", "/", "web:80")))
        self.put(tls_secret("cert", "*.com"))
        self.put(*(ingress(host[:5], (host, "/", "web:80"), tls={host: "cert"}) for host in BANKS))

    @property
    def ako(self) -> Running:
        """Give the product."""
        assert self._running is not None
        return self._running

    def put(self, *manifests: Manifest) -> None:
        """Create or replace objects in the cluster."""
        self.kube.apply(*map(dict, manifests))

    def start(self) -> None:
        """Start it and wait until all is in line."""
        self._running = self.stage.start(kubeconfig=self.kubeconfig)
        self.ako.becomes_ready()
        eventually(lambda: self.avi.pool_of("shop.com"), "shop.com served")
        eventually(self._rests, f"rest:\n{self.ako.err[-2000:]}")

    def _rests(self) -> bool:
        mark = self.avi.mark()
        wait_until(lambda: None, FULL_SYNC_SECONDS)
        statuses = [self.kube.get("Ingress", "default", name) or {} for name in ("shop", *(b[:5] for b in BANKS))]
        return not self.avi.writes_since(mark) and all(one.get("status") for one in statuses)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        self.avi.misbehave(None)
        if self._running is not None:
            self._running.__exit__()
        self.later.close()

    def kill(self) -> None:
        """End it without a word."""
        self.ako.process.kill()
        self.ako.process.wait()

    def scrapes(self, meanwhile: Callable[[Scene], object] = lambda _: None) -> tuple[Scrape, Scrape]:
        """Look at the metrics twice, and go on with what is wrong in between."""
        first = self.scrape()
        meanwhile(self)
        wait_until(lambda: None, SCRAPE_SECONDS)
        return first, self.scrape()

    def scrape(self) -> Scrape:
        """Look at the metrics."""
        return scrape(self.metrics(), time.time())

    def value(self, sample: str) -> float:
        """Give one value, by name and labels as they are served; 0 if it is not."""
        lines = (line.rpartition(" ") for line in self.metrics().splitlines())
        return next((float(value) for name, _, value in lines if name == sample), 0.0)

    def metrics(self) -> str:
        """Give what `/metrics` says."""
        return self.ako.get("/metrics").text

    def readiness(self) -> str:
        """Give what `/readyz?verbose` says."""
        return self.ako.get("/readyz?verbose").text

    def forbid(self, verb: str, *resources: str) -> None:
        """Take rights away, and end the watches that were opened with them."""
        for resource in resources:
            self.kube.forbid(verb, resource)
        self.kube.break_watches()

    def configure_map(self, **data: str) -> None:
        """Set keys of the ConfigMap."""
        self.put(config_map(None, **data))

    def edit_again_and_again(self, name: str, times: int) -> None:
        """Undo by hand what the product repairs."""
        theirs = [{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}]
        for _ in range(times):
            self.avi.edit("pool", name, servers=theirs)
            eventually(lambda: self._servers(name) != theirs, f"{name} repaired")

    def _servers(self, name: str) -> Sequence[Mapping[str, Any]]:
        return [{"ip": one["ip"], "port": one.get("port")} for one in self.avi.named("pool", name)["servers"]]


@contextmanager
def opened(baseline: Mapping[str, Any], start: Start = forked) -> Iterator[Scene]:
    """Give a scene on which nothing was started yet, before a Controller that differs so from the usual one."""
    with (
        TemporaryDirectory() as folder,
        Simulator(SimulatorOptions(baseline=Baseline.of(dict(baseline)))) as simulator,
        AviControl(simulator.url) as avi,
        KubeApi(bookmark_every=1) as kube,
    ):
        scene = Scene(Path(folder), Stage(Path(folder), avi, simulator.url, start), kube)
        try:
            yield scene
        finally:
            scene.stop()
