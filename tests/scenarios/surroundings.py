"""The cluster and the Avi Controller that a scenario runs in, as stand-ins in threads of this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ako.sim import Baseline, Simulator, SimulatorOptions
from ako.testing.listener import Request as HttpRequest
from ako.testing.listener import Response
from tests.rights.shipped import Rule
from tests.scenarios.api_servers import api_server
from tests.scenarios.scenario import Scenario
from tests.scenarios.scenario_cluster import ScenarioCluster
from tests.scenarios.simulator_control import SimulatorControl
from tests.scenarios.world import Sent
from tests.traffic.stage import TrafficStage

AVI_VERSION = "20.1.5"
CONTROL = "/_sim"


class ListeningSimulator(Simulator):
    """Remembers what each request said, also of those that it refuses."""

    def __init__(self, options: SimulatorOptions) -> None:
        super().__init__(options)
        self.heard: list[HttpRequest] = []

    def sent(self) -> Sequence[Sent]:
        """Give what all requests of the API said, oldest first."""
        return [_sent(request) for request in list(self.heard)]

    def _answer(self, request: HttpRequest) -> Response:
        if not request.path.startswith(CONTROL):
            self.heard.append(request)
        return super()._answer(request)


def _sent(request: HttpRequest) -> Sent:
    text = request.body.decode("utf-8", "replace")
    try:
        body = json.loads(text) if text else None
    except ValueError:
        body = text
    return Sent(request.method, request.target, body)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the product talks to, and where."""

    cluster: ScenarioCluster
    control: SimulatorControl
    controller_url: str
    login: tuple[str, str]
    sent: Callable[[], Sequence[Sent]]
    """Gives what all requests to the Controller said so far."""
    stage: TrafficStage | None = None
    """Where requests are sent, in a scenario with some."""


@contextmanager
def surroundings(
    scenario: Scenario,
    *,
    forwards: bool = False,
    left_out: Rule | None = None,
    serves_slices: bool = True,
    folder: Path | None = None,
) -> Iterator[Surroundings]:
    """Start the stand-ins in the state that a scenario begins with, and stop them at the end.

    Requests are forwarded where the scenario sends some, or if `forwards` asks for it. With a right left out the
    product has one less than it ships with; without EndpointSlices the API server is as one that knows none. With a
    folder the objects lie in manifests inside it, and no API server is there.
    """
    forwards = forwards or scenario.has_traffic
    baseline = Baseline.of(scenario.controller)
    options = SimulatorOptions(baseline=baseline, version=AVI_VERSION, data_plane=forwards)
    with ExitStack() as stack:
        simulator = ListeningSimulator(options)
        stage = TrafficStage(simulator) if forwards else None
        stack.enter_context(stage or simulator)
        control = stack.enter_context(SimulatorControl(simulator.url))
        kube = stack.enter_context(api_server(scenario, serves_slices=serves_slices, folder=folder))
        login = (options.username, options.password)
        yield Surroundings(ScenarioCluster(kube, left_out), control, simulator.url, login, simulator.sent, stage)
