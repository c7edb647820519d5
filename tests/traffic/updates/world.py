"""What a story happens in: a cluster, pods, an Avi Controller that forwards, our product, and a stream of requests."""

from __future__ import annotations

import base64
import functools
import re
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

from ako.sim import Simulator, SimulatorOptions
from ako.testing import KubeApi
from ako.testing.echo import Echo, EchoServers
from ako.testing.listener import Request, Response
from tests.builders import CLASS, Manifest
from tests.campaign.content import Key, dated, key_of
from tests.e2e.stage import AviControl, Running, Stage
from tests.traffic.stage import SERVER_NAME, Controller, speaking
from tests.traffic.updates.allowance import Allowance, Promised, Promises
from tests.traffic.updates.stream import Count, Stream
from tests.waiting import eventually, wait_until

DOMAINS = ("avi.internal", ".com")
FOUND_CHANGES = 2
"""Exit code of `ako plan`."""
TLS_PORTS = range(8400, 8500)
TCP_PORTS = frozenset({*range(5000, 6000), 15672})


@dataclass(frozen=True)
class Size:
    """How much is asked.

    Attributes:
        between: requests between two changes.
        at_write: and while a write of the product is held up.
        least: and in all, at least.
        clients: how many ask at a time.
    """

    between: int = 10
    at_write: int = 1
    least: int = 100
    clients: int = 2


class PacedSimulator(Simulator):
    """Answers a write only when clients have asked so much after it that they have seen what it did."""

    def __init__(self, version: str) -> None:
        super().__init__(SimulatorOptions(data_plane=True, version=version))
        self.wait: Callable[[], None] = lambda: None
        self._left = 0
        self._strike: Callable[[], None] = lambda: None
        self._counting = threading.Lock()

    def strike(self, write: int, what: Callable[[], None]) -> None:
        """Do something when so many more writes have been carried out, and before the last one is answered."""
        with self._counting:
            self._left, self._strike = write, what

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        if request.method != "GET" and request.path.startswith("/api/"):
            with self._counting:
                self._left -= 1
                strikes = self._left == 0
            if strikes:
                self._strike()
            self.wait()
        return response


class UpdateWorld:
    """Entered, there is a cluster with nothing in it but our class, a Controller, and no product yet.

    Args:
        size: how much is asked.
        routes: whether it is OpenShift.
        version: of the Controller.
    """

    def __init__(self, size: Size, *, routes: bool = False, version: str = "20.1.5") -> None:
        self.size = size
        self.simulator = PacedSimulator(version)
        self.domains: tuple[str, ...] = DOMAINS
        self.authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._routes = routes
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(SERVER_NAME, key_type=trustme.KeyType.ECDSA).configure_cert(self._tls)
        self._things: dict[Key, Manifest] = {}
        self._dated = 0
        self._pods: set[str] = set()
        self._config: dict[str, dict[str, Any]] = {}
        self._open = ExitStack()
        self._running: Running | None = None
        self.allowance = Allowance()

    def __enter__(self) -> UpdateWorld:
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="updates-")))
        self._open.enter_context(self.simulator)
        self.kube = self._open.enter_context(KubeApi(serve_routes=self._routes))
        self.kubeconfig = self.kube.write_kubeconfig(folder / "kubeconfig")
        self.avi = self._open.enter_context(AviControl(self.simulator.url))
        self.echoes = self._open.enter_context(EchoServers())
        self.stage = Stage(folder, self.avi, self.simulator.url)
        self._open.callback(self._end)
        self.stream = self._open.enter_context(Stream(self.simulator.url, self.allowance, clients=self.size.clients))
        self.declare(CLASS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.simulator.wait = lambda: None
        self._open.__exit__(kind, value, traceback)

    # ---- before the stream ---------------------------------------------------------------------------------------

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Lay helm values over those there are, for the next start of the product."""
        for section, values in sections.items():
            self._config[section] = {**self._config.get(section, {}), **values}
        self.stage.configure(**sections)

    def declare(self, *manifests: Manifest) -> None:
        """Create or change objects, with pods behind all endpoints; nothing is promised of the time before."""
        for manifest in map(self._written, manifests):
            self._things[key_of(manifest)] = manifest
            self._pods_of(manifest)
            self.kube.apply(dict(manifest))

    def hold(self, controller: Controller) -> None:
        """Hold the objects of another Controller, with pods behind the servers of its pools."""
        self.avi.hold(controller)
        self._add(self._spoken(pod, speaks) for pod, speaks in dict(speaking(controller)).items())

    def begin(self) -> None:
        """Start the product, wait until all is served, and ask from now on."""
        self.start()
        self.converges()
        self.ask_on()

    def ask_on(self, *allowed: Promised) -> None:
        """Ask from now on what is promised now; `allowed` is allowed too until it has converged."""
        promised = self.promises()
        self.allowance.allow(promised, *allowed)
        self.stream.ask(promised.served)
        self.simulator.wait = lambda: self.stream.pass_by(self.size.at_write)
        self.go_on()

    # ---- while it asks -------------------------------------------------------------------------------------------

    def change(self, *declared: Manifest, withdrawn: Iterable[Key] = (), converges: bool = True) -> Sequence[Promised]:
        """Change objects one after the other: first those that are declared, then those that are withdrawn.

        Returns what was promised before, between these edits, and after them. They are of objects that do not depend
        on each other, so that what one of them changes may be seen before or after what the others do.
        """
        edits: list[Manifest | Key] = [*map(self._written, declared), *withdrawn]
        states = [self._promises(functools.reduce(_edited, some, dict(self._things))) for some in _between(edits)]
        self.allowance.allow(*states)
        self.stream.ask({asked: None for state in (states[0], states[-1]) for asked in state.served})
        for edit in edits:
            self._things = _edited(self._things, edit)
            if isinstance(edit, tuple):
                self.kube.delete(*edit)
            else:
                self._pods_of(edit)
                self.kube.apply(dict(edit))
        if converges:
            self.settle()
        return states

    def settle(self) -> None:
        """Wait until the product has converged; from then on only what is there now is allowed."""
        self.converges()
        self.now_only()
        self.go_on()

    def now_only(self) -> None:
        """Allow what the cluster promises now, and nothing else."""
        promised = self.promises()
        self.allowance.allow(promised)
        self.stream.ask(promised.served)

    def go_on(self) -> None:
        """Let the stream ask on for a while."""
        self.stream.pass_by(self.size.between)

    def pods_leave(self, *pods: str) -> None:
        """Have pods go whose endpoints have left the pools: after what was asked of them then is answered."""
        eventually(lambda: not set(pods) & self._in_pools(), f"{pods} out of the pools")
        self.stream.pass_by(self.size.at_write)
        self.pods_vanish(*pods)

    def pods_vanish(self, *pods: str) -> None:
        """Have pods go, whatever refers to them: who comes is refused, what they are answering they end."""
        self.echoes.remove(*pods)
        self._pods -= set(pods)

    # ---- the product ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the product."""
        self._running = self.stage.start(kubeconfig=self.kubeconfig)
        self._running.__enter__()

    def stop(self) -> None:
        """Ask it to end, and wait for that."""
        assert self._running is not None
        self._running.stop()
        self._end()

    def kill_at_write(self, write: int) -> threading.Event:
        """Kill it when it has sent so many more writes; the event is set then."""
        killed, process = threading.Event(), self.product.process

        def kill() -> None:
            process.kill()
            killed.set()

        self.simulator.strike(write, kill)
        return killed

    def start_again(self) -> None:
        """Start it again after it was killed."""
        self._end()
        self.start()

    @property
    def product(self) -> Running:
        """Give the product that runs."""
        assert self._running is not None
        return self._running

    def converges(self) -> None:
        """Wait until nothing is left to do on the Controller."""
        self.product.becomes_ready()
        said: list[str] = []

        def is_in_line() -> bool | None:
            planned = self.stage.ako("plan", kubeconfig=self.kubeconfig)
            said[:] = [planned.stdout, planned.stderr]
            is_left = planned.returncode == FOUND_CHANGES and _is_left_to_a_start(planned.stdout)
            return planned.returncode == 0 or is_left or None

        assert wait_until(is_in_line), f"not in line: {said}\n{self.product.err[-3000:]}"

    def promises(self) -> Promises:
        """Give what the cluster promises now."""
        return self._promises(self._things)

    def ask_enough(self) -> None:
        """Go on until as much has been asked as has to be at least."""
        eventually(lambda: self.count.asked >= self.size.least, f"{self.size.least} requests")

    @property
    def count(self) -> Count:
        """Give what came of the stream."""
        return self.stream.count

    # ---- inside --------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None

    def _promises(self, things: Mapping[Key, Manifest]) -> Promises:
        return Promises(list(things.values()), self._config, self.domains)

    def _written(self, manifest: Manifest) -> Manifest:
        self._dated += 1
        data = dict(manifest)
        if texts := data.pop("stringData", None):
            data["data"] = {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
        known = manifest if manifest["metadata"].get("creationTimestamp") else self._things.get(key_of(manifest))
        return dated(data, self._dated, known)

    def _pods_of(self, manifest: Manifest) -> None:
        wanted = [pod for pod in _pods(manifest) if pod not in self._pods]
        self._add(map(self._echo, wanted))

    def _add(self, echoes: Iterable[Echo]) -> None:
        if added := tuple(echoes):
            self.echoes.add(*added)
            self._pods |= {echo.server for echo in added}
            self.avi.name_servers(self.echoes.addresses)

    def _echo(self, pod: str) -> Echo:
        port = int(pod.rpartition(":")[2])
        return self._spoken(pod, "TCP" if port in TCP_PORTS else "TLS" if port in TLS_PORTS else "HTTP")

    def _spoken(self, pod: str, speaks: str) -> Echo:
        if speaks == "UDP":
            return Echo(pod, protocol="UDP")
        if speaks == "TCP":
            return Echo(pod, protocol="TCP")
        return Echo(pod, tls=self._tls if speaks == "TLS" else None)

    def _in_pools(self) -> set[str]:
        return {
            f"{server['ip']['addr']}:{server.get('port') or pool.get('default_server_port')}"
            for pool in self.avi.objects("pool")
            for server in pool.get("servers", ())
        }


def _between(edits: Sequence[Manifest | Key]) -> list[Sequence[Manifest | Key]]:
    """Give which of some edits may be in force at one time: the first of them, or one alone, or all but one."""
    ways: list[Sequence[Manifest | Key]] = [edits[:size] for size in range(len(edits))]
    ways += [[edit] for edit in edits[1:]]
    ways += [[*edits[:left], *edits[left + 1 :]] for left in range(len(edits) - 1)]
    return [*ways, edits]


def _edited(things: Mapping[Key, Manifest], edit: Manifest | Key) -> dict[Key, Manifest]:
    if isinstance(edit, tuple):
        return {key: thing for key, thing in things.items() if key != edit}
    return {**things, key_of(edit): edit}


def _pods(manifest: Manifest) -> Iterator[str]:
    if manifest["kind"] == "EndpointSlice":
        for port in manifest.get("ports") or ():
            for endpoint in manifest.get("endpoints") or ():
                yield from (f"{address}:{port['port']}" for address in endpoint["addresses"])


def _is_left_to_a_start(plan: str) -> bool:
    """Say whether nothing is to be done but what a new start would do: delete shared virtual services of nobody."""
    operations = re.findall(r"^ +([-+~]) (\w+) (\w+) ([^:\n]+)", plan, re.MULTILINE)
    unused = {name for _, what, kind, name in operations if (what, kind) == ("delete", "virtualservice")}
    shared = {name for name in unused if "--Shared-" in name}
    return all(what == "delete" and name in shared for _, what, _, name in operations)
