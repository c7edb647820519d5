"""Where a cell is measured: simulator, stand-in and `ako run`, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from bench.avi_log import AviLog
from bench.cells import Cell
from bench.cluster import Cluster
from bench.errors import BenchError
from bench.processes import Program

_URL = r"(http://[\d.]+:\d+)"


class Stage(Struct):
    """What a cell works with.

    Attributes:
        folder: settings, kubeconfig and logs.
        avi: the log of the simulator.
        cluster: the stand-in.
        latency_ms: how long the Controller waits before each answer.
    """

    folder: Path
    avi: AviLog
    cluster: Cluster
    latency_ms: int

    @property
    def quiet(self) -> float:
        """Give after how many seconds without a request nothing more is to come."""
        return 0.1 + 4 * self.latency_ms / 1000

    def start_ako(self, variables: Mapping[str, str] | None = None) -> Program:
        """Start `ako run`, with variables of the environment in addition to the usual ones."""
        number = len(list(self.folder.glob("ako-*.log")))
        arguments = ["ako", "run", "--config", "values.yaml", "--kubeconfig", "kubeconfig"]
        return Program(arguments, self.folder / f"ako-{number}.log", variables)


@contextlib.contextmanager
def set_up(cell: Cell) -> Iterator[Stage]:
    """Start simulator and stand-in, write settings; end everything afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ako-bench-")))
        simulator = stack.enter_context(
            Program(["ako.sim", "--port", "0", "--latency-ms", str(cell.latency_ms)], folder / "sim.log")
        )
        kube = stack.enter_context(
            Program(["ako.testing.kube_api", "--port", "0", "--kubeconfig-out", "kubeconfig"], folder / "kube.log")
        )
        controller_url = simulator.announced(_URL)
        settings = {
            "AKOSettings": {"clusterName": "bench", "apiServerPort": 0, "logLevel": "WARN"},
            "L7Settings": {
                "shardVSSize": cell.shards,
                "serviceType": "NodePort" if cell.nodes else "ClusterIP",
            },
            "ControllerSettings": {"controllerHost": controller_url},
            "avicredentials": {"username": "admin", "password": "admin"},
        }
        (folder / "values.yaml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
        avi = AviLog(controller_url)
        stack.callback(avi.close)
        cluster = stack.enter_context(Cluster(kube.announced(_URL)))
        try:
            yield Stage(folder, avi, cluster, cell.latency_ms)
        except BenchError as error:
            raise BenchError(f"{error}\n{_last_words(folder)}".rstrip()) from error


def _last_words(folder: Path) -> str:
    """Give the end of every log of `ako run`: the folder is about to go."""
    return "\n".join(log.read_text(errors="replace")[-1000:] for log in sorted(folder.glob("ako-*.log")))
