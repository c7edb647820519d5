"""On each cluster that Go AKO was seen on: clients get what the Ingresses, Routes and Services say.

Asked is what Go AKO had made of it, and then what our product makes of it; where no decision wants a difference,
the two answers are of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.traffic.asking import Answer, Asked
from tests.traffic.clusters import route, service
from tests.traffic.go_ako import NAMES_LOST, State, names, state
from tests.traffic.ours import converge
from tests.traffic.stage import TrafficStage, with_authority, with_destination

Answers = Mapping[Asked, Answer]


@pytest.fixture(scope="module")
def stage() -> Iterator[TrafficStage]:
    with TrafficStage() as entered:
        yield entered


def answers(found: State, stage: TrafficStage) -> Answers:
    asked = [promise.asked for promise in found.promises]
    return dict(zip(asked, stage.visitor.ask_all(asked), strict=True))


def of_theirs(found: State, stage: TrafficStage) -> Answers:
    stage.hold(with_authority(found.controller, stage.authority))
    return answers(found, stage)


def of_ours(found: State, stage: TrafficStage, folder: Path) -> Answers:
    cluster = with_destination(found.cluster, stage.authority)
    assert converge(cluster, found.config, stage.simulator.url, folder) == ()
    stage.stand_in()
    return answers(found, stage)


def kind(answer: Answer) -> tuple[object, ...]:
    """Give what does not depend on whose turn it is; that nobody serves it is said by closing or by a 404."""
    is_nobody = answer.closed or answer.status == 404
    said = () if is_nobody else (answer.status, bool(answer.server), answer.location)
    return (answer.unknown_host, is_nobody, said, answer.certificate)


LAST = {name.rpartition("-")[0]: name for name in names()}.values()
"""The state at the end of each scenario."""

SAMPLE = frozenset(sorted(LAST)[::3])
"""Those that are always tried."""


def tried(name: str) -> Any:
    """Try the last states of every second scenario always, all in `make campaign`."""
    return pytest.param(name, marks=() if name in SAMPLE else pytest.mark.campaign)


@pytest.mark.parametrize("name", [tried(name) for name in names()])
def test_clients_get_what_the_cluster_says(name: str, stage: TrafficStage, tmp_path: Path) -> None:
    found = state(name)
    theirs = of_theirs(found, stage)
    stage.reset()
    ours = of_ours(found, stage, tmp_path)
    wrong = []
    for promise in found.promises:
        mine, other = ours[promise.asked], theirs[promise.asked]
        where = f"{promise.asked} ({promise.reason})"
        wrong += [f"ours: {fault}: {where}" for fault in promise.ours.faults(mine)]
        if promise.theirs is not None:
            wrong += [f"theirs: {fault}: {where}" for fault in promise.theirs.faults(other)]
        if promise.decision is None and kind(mine) != kind(other):
            wrong.append(f"not the same: ours {kind(mine)}, theirs {kind(other)}: {where}")
    assert not wrong


@pytest.mark.parametrize("name", NAMES_LOST)
def test_a_name_that_go_ako_lost_leads_there_again_once_ours_has_taken_over(
    name: str, stage: TrafficStage, tmp_path: Path
) -> None:
    found, lost = state(name), NAMES_LOST[name]
    before = of_theirs(found, stage)
    assert all(answer.unknown_host for asked, answer in before.items() if asked.to == lost)
    after = of_ours(found, stage, tmp_path)
    assert any(not answer.unknown_host for asked, answer in after.items() if asked.to == lost)
    wrong = [f"{one.asked}: {fault}" for one in found.promises for fault in one.ours.faults(after[one.asked])]
    assert not wrong


def test_a_host_that_another_begins_like_gets_no_request_of_the_other(stage: TrafficStage, tmp_path: Path) -> None:
    one, two = service("one", "10.1.0.1"), service("two", "10.1.0.2")
    routes = [route("a", "foo.com", "", ("one", 100)), route("b", "foo.company.com", "/api", ("two", 100))]
    versions = {"Service": "v1", "EndpointSlice": "discovery.k8s.io/v1", "Route": "route.openshift.io/v1"}
    cluster = [{"apiVersion": versions[thing["kind"]], **thing} for thing in (*one, *two, *routes)]
    config = {**state(names()[0]).config, "L7Settings": {"shardVSSize": "SMALL"}}
    stage.reset()
    assert converge(cluster, config, stage.simulator.url, tmp_path) == ()
    stage.stand_in()
    asked = [Asked("foo.com"), Asked("foo.company.com", path="/api"), Asked("foo.company.com")]
    assert [stage.ask(each).server for each in asked] == ["10.1.0.1:8080", "10.1.0.2:8080", ""]
