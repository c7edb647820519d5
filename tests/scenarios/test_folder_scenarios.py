"""Every acceptance scenario once more, with its objects in a folder of manifests.

All of them apply. What differs is that a file which is gone is not a user's word: where that leaves several hosts
without service, it is done once it is confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scenarios.manifest_folder import ManifestFolder
from tests.scenarios.promised import PromisedRun
from tests.scenarios.report import ScenarioError
from tests.scenarios.scenario import DATA, JsonObject, load
from tests.scenarios.scenario_cluster import CONFIG_MAP, ScenarioCluster
from tests.scenarios.surroundings import surroundings
from tests.waiting import eventually

CONFIRMATION = "ako.vmware.com/confirm-deletion"
HELD_PLAN = re.compile(r"plan (\w+) would leave \d+ hosts and Services without service.*Nothing of it is done\.")

HELD: Mapping[tuple[str, int], str] = {
    ("field/29-user-deletes-three-hosts", 4): "the file of the only Ingress is gone, with three hosts",
    ("field/30-empty-shared-services-at-a-restart", 4): "the files of all Ingresses are gone, with six hosts",
    ("ingress/13-multi-host", 4): "the file of the only Ingress is gone, with two hosts",
    ("ingress/24-mixed-secure-insecure-hosts", 4): "the file of the only Ingress is gone, with two hosts",
    ("l4/09-scale-up-and-down", 6): "the files of twenty of 21 Services are gone",
}
"""Expectations, by scenario and number of the step, before which a plan waits for its confirmation."""

SAMPLE = {
    "field/14-classless-beside-another-default-class": "classes are files, and nobody fills a default in",
    "field/18-infra-setting-by-class-parameters": "a kind that is served because its definition is a file",
    "field/29-user-deletes-three-hosts": "a file that is gone is held, and confirmed by an annotation in another file",
    "ingress/26-one-secret-two-ingresses": "Secrets are files",
    "ingress/35-secret-deleted-clears-status": "a status is taken back in the report",
    "l4/05-status-and-fqdn": "the status of a Service is in the report",
    "lifecycle/01-delete-config": "the ConfigMap is a file, and the condition of the StatefulSet is in the report",
    "namespace/01-selector-match-and-mismatch": "Namespaces are files",
    "namespace/06-route-transitions": "labels of Namespaces are edited in files",
    "nodeport/05-node-address-changed": "Nodes are files, with the status that a kubelet writes",
    "routes/06-two-routes-same-host": "Routes are served because their definition is a file",
    "static-routes/05-two-nodes": "Nodes come and go with their files",
    "tenants/01-a-namespace-goes-to-another-tenant": "the annotation of a Namespace is edited in its file",
}
"""What is always tried on a folder, and what of folders that shows; the others are in the campaign."""


class FolderRun(PromisedRun):
    """Confirms, where it says so, what is held."""

    def _expect(self, expect: JsonObject) -> None:
        if (self._scenario.id, self._number) in HELD:
            confirm(self._around.cluster, eventually(self._held_plan, "a plan that is held"))
            expect = {key: stated for key, stated in expect.items() if key != "log_count"}  # what is held is told
        super()._expect(expect)

    def _held_plan(self) -> str:
        held = [found[1] for line in self._ako.log_lines() if (found := HELD_PLAN.search(line))]
        return held[-1] if held else ""


def confirm(cluster: ScenarioCluster, plan: str) -> None:
    metadata = {**CONFIG_MAP["metadata"], "annotations": {CONFIRMATION: plan}}
    cluster.apply([{**CONFIG_MAP, "metadata": metadata}])


def _scenarios() -> list[str]:
    return [f"{path.parent.name}/{path.stem}" for path in sorted(DATA.glob("*/*.json"))]


@pytest.mark.parametrize(
    "scenario_id",
    [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.campaign) for name in _scenarios()],
)
def test_scenario_on_a_folder(scenario_id: str, tmp_path: Path) -> None:
    scenario = load(DATA / f"{scenario_id}.json")
    with surroundings(scenario, forwards=True, folder=tmp_path) as around:
        try:
            FolderRun(scenario, around, tmp_path).run()
        except ScenarioError as failure:
            pytest.fail(str(failure), pytrace=False)


def test_every_scenario_that_is_named_exists() -> None:
    named = {*SAMPLE, *(name for name, _ in HELD)}
    assert named <= {*_scenarios()}


def test_files_name_no_ages_and_what_was_told_to_an_object_goes_with_it(tmp_path: Path) -> None:
    folder = ManifestFolder(tmp_path)
    metadata = {"name": "shop", "namespace": "default", "creationTimestamp": "2020-01-01T00:00:00Z"}
    ingress = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {}}
    folder.apply(ingress)
    assert "creationTimestamp" not in (tmp_path / "manifests" / "Ingress.default.shop.json").read_text()
    with (tmp_path / "report.jsonl").open("w") as report:
        report.write('{"object": "networking.k8s.io/v1/Ingress/default/shop", "status": {"loadBalancer": {"a": 1}}}\n')
        report.write('{"object": "networking.k8s.io/v1/Ingress/default/other", "status": {"loadBalancer": {"b": 1}}}\n')
        report.write('{"object": "networking.k8s.io/v1/Ingress/default/shop", "status"')
    written = folder.get("Ingress", "default", "shop")
    assert written is not None
    assert written["status"] == {"loadBalancer": {"a": 1}}
    folder.delete(ingress)
    folder.apply(ingress)
    anew = folder.get("Ingress", "default", "shop")
    assert anew is not None
    assert "status" not in anew
    assert anew["metadata"]["creationTimestamp"] > written["metadata"]["creationTimestamp"]
