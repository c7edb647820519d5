"""What `ako check` tells is what the running controller tells, word for word."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ako.testing.kube_api.route import ROUTE_CRD
from tests.builders import Manifest
from tests.campaign.content import any_manifest, dated, first_content, key_of
from tests.campaign.flavour import Flavour
from tests.cli.check.agreement import Ran, Sides, checked, sides
from tests.cli.check.damage import damaged
from tests.contract.example_distributions import DISTRIBUTIONS, Example
from tests.pages.site import ROOT
from tests.properties import share_of
from tests.scenarios.api_servers import api_server
from tests.scenarios.scenario import DATA, JsonObject, Scenario, load, merged
from tests.scenarios.scenario_cluster import ScenarioCluster, definition


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


SAMPLE = (
    "field/13-tls-host-without-rule",
    "field/27-expired-certificate",
    "ingress/40-duplicate-hostpath",
    "routes/36-edge-without-certificate",
)
"""What is always tried, for something is wrong in each; the others are in the campaign."""

WITHOUT_CLOUD = {
    "lifecycle/15-cloud-without-ipam": "the cloud cannot be used",
    "lifecycle/17-segroup-of-other-cluster": "the Service Engine Group cannot",
}
"""Scenarios whose controller concludes nothing, and why."""

SCENARIOS = [found for found in map(_id, sorted(DATA.glob("*/*.json"))) if found not in WITHOUT_CLOUD]
OWN = ("ConfigMap", "avi-system", "avi-k8s-config")


def states(scenario: Scenario, cluster: ScenarioCluster) -> Iterator[tuple[JsonObject, Sequence[JsonObject]]]:
    """Carry out the steps that change objects or settings; give these wherever something is expected of them."""
    config = scenario.config
    known: dict[tuple[str, str, str], None] = {}
    for step in scenario.steps:
        ((kind, argument),) = step.items()
        if kind == "apply":
            cluster.apply(argument)
            known.update(dict.fromkeys(map(_key, argument)))
        elif kind == "delete":
            cluster.delete(argument)
        elif kind == "configmap":
            cluster.merge_config_map(argument)
        elif kind == "config_change":
            config = merged(config, argument)
        elif kind == "expect":
            present = (cluster.get(*key) for key in (*known, OWN))
            namespaces = cluster.kube.list("Namespace")
            yield config, [*namespaces, *(found for found in present if found and found["kind"] != "Namespace")]


def _key(manifest: JsonObject) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def in_scenario(scenario: Scenario, folder: Path) -> Iterator[Sides]:
    """Give both sides at each state of a scenario, with the controller at an API server."""
    definitions = [*([ROUTE_CRD] if scenario.platform == "openshift" else []), *map(definition, scenario.crds)]
    with api_server(scenario) as kube:
        cluster = ScenarioCluster(kube)
        for config, manifests in states(scenario, cluster):
            (folder / "values.yaml").write_text(yaml.safe_dump(config))
            cluster.let_in(folder / "values.yaml", folder / "kubeconfig")
            where = cluster.arguments(folder / "kubeconfig")
            yield sides(folder, [*definitions, *manifests], config, scenario.controller, where)


@pytest.mark.parametrize(
    "scenario_id", [s if s in SAMPLE else pytest.param(s, marks=pytest.mark.campaign) for s in SCENARIOS]
)
def test_both_tell_the_same_of_every_scenario(scenario_id: str, tmp_path: Path) -> None:
    found = list(in_scenario(load(DATA / f"{scenario_id}.json"), tmp_path))
    for told in found:
        assert told.check == told.controller
    assert scenario_id not in SAMPLE or any(told.controller for told in found)


def any_manifests(rng: random.Random) -> list[Manifest]:
    """Make a cluster in which half of the objects have something wrong, in any order."""
    made = (any_manifest(rng, Flavour()) for _ in range(rng.randrange(4, 16)))
    known = {key_of(one): one for one in (*first_content(rng, Flavour()), *made)}
    found = [damaged(rng, one) if rng.random() < 0.5 else one for one in known.values()]
    return rng.sample([dated(one, number, None) for number, one in enumerate(found)], len(found))


EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if any(path.glob("*.yaml")))


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_tell_the_same_of_every_example(name: str, tmp_path: Path) -> None:
    files = sorted((ROOT / "examples" / name).glob("*.yaml"))
    manifests = [found for file in files for found in yaml.safe_load_all(file.read_text()) if found]
    config = yaml.safe_load((ROOT / "examples" / "values.yaml").read_text())
    told = sides(tmp_path, [ROUTE_CRD, *manifests], config, {})
    assert told.check == told.controller


@pytest.mark.campaign
@pytest.mark.parametrize("example", DISTRIBUTIONS.values(), ids=lambda example: example.name)
def test_both_tell_the_same_with_plugins_of_others(example: Example, tmp_path: Path) -> None:
    with example.imported(tmp_path / "site"):
        files = sorted(path.name for path in (example.folder / "manifests").glob("*.yaml"))
        manifests = {_key(one): one for one in (*map(definition, example.crds), *example.manifests(*files)) if one}
        told = sides(tmp_path, manifests.values(), example.config, {})
        assert told.check == told.controller
        for name in example.scenarios():
            for told in in_scenario(example.scenario(name), tmp_path):
                assert told.check == told.controller


@given(seed=st.integers(0, 2**32))
@settings(max_examples=share_of(120), phases=(Phase.explicit, Phase.generate))  # what a seed makes cannot be shrunk
def test_both_tell_the_same_of_any_manifests(seed: int) -> None:
    manifests = any_manifests(random.Random(seed))
    rig = Ran(*manifests)
    with TemporaryDirectory() as folder:
        found = checked(Path(folder), manifests)
    assert rig.told <= found
    # Of what others refer to a controller tells with these, and nothing where nobody does.
    assert {told.reason for told in found - rig.told if not told.about.startswith("Ingress/")} <= {"Unreadable"}
    assert not {told for told in found - rig.told if told.about.startswith("Ingress/")}
