"""On each cluster that Go AKO was seen on: clients get what the Ingresses, Routes and Services say.

Asked is what Go AKO had made of it, and then what our product makes of it; where no decision wants a difference,
the two answers are of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.traffic.asking import Answer, Asked
from tests.traffic.go_ako import NAMES_LOST, State, names, state
from tests.traffic.ours import converge
from tests.traffic.stage import TrafficStage, with_authority, with_destination

Answers = Mapping[Asked, Answer]


@pytest.fixture(scope="module")
def stage() -> Iterator[TrafficStage]:
    with TrafficStage() as entered:
        yield entered


def answers(found: State, stage: TrafficStage) -> Answers:
    return {promise.asked: stage.ask(promise.asked) for promise in found.promises}


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


@pytest.mark.parametrize("name", names())
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
