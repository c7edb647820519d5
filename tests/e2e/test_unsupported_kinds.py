"""Kinds of AKO that the cluster has and nobody here understands are told once, at the start."""

from __future__ import annotations

from pathlib import Path

from ako.testing import KubeApi
from tests.e2e.stage import Stage
from tests.scenarios.scenario_cluster import definition

LINE = "HTTPRule, HostRule of ako.vmware.com are not supported"
DEFINITIONS = tuple(
    definition({"apiVersion": version, "kind": kind, "plural": f"{kind.lower()}s"})
    for version, kind in (
        ("ako.vmware.com/v1beta1", "HostRule"),
        ("ako.vmware.com/v1beta1", "HTTPRule"),
        ("example.org/v1", "Bucket"),
    )
)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if "ako.vmware.com" in line]


def test_of_an_api_server(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(*DEFINITIONS)
    (line,) = lines(stage.ako("run", "--once", kubeconfig=kubeconfig).stderr)
    assert LINE in line
    assert "WARN" in line


def test_of_a_folder_by_definition_or_by_object(stage: Stage) -> None:
    rule = {"apiVersion": "ako.vmware.com/v1beta1", "kind": "HTTPRule", "metadata": {"name": "r"}}
    stage.put("crds", DEFINITIONS[0], rule)
    (line,) = lines(stage.ako("run", "--once").stderr)
    assert LINE in line


def test_where_there_are_none_nothing_is_said(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(DEFINITIONS[2])
    assert lines(stage.ako("run", "--once", kubeconfig=kubeconfig).stderr) == []
    assert lines(stage.ako("run", "--once").stderr) == []
