"""The cluster and the Avi Controller that a scenario runs in, as stand-ins in threads of this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ako.sim import Simulator, SimulatorOptions
from ako.testing import KubeApi
from ako.testing.kube_api import ApiError
from tests.scenarios.scenario import JsonObject, Scenario
from tests.scenarios.simulator_control import SimulatorControl

AVI_VERSION = "20.1.5"
OWN_NAMESPACE = "avi-system"

# deleteConfig alone: every other key would overrule the file that a scenario's settings are in.
CONFIG_MAP: JsonObject = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "avi-k8s-config", "namespace": OWN_NAMESPACE},
    "data": {"deleteConfig": "false"},
}
LABELS = {"app.kubernetes.io/name": "ako"}
STATEFUL_SET: JsonObject = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "ako", "namespace": OWN_NAMESPACE},
    "spec": {
        "replicas": 1,
        "serviceName": "ako",
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "ako", "image": "ako"}]}},
    },
}


class ScenarioCluster:
    """The Kubernetes API stand-in in the words of a scenario; remembers where the last step began."""

    def __init__(self, kube: KubeApi) -> None:
        self.kube = kube
        self._mark = kube.mark()

    def begin_step(self) -> None:
        """Let `history` begin here."""
        self._mark = self.kube.mark()

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Give the object as it is now, or None."""
        return self.kube.get(kind, namespace, name)

    def history(self, kind: str, namespace: str, name: str) -> Sequence[JsonObject]:
        """Give every version that the object had since the last step, ending with the present one."""
        present = self.get(kind, namespace, name)
        return [*self.kube.history(kind, namespace, name, self._mark), *([present] if present else [])]

    def apply(self, manifests: Sequence[JsonObject]) -> None:
        """Create or replace objects."""
        for manifest in manifests:
            self.kube.apply(manifest)

    def delete(self, references: Sequence[JsonObject]) -> None:
        """Delete objects; one that is gone already is no error."""
        for reference in references:
            names = {"name": reference["name"], "namespace": reference.get("namespace", "")}
            try:
                self.kube.delete({**reference, "metadata": names})
            except ApiError as error:
                if error.code != HTTPStatus.NOT_FOUND:
                    raise

    def merge_config_map(self, change: JsonObject) -> None:
        """Merge data into a ConfigMap."""
        present = self.get("ConfigMap", change["namespace"], change["name"])
        if present is None:
            raise LookupError(f"ConfigMap {change['namespace']}/{change['name']} is not in the cluster")
        self.kube.apply({**present, "data": {**present.get("data", {}), **change["data"]}})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the product talks to, and where."""

    cluster: ScenarioCluster
    control: SimulatorControl
    controller_url: str
    login: tuple[str, str]


@contextmanager
def surroundings(scenario: Scenario) -> Iterator[Surroundings]:
    """Start the stand-ins in the state that a scenario begins with, and stop them at the end."""
    baseline: dict[str, Any] = scenario.controller
    with ExitStack() as stack:
        options = SimulatorOptions(baseline=baseline, version=AVI_VERSION)
        simulator = stack.enter_context(Simulator(options))
        kube = stack.enter_context(KubeApi(serve_routes=scenario.platform == "openshift"))
        kube.apply(CONFIG_MAP, STATEFUL_SET)
        control = stack.enter_context(SimulatorControl(simulator.url))
        yield Surroundings(ScenarioCluster(kube), control, simulator.url, (options.username, options.password))
