"""The plugins under `examples/` do what they say, each in a distribution of its own, by the public interface alone.

Their scenarios run the program on a cluster and a simulator that forwards requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.contract.example_distributions import DISTRIBUTIONS, EXAMPLES, install
from tests.contract.fresh_venv import ROOT, FreshVenv, wheel
from tests.contract.third_party import run
from tests.scenarios.report import ScenarioError
from tests.scenarios.scenario import merged
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import surroundings
from tests.traffic.ours import LOGIN
from tests.traffic.stage import TrafficStage

SAMPLE = {
    "argo_rollouts/weights": "a plugin that adjusts the core's translation, by what changes often",
    "traefik_ingressroute/headers-and-weights": "a plugin that translates by itself, beside the core's translation",
}
"""What is always tried, and what that shows; the others are in the campaign."""


def _scenarios() -> list[str]:
    return [f"{example.name}/{name}" for example in DISTRIBUTIONS.values() for name in example.scenarios()]


@pytest.mark.parametrize(
    "scenario_id", [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.campaign) for name in _scenarios()]
)
def test_scenario(scenario_id: str, tmp_path: Path) -> None:
    example, _, name = scenario_id.partition("/")
    scenario = DISTRIBUTIONS[example].scenario(name)
    with DISTRIBUTIONS[example].imported(tmp_path / "site"), surroundings(scenario) as around:
        try:
            ScenarioRun(scenario, around, tmp_path).run()
        except ScenarioError as failure:
            pytest.fail(str(failure), pytrace=False)


def test_every_scenario_that_is_named_exists() -> None:
    assert SAMPLE.keys() <= {*_scenarios()}


def own_tests(site: Path, folder: Path, chosen: Sequence[str]) -> None:
    """Have the tests of all of them pass with what is installed in a folder."""
    tests = [str(example.folder / "tests") for example in DISTRIBUTIONS.values()]
    command = ("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *chosen, *tests)
    run(command, folder, {"PYTHONPATH": str(site)})


@pytest.mark.long
@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param(("-k", "not TestContract"), id="but the contract"),
        pytest.param((), id="all", marks=pytest.mark.campaign),
    ],
)
def test_their_own_tests_pass(tmp_path: Path, chosen: Sequence[str]) -> None:
    for example in DISTRIBUTIONS.values():
        example.put(tmp_path / "site")
    own_tests(tmp_path / "site", tmp_path, chosen)


@pytest.mark.campaign
def test_installed_by_pip_their_own_tests_pass_and_they_are_listed(tmp_path: Path) -> None:
    site = install(tmp_path)
    own_tests(site, tmp_path, ())
    listed = run(["-m", "ako", "plugins", "list"], tmp_path, {"PYTHONPATH": str(site)}).stdout
    rows = {line.split()[0]: line.split()[1:4] for line in listed.splitlines() if line.strip()}
    for example in DISTRIBUTIONS.values():
        assert rows[example.name] == ["no", *example.distribution]


@pytest.mark.campaign
@pytest.mark.parametrize("folder", [path.parent for path in EXAMPLES.glob("*/setup.cfg")], ids=lambda path: path.name)
def test_their_types_are_right(folder: Path) -> None:
    packages = [path.parent.name for path in folder.glob("*/py.typed")]
    found = {"MYPYPATH": f"{ROOT}:{folder}"}
    run(["-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), *packages, "tests"], folder, found)


@pytest.fixture(scope="module")
def ako_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of ako once."""
    return wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def stage() -> Iterator[TrafficStage]:
    with TrafficStage() as entered:
        yield entered


@pytest.mark.campaign
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_pip_install_in_a_fresh_venv_is_enough(name: str, ako_wheel: Path, stage: TrafficStage, tmp_path: Path) -> None:
    """From there its manifests are served, as its README says, and requests get to their servers."""
    example = DISTRIBUTIONS[name]
    venv = FreshVenv(tmp_path / "venv")
    venv.install(str(ako_wheel))
    assert venv.ako("plugins", "list").count(name) == 0
    source = example.copied(tmp_path)
    venv.install(str(source))
    assert name in venv.ako("plugins", "list")
    assert venv.holds("ako")
    assert venv.holds(example.package)
    stage.reset()
    surroundings = {
        "AKOSettings": {"apiServerPort": 0},
        "ControllerSettings": {"controllerHost": stage.simulator.url},
        "avicredentials": LOGIN,
    }
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps(merged(example.config, surroundings)), encoding="utf-8")
    venv.ako("run", "--once", "--manifests", str(source / "manifests"), "--config", str(values))
    stage.stand_in()
    for asked, servers in example.answers.items():
        answers = stage.visitor.ask_all([asked] * 8)
        assert {answer.server for answer in answers} == servers, (asked, answers[0])
