"""A stage for the product: an Avi Controller, manifests, settings, and `ako` as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import requests
import yaml

from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.program import Command, Process, Start, environment, forked
from tests.scenarios.simulator_control import SimulatorControl
from tests.scenarios.world import AviRequest
from tests.waiting import PATIENCE, eventually

Json = dict[str, Any]

LISTENING = re.compile(r"listening on (http://\S+)")

FULL_SYNCS = 'ako_full_syncs_total{result="done"}'
"""The metric that says how often the Controller was read as a whole."""

CLUSTER = "c"
PREFIX = f"{CLUSTER}--"
OWNED_TYPES = (
    "virtualservice",
    "vsvip",
    "pool",
    "poolgroup",
    "httppolicyset",
    "vsdatascriptset",
    "l4policyset",
    "sslkeyandcertificate",
    "pkiprofile",
    "networksecuritypolicy",
)
"""The types of objects that the product creates; written out, so that a test sees what it makes of each."""


def config_map(annotations: Mapping[str, str] | None = None, **data: str) -> Manifest:
    """Build our ConfigMap."""
    metadata = {"name": "avi-k8s-config", "namespace": "avi-system", "annotations": dict(annotations or {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


class AviControl(SimulatorControl):
    """What a test does to the Avi Controller behind everybody's back."""

    def edit(self, type: str, name: str, /, **fields: Any) -> None:  # noqa: A002 - the field's word
        """Set fields of an object; None takes a field away."""
        self._call("PATCH", f"objects/{type}/{name}", fields)

    def named(self, type: str, name: str) -> Json:  # noqa: A002 - the field's word
        """Give one object."""
        found: Json = self._call("GET", f"objects/{type}/{name}")
        return found

    def limit(self, **most: int) -> None:
        """Lower the most entries of a list, by the name of its field."""
        self._call("POST", "limits", most)

    def delay(self, milliseconds: int) -> None:
        """Have every answer take so long."""
        self._call("PUT", "latency", {"ms": milliseconds})

    def name_servers(self, places: Mapping[str, str | None]) -> None:
        """Say where stand-ins of servers listen; None takes one away."""
        self._call("PUT", "servers", dict(places))

    def has_struck(self) -> bool:
        """Say whether every fault that was set for a number of times has had its last one."""
        return not self._call("GET", "faults")["faults"]

    def back_up(self) -> int:
        """Keep the configuration; give the number of the backup."""
        return int(self._call("POST", "backups")["id"])

    def restore(self, backup: int) -> None:
        """Put a configuration back that was kept."""
        self._call("POST", f"backups/{backup}")

    def stand_in(self, servers: Json) -> None:
        """Say where the stand-in of each server listens; with None it has none any more."""
        self._call("PUT", "servers", servers)

    def expire_sessions(self) -> None:
        """Log everybody out."""
        self._call("POST", "sessions/expire")

    def change_csrf(self) -> None:
        """Change the CSRF token of every session without telling it."""
        self._call("POST", "sessions/change-csrf")

    def hold(self, state: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Hold the objects of another Controller, by type, instead of all there are."""
        self._call("PUT", "state", dict(state))

    def wipe(self) -> None:
        """Start afresh: nothing that was made is there, and nobody is logged in."""
        self._call("POST", "reset")

    def ours(self) -> dict[str, Json]:
        """Give everything with our prefix, by type and name."""
        found = ((kind, item) for kind in OWNED_TYPES for item in self.objects(kind))
        return {f"{kind}/{item['name']}": dict(item) for kind, item in found if item["name"].startswith(PREFIX)}

    def pool_of(self, host: str) -> Json | None:
        """Give the pool of a host that is served without TLS."""
        return next((item for name, item in self.ours().items() if name.startswith(f"pool/{PREFIX}{host}")), None)

    def mark(self) -> int:
        """Give the number of the last request, for `writes_since`."""
        return max((request.number for request in self.requests_since(0)), default=0)

    def writes_since(self, mark: int) -> Sequence[AviRequest]:
        """Give the requests after a mark that changed something, or tried to."""
        return [request for request in self.requests_since(mark) if request.is_write]


class Running:
    """`ako run` under way."""

    def __init__(self, process: Process, out: Path, err: Path) -> None:
        self.process = process
        self._out, self._err = out, err
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self.process.kill()
        self.process.wait()

    @property
    def out(self) -> str:
        """Give what it printed."""
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """Give what it logged."""
        return self._err.read_text(encoding="utf-8")

    def says(self, text: str) -> None:
        """Wait for a text in the log."""
        eventually(lambda: text in self.err, f"{text!r} in the log:\n{self.err[-3000:]}")

    def get(self, path: str, timeout: float = PATIENCE) -> requests.Response:
        """Ask its HTTP server, and wait so many seconds for the answer."""
        url = eventually(lambda: LISTENING.search(self.out), f"a port; log: {self.err[-2000:]}")[1]
        return self._http.get(f"{url}{path}", timeout=timeout)

    def metric(self, name: str) -> float:
        """Give the value of a metric, by its name with its labels as they are exposed."""
        return float(re.findall(rf"^{re.escape(name)} (\S+)$", self.get("/metrics").text, re.M)[0])

    def is_ready(self) -> bool:
        """Ask for readiness."""
        return self.get("/readyz").status_code == 200

    def becomes_ready(self) -> None:
        """Wait for readiness."""
        eventually(self.is_ready, f"ready:\n{self.get('/readyz?verbose').text}\n{self.err[-3000:]}")

    def becomes_unready(self) -> None:
        """Wait until it is not ready."""
        eventually(lambda: not self.is_ready(), "not ready")

    def explains(self, text: str) -> None:
        """Wait for a text among the conditions of readiness."""
        eventually(lambda: text in self.get("/readyz?verbose").text, f"{text!r}:\n{self.get('/readyz?verbose').text}")

    def checks(self) -> Mapping[str, str]:
        """Give the conditions of readiness: `+` or `-`, with the detail, by name."""
        lines = re.findall(
            r"^\[([+-])\] (kubernetes|avi|guard|full sync|\w+)(.*)$", self.get("/readyz?verbose").text, re.M
        )
        return {name: f"{sign}{detail}" for sign, name, detail in lines}

    def ends(self) -> int:
        """Wait for its end and give the exit code."""
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Ask it to end, and insist on good order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.ends() == 0, self.err[-2000:]


class Stage:
    """Where the product is tried: it starts with one Ingress, `shop`, and what it needs."""

    def __init__(self, folder: Path, avi: AviControl, controller_url: str, start: Start = forked) -> None:
        self.folder = folder
        self.avi = avi
        self.controller_url = controller_url
        self.manifests = folder / "manifests"
        self.manifests.mkdir()
        self.config = folder / "values.yaml"
        self.overlays: list[Path] = []
        """Files that are given after the first one."""
        self.report = folder / "report.jsonl"
        self.variables: dict[str, str] = {}
        self._start = start
        self._count = 0
        self._settings: Json = {
            "AKOSettings": {"clusterName": CLUSTER, "apiServerPort": 0},
            "ControllerSettings": {"controllerHost": controller_url},
            "avicredentials": {"username": "admin", "password": "admin"},
            "ako": {"api": {"retryCeilingSeconds": 1}},
        }
        self.configure()
        self.put("base", CLASS, service("web"), endpoints("web", "10.0.0.1", "10.0.0.2"))
        self.put("shop", ingress("shop", ("shop.com", "/", "web:80")))

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Lay settings over those there are, section by section."""
        for section, values in sections.items():
            self._settings[section] = {**self._settings.get(section, {}), **values}
        self.config.write_text(yaml.safe_dump(self._settings), encoding="utf-8")

    def put(self, name: str, *manifests: Manifest) -> None:
        """Write a file of manifests, at once as editors and Git do."""
        self.put_text(name, yaml.safe_dump_all(manifests, allow_unicode=True))

    def put_text(self, name: str, text: str | bytes) -> None:
        """Write a file as it is."""
        draft = self.folder / f"{name}.draft"
        draft.write_bytes(text if isinstance(text, bytes) else text.encode())
        draft.replace(self.manifests / f"{name}.yaml")

    def remove(self, name: str) -> None:
        """Take a file of manifests away."""
        (self.manifests / f"{name}.yaml").unlink()

    def ako(
        self, *arguments: str, kubeconfig: Path | None = None, stdin: str = os.devnull
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself, on the folder or on a cluster."""
        return self._finished(self._with_cluster(arguments, kubeconfig), stdin)

    def without_cluster(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that looks at settings only."""
        return self._finished([*arguments, *self._files()])

    def converge(self, *arguments: str, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run once and insist that all is in line."""
        done = self.ako("run", "--once", *arguments, kubeconfig=kubeconfig)
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def comes_in_line(self) -> None:
        """Wait until nothing is left to do on the Controller.

        An object that is there, a status that was told, and readiness all come before that.
        """
        eventually(lambda: self.ako("plan").returncode == 0, "all in line")

    def start(self, *arguments: str, kubeconfig: Path | None = None) -> Running:
        """Start `ako run`."""
        return self._started(self._with_cluster(("run", *arguments), kubeconfig))

    def reported(self) -> Iterator[Json]:
        """Give the lines of the report."""
        text = self.report.read_text(encoding="utf-8") if self.report.exists() else ""
        return (json.loads(line) for line in text.splitlines())

    def reasons(self) -> list[str]:
        """Give the reasons of all Events in the report, oldest first."""
        return [line["event"]["reason"] for line in self.reported() if "event" in line]

    def _with_cluster(self, arguments: Sequence[str], kubeconfig: Path | None) -> list[str]:
        where = ("--manifests", self.manifests) if kubeconfig is None else ("--kubeconfig", kubeconfig)
        return [*arguments, *self._files(), *map(str, where)]

    def _files(self) -> Iterator[str]:
        return (word for path in (self.config, *self.overlays) for word in ("--config", str(path)))

    def _started(self, arguments: Sequence[str], stdin: str = os.devnull) -> Running:
        self._count += 1
        out, err = self.folder / f"out-{self._count}", self.folder / f"err-{self._count}"
        variables = {**environment(os.environ), **self.variables}
        command = Command(arguments=arguments, variables=variables, folder=self.folder, out=out, err=err, stdin=stdin)
        return Running(self._start(command), out, err)

    def _finished(self, arguments: Sequence[str], stdin: str = os.devnull) -> subprocess.CompletedProcess[str]:
        with self._started(arguments, stdin) as ako:
            return subprocess.CompletedProcess(arguments, ako.ends(), ako.out, ako.err)
