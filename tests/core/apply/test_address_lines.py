"""A VsVip that gets no address is told once it has waited for long; of many a few."""

from __future__ import annotations

import logging

import pytest

from ako.core.apply.addresses import PATIENCE, AddressLines
from ako.core.base.refs import AviRef


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def vsvip(number: int) -> AviRef:
    return AviRef("vsvip", f"c--Shared-L7-{number}")


def test_one_without_an_address_is_told_after_a_while_and_once_and_when_it_has_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    lines = AddressLines(clock)
    lines.follow({vsvip(0)})
    clock.now = PATIENCE - 0.1
    lines.follow({vsvip(0)})
    assert not caplog.records
    for seconds in (PATIENCE, PATIENCE + 5, 3000.0):
        clock.now = seconds
        lines.follow({vsvip(0)})
    (told,) = caplog.records
    assert told.getMessage().startswith("vsvip c--Shared-L7-0 has had no address for 10 s, and")
    assert "IPAM profile" in told.getMessage()
    clock.now = 3600.0
    lines.follow(set())
    assert caplog.records[-1].getMessage() == "vsvip c--Shared-L7-0 is no longer without an address, after 1 h"
    lines.follow(set())
    assert len(caplog.records) == 2


def test_one_that_gets_its_address_soon_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    lines = AddressLines(clock)
    for number in range(50):
        clock.now += PATIENCE - 1
        lines.follow({vsvip(number)})
    assert not caplog.records


def test_of_hundreds_a_handful_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    clock = Clock()
    lines = AddressLines(clock)
    many = {vsvip(number) for number in range(300)}
    for _ in range(200):
        lines.follow(many)
        clock.now += 10.0
    lines.follow(set())
    warned = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert 1 <= len(warned) <= 5
    assert sum(one.levelno == logging.INFO for one in caplog.records) == len(warned)
    assert len(caplog.records) == 2 * len(many), "those that were left out are at DEBUG"


def test_another_controller_is_another_matter(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    lines = AddressLines(clock)
    lines.follow({vsvip(0)})
    lines.forget()
    clock.now = PATIENCE
    lines.follow({vsvip(0)})
    assert not caplog.records
