"""On objects that Go AKO made, clients get what the Ingresses, Routes and Services in the cluster say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.traffic.go_ako import names, state
from tests.traffic.stage import TrafficStage, with_authority


@pytest.fixture(scope="module")
def stage() -> Iterator[TrafficStage]:
    with TrafficStage() as entered:
        yield entered


@pytest.mark.parametrize("name", names())
def test_clients_get_what_the_cluster_says(name: str, stage: TrafficStage) -> None:
    found = state(name)
    stage.hold(with_authority(found.controller, stage.authority))
    wrong = []
    for promise in found.promises:
        if promise.theirs is None:
            continue
        answer = stage.ask(promise.asked)
        wrong += [f"{promise.asked}: {fault} ({promise.reason})" for fault in promise.theirs.faults(answer)]
    assert not wrong
