"""The cluster of a scenario in the words of the steps, wherever its objects are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from ako.testing import KubeApi
from ako.testing.kube_api import ApiError
from tests.rights.shipped import ACCOUNT, Rule, grant, in_force
from tests.scenarios.manifest_folder import LOOK, ManifestFolder
from tests.scenarios.scenario import JsonObject

OWN_NAMESPACE = "avi-system"

# deleteConfig alone: every other key would overrule the file that a scenario's settings are in.
CONFIG_MAP: JsonObject = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "avi-k8s-config", "namespace": OWN_NAMESPACE},
    "data": {"deleteConfig": "false"},
}
TRAFFIC_KINDS = (
    "Namespace",
    "Node",
    "Service",
    "EndpointSlice",
    "Endpoints",
    "Secret",
    "IngressClass",
    "Ingress",
    "Route",
)
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


def definition(crd: JsonObject) -> JsonObject:
    """Build the CustomResourceDefinition of a kind of which any fields are taken."""
    group, _, version = str(crd["apiVersion"]).partition("/")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{crd['plural']}.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": crd["plural"], "kind": crd["kind"]},
            "scope": "Namespaced" if crd.get("namespaced", True) else "Cluster",
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


class ApiServer(Protocol):
    """What a scenario needs of an API server: the stand-in, a real one, or a folder in place of one."""

    def apply(self, *manifests: JsonObject) -> Sequence[JsonObject]:
        """Create or replace objects, with status and namespace; each is younger than all of the calls before."""

    def delete(self, manifest: JsonObject, /) -> None:
        """Delete an object; `ApiError` if it is not there, or nothing."""

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Give an object, None if there is none."""

    def list(self, kind: str, /) -> Sequence[JsonObject]:
        """Give the objects of a kind; `LookupError` if it is not served."""

    def events(self) -> Sequence[JsonObject]:
        """Give all Events."""

    def mark(self) -> int:
        """Give the present revision."""

    def history(self, kind: str, namespace: str, name: str, since: int, /) -> Sequence[JsonObject]:
        """Give every version that an object has had since a mark, oldest first."""

    def write_kubeconfig(self, path: Path, user: str, /) -> Path:
        """Write a kubeconfig for a user that was let in."""


class ScenarioCluster:
    """A cluster with what the product finds there; remembers where the last step began."""

    def __init__(self, kube: ApiServer, left_out: Rule | None = None) -> None:
        self.kube = kube
        self._left_out = left_out
        kube.apply(CONFIG_MAP, STATEFUL_SET)
        self._mark = kube.mark()

    @property
    def lag(self) -> float:
        """Give the seconds that pass at most before the product sees what was written."""
        return LOOK if isinstance(self.kube, ManifestFolder) else 0.0

    def arguments(self, kubeconfig: Path) -> Sequence[str]:
        """Say on the command line where the objects are."""
        return self.kube.arguments if isinstance(self.kube, ManifestFolder) else ("--kubeconfig", str(kubeconfig))

    def let_in(self, config: Path, kubeconfig: Path) -> None:
        """Give the product the rights that it ships with for these settings, and a way in."""
        if isinstance(self.kube, ManifestFolder):
            return  # who can read it may
        grant(self.kube, config, self._left_out)
        self.kube.write_kubeconfig(kubeconfig, ACCOUNT)
        if not isinstance(self.kube, KubeApi):  # which takes roles up at once
            in_force(config, kubeconfig, self._left_out)

    def begin_step(self) -> None:
        """Let `history` begin here."""
        self._mark = self.kube.mark()

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Give the object as it is now, or None."""
        return self.kube.get(kind, namespace, name)

    def things(self) -> Sequence[JsonObject]:
        """Give what says where requests go."""
        found: list[JsonObject] = []
        for kind in TRAFFIC_KINDS:
            with suppress(LookupError):  # not every cluster has Routes
                found += self.kube.list(kind)
        return found

    def history(self, kind: str, namespace: str, name: str) -> Sequence[JsonObject]:
        """Give every version that the object had since the last step, ending with the present one."""
        present = self.get(kind, namespace, name)
        return [*self.kube.history(kind, namespace, name, self._mark), *([present] if present else [])]

    def events(self) -> Sequence[JsonObject]:
        """Give all Events."""
        return self.kube.events()

    def apply(self, manifests: Sequence[JsonObject]) -> None:
        """Create or replace objects."""
        self.kube.apply(*manifests)

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
