"""Kinds of AKO that the cluster has and nobody here understands are told once, at the start."""

from __future__ import annotations

from pathlib import Path

from ako.testing import KubeApi
from tests.builders import Manifest
from tests.e2e.stage import Stage


def definition(kind: str, group: str = "ako.vmware.com") -> Manifest:
    plural = f"{kind.lower()}s"
    version = {"name": "v1beta1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [version],
        },
    }


LINE = "HTTPRule, HostRule of ako.vmware.com are not supported"
DEFINITIONS = (definition("HostRule"), definition("HTTPRule"), definition("Bucket", "example.org"))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if "ako.vmware.com" in line]


def test_of_an_api_server(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(*map(dict, DEFINITIONS))
    (line,) = lines(stage.ako("run", "--once", kubeconfig=kubeconfig).stderr)
    assert LINE in line
    assert "WARN" in line


def test_of_a_folder_by_definition_or_by_object(stage: Stage) -> None:
    rule = {"apiVersion": "ako.vmware.com/v1beta1", "kind": "HTTPRule", "metadata": {"name": "r"}}
    stage.put("crds", DEFINITIONS[0], rule)
    (line,) = lines(stage.ako("run", "--once").stderr)
    assert LINE in line


def test_where_there_are_none_nothing_is_said(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(dict(DEFINITIONS[2]))
    assert lines(stage.ako("run", "--once", kubeconfig=kubeconfig).stderr) == []
    assert lines(stage.ako("run", "--once").stderr) == []
