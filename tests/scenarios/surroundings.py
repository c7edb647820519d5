"""The cluster and the Avi Controller that a scenario runs in, as stand-ins in threads of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ako.sim import Baseline, Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.scenarios.scenario import Scenario
from tests.scenarios.scenario_cluster import ScenarioCluster, definition
from tests.scenarios.simulator_control import SimulatorControl

AVI_VERSION = "20.1.5"


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
    options = SimulatorOptions(baseline=Baseline.of(scenario.controller), version=AVI_VERSION)
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator(options))
        kube = stack.enter_context(KubeApi(serve_routes=scenario.platform == "openshift"))
        control = stack.enter_context(SimulatorControl(simulator.url))
        kube.apply(*map(definition, scenario.crds))
        yield Surroundings(ScenarioCluster(kube), control, simulator.url, (options.username, options.password))
