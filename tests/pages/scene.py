"""The cluster that pages speak of: with `ako` installed, at work on the examples, or before anything is installed."""

from __future__ import annotations

from typing import Any

import yaml

from ako.testing import KubeApi
from tests.pages.site import ROOT

Json = dict[str, Any]
AVI = "avi.example.com"
"""What pages call the Avi Controller."""
BEFORE = ("docs/install.md", "deploy/chart/ako/README.md")
"""Pages that begin where nothing is installed."""
VALUES: Json = {
    "AKOSettings": {"clusterName": "my-cluster", "fullSyncFrequency": 30},
    "NetworkSettings": {"defaultDomain": "avi.internal"},
    "ControllerSettings": {"controllerHost": AVI},
    "avicredentials": {"username": "admin", "password": "admin"},
}
"""The operator's file, `values.yaml`."""


def prepare(kube: KubeApi, url: str, *, is_running: bool) -> None:
    """Fill a cluster with the examples, and install `ako` in it, with an Avi Controller at this URL."""
    for namespace in ("shop", "blog"):
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    kube.load(*sorted((ROOT / "examples" / "manifests").glob("*.yaml")))
    settings = {
        "clusterName": "my-cluster",
        "controllerIP": url,
        "fullSyncFrequency": "30",
        "defaultDomain": "avi.internal",
    }
    kube.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "avi-system"}},
        _own("v1", "ConfigMap", "avi-k8s-config", data={**settings, "deleteConfig": "false"}),
        _own("v1", "Secret", "avi-secret", stringData={"username": "admin", "password": "admin"}),
        _own("apps/v1", "StatefulSet", "ako", spec=_stateful_set(1 if is_running else 0)),
    )


def values() -> str:
    """Give the text of the operator's file."""
    return yaml.safe_dump(VALUES)


def _own(version: str, kind: str, name: str, **fields: Json) -> Json:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "avi-system"}, **fields}


def _stateful_set(replicas: int) -> Json:
    labels = {"app.kubernetes.io/name": "ako"}
    container = {"name": "ako", "image": "ako", "args": ["run"]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {"replicas": replicas, "serviceName": "ako", "selector": {"matchLabels": labels}, "template": template}
