"""What a kubelet makes of the StatefulSet of the chart: arguments and variables of its pod, and its probes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from tests.chart.place import Manifest
from tests.e2e.stage import Running
from tests.program import Command, Start, environment, forked
from tests.waiting import PATIENCE


class Kubelet:
    """Runs a pod of a StatefulSet as a process; the image's entry point is the program.

    Args:
        stateful_set: as it is rendered, or stored.
        ordinal: which of its pods.
        kubeconfig: stands for the token and the address that are laid into a pod; None: they are.
        folder: where its output goes.
        port: where it listens instead, as pods have an address each.
        start: how its process is started.
    """

    def __init__(
        self,
        stateful_set: Manifest,
        kubeconfig: Path | None,
        folder: Path,
        *,
        ordinal: int = 0,
        port: int | None = None,
        start: Start = forked,
    ) -> None:
        self._spec = stateful_set["spec"]["template"]["spec"]
        (self._container,) = self._spec["containers"]
        metadata = stateful_set["metadata"]
        self._fields = {
            "metadata.name": f"{metadata['name']}-{ordinal}",
            "metadata.namespace": metadata["namespace"],
        }
        self._where = [] if kubeconfig is None else ["--kubeconfig", str(kubeconfig)]
        self._folder = folder
        self._port = port
        self._start = start
        self._name = self._fields["metadata.name"]

    def start(self) -> Running:
        """Start the container."""
        arguments = [*self._container.get("command", ())[1:], *self._container["args"]]
        out, err = self._folder / f"{self._name}-out", self._folder / f"{self._name}-err"
        command = Command(
            arguments=[*arguments, *self._where],
            variables=self._variables(),
            folder=self._folder,
            out=out,
            err=err,
        )
        return Running(self._start(command), out, err)

    def probe(self, name: str) -> int:
        """Ask as the kubelet does; give the status, 0 if nobody answers."""
        asked = self._container[f"{name}Probe"]["httpGet"]
        ports = {port["name"]: self._port or port["containerPort"] for port in self._container["ports"]}
        with requests.Session() as http:
            http.trust_env = False
            try:
                answer = http.get(f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}", timeout=PATIENCE)
            except requests.ConnectionError:
                return 0
        return answer.status_code

    def is_ready(self) -> bool:
        """Say whether the pod counts as ready."""
        return self.probe("readiness") == HTTPStatus.OK

    def _variables(self) -> Mapping[str, str]:
        surroundings = {name: value for name, value in environment(os.environ).items() if name != "POD_NAMESPACE"}
        port = {"AKO_AKOSETTINGS__APISERVERPORT": str(self._port)} if self._port else {}
        return surroundings | {entry["name"]: self._value(entry) for entry in self._container["env"]} | port

    def _value(self, entry: Mapping[str, Any]) -> str:
        if "value" in entry:
            return str(entry["value"])
        return str(self._fields[entry["valueFrom"]["fieldRef"]["fieldPath"]])
