"""What the log says of an outage with hundreds of objects in it, however often it is tried: a handful of lines."""

from __future__ import annotations

import logging

import pytest

from ako.core.avi.errors import AviError, error_for
from ako.core.plan.plan import Operation
from ako.core.report.problem_lines import ProblemLines
from tests.builders import endpoints, ingress, service
from tests.core.control.rig import Rig

HOSTS = 100
ROUNDS, SECONDS = 2, 5


def crowd() -> Rig:
    web = (service("web"), endpoints("web", "10.0.0.1"))
    return Rig(*web, *(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(HOSTS)))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger="ako.core")
    return caplog


@pytest.mark.parametrize(
    "status", [400, 503, *(pytest.param(status, marks=pytest.mark.campaign) for status in (403, 429))]
)
def test_every_write_fails_again_and_again(lines: pytest.LogCaptureFixture, status: int) -> None:
    rig = crowd()
    assert lines.records == []
    failed = 0

    def fault(operation: Operation) -> AviError:
        nonlocal failed
        failed += 1
        return error_for("PUT", f"/api/{operation.ref.type}", status, f"no {operation.ref.name}: {failed}")

    rig.faults.append(fault)
    rig.desk.told.clear()
    rig.apply(endpoints("web", "10.0.0.9"))
    told = ProblemLines(rig.clock)
    for _ in range(ROUNDS):
        rig.wait(SECONDS)
        rig.sync()
        for problem in rig.desk.told:
            told.tell(problem)
        rig.desk.told.clear()
        told.sum_up()
    assert failed > HOSTS
    counted = [record.getMessage() for record in lines.records]
    assert len([line for line in counted if line.startswith("Avi Controller: ")]) <= 3, counted
    assert 1 <= len(counted) <= 10, counted
    assert not [line for line in counted if "Traceback" in line]
