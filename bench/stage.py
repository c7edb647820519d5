"""Simulator, API stand-in and controller as three processes, and what can be seen of them from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import requests

from bench.objects import Manifest

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 300.0
QUIET = 0.4
"""Seconds without a write after which a change counts as carried out."""


class Stage:
    """One arrangement of the three processes.

    Args:
        folder: for settings, objects and logs.
        objects: what is in the cluster from the start.
        latency_ms: of every call to the simulator.
        settings: helm sections laid over the benchmark's own.
    """

    def __init__(
        self, folder: Path, objects: Iterable[Manifest], latency_ms: int, settings: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._folder = folder
        self._http = requests.Session()
        self._http.trust_env = False
        listed = folder / "objects.json"
        listed.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
        self._kubeconfig = folder / "kubeconfig"
        self._simulator = _start(["ako.sim", "--port", "0", "--latency-ms", str(latency_ms)])
        self._kube = _start(
            ["ako.testing.kube_api", "--port", "0", "--load", str(listed), "--kubeconfig-out", str(self._kubeconfig)]
        )
        self._avi_url, self._kube_url = _url(self._simulator), _url(self._kube)
        self._values = folder / "values.yaml"
        values: dict[str, Any] = {
            "AKOSettings": {"clusterName": "bench", "apiServerPort": 0, "disableStaticRouteSync": True},
            "ControllerSettings": {"controllerHost": self._avi_url},
            "avicredentials": {"username": "admin", "password": "admin"},
        }
        self._values.write_text(json.dumps({**values, **settings}))
        self._ako: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_ako()
        for process in (self._simulator, self._kube):
            process.terminate()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self._http.close()

    def start_ako(self) -> None:
        """Start the controller and note when."""
        with (self._folder / "log").open("ab") as log:
            command = ["ako", "run", "--config", str(self._values), "--kubeconfig", str(self._kubeconfig)]
            self.started = time.time()
            self._ako = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log)  # noqa: S603 - our own program

    def stop_ako(self) -> None:
        """End the controller in good order."""
        if self._ako is not None and self._ako.poll() is None:
            self._ako.terminate()
            self._ako.wait()

    def apply(self, *manifests: Manifest) -> float:
        """Change the cluster; give the time at which it was done."""
        answer = self._http.post(f"{self._kube_url}/_kube/apply", json=list(manifests), timeout=60)
        answer.raise_for_status()
        return time.time()

    def delete_ingress(self, name: str) -> float:
        """Delete an Ingress; give the time at which it was done."""
        path = f"/apis/networking.k8s.io/v1/namespaces/default/ingresses/{name}"
        self._http.delete(f"{self._kube_url}{path}", timeout=60).raise_for_status()
        return time.time()

    def requests_since(self, number: int) -> Sequence[Mapping[str, Any]]:
        """Give the simulator's log after a request."""
        found = self._http.get(f"{self._avi_url}/_sim/requests", params={"since": number + 1}, timeout=60).json()
        rows: Sequence[Mapping[str, Any]] = found["requests"]
        return rows

    def last_request(self) -> int:
        """Give the number of the last request."""
        rows = self.requests_since(0)
        return int(rows[-1]["n"]) if rows else 0

    def settled(self, since: int, enough: Callable[[Sequence[Mapping[str, Any]]], bool]) -> list[Mapping[str, Any]]:
        """Wait until the writes after a request are enough and no more come; give all requests."""
        rows: list[Mapping[str, Any]] = []
        deadline, last = time.time() + PATIENCE, since
        while time.time() < deadline:
            new = self.requests_since(last)
            rows += new
            last = int(new[-1]["n"]) if new else last
            writes = [row for row in rows if row["is_write"]]
            if enough(writes) and (not rows or time.time() - float(rows[-1]["time"]) > QUIET):
                return rows
            time.sleep(0.02 if len(rows) < 2000 else 0.2)
        raise TimeoutError(f"not settled within {PATIENCE} s: {(self._folder / 'log').read_text()[-2000:]}")

    def statuses(self) -> int:
        """Give the number of Ingresses with an address."""
        listed = self._http.get(f"{self._kube_url}/apis/networking.k8s.io/v1/ingresses", timeout=60).json()
        balancers = (item.get("status", {}).get("loadBalancer", {}) for item in listed["items"])
        return sum(1 for balancer in balancers if balancer.get("ingress"))

    def cpu(self) -> float:
        """Give the processor time of the controller so far, in seconds."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_memory(self) -> float:
        """Give the most memory the controller had, in MiB."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    @property
    def _pid(self) -> int:
        if self._ako is None:
            raise RuntimeError("the controller has not been started")
        return self._ako.pid


def _start(module: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *module], stdout=subprocess.PIPE)  # noqa: S603 - our own program


def _url(process: subprocess.Popen[bytes]) -> str:
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    line = process.stdout.readline().decode()
    return next(word.rstrip("/,") for word in line.split() if word.startswith("http://"))
