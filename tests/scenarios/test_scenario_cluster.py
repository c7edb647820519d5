"""The steps that touch Kubernetes, for every scenario, without the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.testing import KubeApi
from tests.scenarios.scenario import DATA, JsonObject, load
from tests.scenarios.scenario_cluster import ScenarioCluster, definition

FILES = sorted(DATA.glob("*/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in FILES]

SET = ("StatefulSet", "avi-system", "ako")


def spec_of(cluster: ScenarioCluster, manifest: JsonObject) -> JsonObject | None:
    metadata = manifest["metadata"]
    stored = cluster.get(manifest["kind"], metadata.get("namespace", ""), metadata["name"])
    return None if stored is None else stored.get("spec", {})


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_object_of_a_scenario_can_be_applied_and_deleted(path: Path) -> None:
    scenario = load(path)
    with KubeApi(serve_routes=scenario.platform == "openshift") as kube:
        kube.apply(*map(definition, scenario.crds))
        cluster = ScenarioCluster(kube)
        for step in scenario.steps:
            for manifest in step.get("apply", []):
                cluster.apply([manifest])
                assert spec_of(cluster, manifest) is not None
            cluster.delete(step.get("delete", []))
            for reference in step.get("delete", []):
                assert cluster.get(reference["kind"], reference.get("namespace", ""), reference["name"]) is None


def test_deleting_twice_is_no_error_but_an_unknown_kind_is() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
    reference = {"apiVersion": "v1", "kind": "Service", "namespace": "default", "name": "web"}
    with KubeApi() as kube:
        cluster = ScenarioCluster(kube)
        cluster.apply([service])
        cluster.delete([reference])
        cluster.delete([reference])
        assert cluster.get("Service", "default", "web") is None
        with pytest.raises(LookupError):
            cluster.delete([{**reference, "kind": "Unheard"}])


def test_applying_again_replaces_the_spec() -> None:
    ports = [{"port": 80}], [{"port": 81}]
    with KubeApi() as kube:
        cluster = ScenarioCluster(kube)
        for each in ports:
            metadata = {"name": "web", "namespace": "default"}
            cluster.apply([{"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": each}}])
        stored = cluster.get("Service", "default", "web")
    assert stored is not None
    assert [port["port"] for port in stored["spec"]["ports"]] == [81]


def test_a_node_gets_its_status() -> None:
    addresses = [{"type": "InternalIP", "address": "10.1.1.2"}]
    with KubeApi() as kube:
        cluster = ScenarioCluster(kube)
        for _ in range(2):
            node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}, "status": {"addresses": addresses}}
            cluster.apply([node])
            stored = cluster.get("Node", "", "one")
            assert stored is not None
            assert stored["status"]["addresses"] == addresses
            addresses = [{"type": "InternalIP", "address": "10.1.1.3"}]


def test_a_config_map_keeps_what_a_step_does_not_name() -> None:
    with KubeApi() as kube:
        cluster = ScenarioCluster(kube)
        own = {"namespace": "avi-system", "name": "avi-k8s-config"}
        cluster.merge_config_map({**own, "data": {"logLevel": "DEBUG"}})
        cluster.merge_config_map({**own, "data": {"deleteConfig": "true"}})
        stored = cluster.get("ConfigMap", "avi-system", "avi-k8s-config")
        assert stored is not None
        assert stored["data"] == {"deleteConfig": "true", "logLevel": "DEBUG"}
        with pytest.raises(LookupError, match="avi-system/gone"):
            cluster.merge_config_map({**own, "name": "gone", "data": {}})


def test_history_begins_with_the_last_step_and_ends_with_the_present() -> None:
    with KubeApi() as kube:
        cluster = ScenarioCluster(kube)
        stateful_set = cluster.get(*SET)
        assert stateful_set is not None
        for replicas in (1, 2, 3, 4):
            if replicas == 3:
                cluster.begin_step()
            kube.apply({**stateful_set, "status": {"replicas": replicas}})
        seen = {version["status"]["replicas"] for version in cluster.history(*SET)}
        assert {3, 4} <= seen
        assert 1 not in seen
        cluster.begin_step()
        assert [version["status"]["replicas"] for version in cluster.history(*SET)] == [4]
