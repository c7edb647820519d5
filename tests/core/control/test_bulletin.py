"""What operators are told, as lines: once, with how long it lasted; what varies from try to try is told seldom."""

from __future__ import annotations

import logging

import pytest

from ako.core.base.refs import Kind, ObjectRef
from ako.core.control.bulletin import Bulletin
from ako.core.kube.cluster import Event
from tests.core.clock import Clock

CONFIG = ObjectRef(Kind("", "v1", "ConfigMap"), "avi-system", "avi-k8s-config")


class Scene:
    """A bulletin, with the Events it wrote."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, logger="ako.core.control")
        self.clock = Clock()
        self.events: list[Event] = []
        self.bulletin = Bulletin(CONFIG, lambda _, event: self.events.append(event), self.clock)


@pytest.fixture
def scene(caplog: pytest.LogCaptureFixture) -> Scene:
    return Scene(caplog)


def test_what_is_wrong_and_that_it_no_longer_is(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ako.core.control")
    for _ in range(3):
        scene.bulletin.warn("guard", "DeletionGuard", "9 hosts wait")
        scene.clock.now += 50
    scene.bulletin.settle("guard", "DeletionConfirmed", "nothing waits")
    assert caplog.messages == ["DeletionGuard: 9 hosts wait", "DeletionConfirmed: nothing waits, after 2 min 30 s"]
    assert [vars(record)["object"] for record in caplog.records] == [CONFIG.key] * 2
    assert vars(caplog.records[1])["duration_ms"] == 150_000.0
    assert [event.message for event in scene.events] == ["9 hosts wait", "nothing waits"]


def test_a_failure_in_other_words_each_time_is_a_handful_of_lines(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2000):
        scene.bulletin.warn("sync", "AviUnreachable", f"no answer, {number}; trying again")
        scene.clock.now += 60
    assert 3 <= len(caplog.messages) <= 12, "in more than a day"
    scene.bulletin.settle("sync", "AviRecovered", "it can be read again")
    assert caplog.messages[-1] == "AviRecovered: it can be read again, after 1 d 9 h"


def test_what_the_session_tells_is_no_second_line(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.bulletin.warn("sync", "AviUnreachable", "refused", is_in_log=True)
    scene.bulletin.settle("sync", "AviRecovered", "it can be read again")
    assert caplog.messages == []
    assert [event.reason for event in scene.events] == ["AviUnreachable", "AviRecovered"]
    scene.bulletin.warn("sync", "InvalidConfiguration", "Invalid input detected: no cloud")
    assert caplog.messages == ["Invalid input detected: no cloud (InvalidConfiguration)"]


def test_hundreds_of_edits_by_others_are_twenty_lines_and_all_events(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(300):
        scene.bulletin.say("DriftRepaired", f"pool {number} was changed (servers) by somebody else; repaired.")
    assert len(caplog.messages) == 20
    assert len(scene.events) == 300
