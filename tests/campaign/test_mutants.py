"""The list of rules fits the program, and breaking one is noticed; `make campaign` breaks them all."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from tests.campaign.mutants import Mutant, faults, judge, load

MUTANTS = load()
KILLED = MUTANTS["guard-not-a-single-one"]


@pytest.mark.parametrize("name", MUTANTS)
def test_what_keeps_a_rule_stands_once_and_its_tests_are_there(name: str) -> None:
    assert list(faults(MUTANTS[name])) == []


def test_there_are_many_and_each_is_another() -> None:
    assert len(MUTANTS) > 100
    assert Counter(mutant.rule for mutant in MUTANTS.values()).most_common(1)[0][1] == 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["guard-not-a-single-one"])
def test_a_broken_rule_is_noticed(name: str) -> None:
    verdict = judge(MUTANTS[name])
    assert verdict.is_killed
    assert MUTANTS[name].tests[0].endswith(verdict.told.partition("[")[0])


@pytest.mark.parametrize(
    ("mutant", "told"),
    [
        (replace(KILLED, new="lost >= 2"), "SURVIVED"),
        (replace(KILLED, new="lost ><"), "its tests do not run"),
        (replace(KILLED, old="lost > 17"), "the old line is not there any more"),
        (replace(KILLED, old="lost"), "the old line occurs"),
        (replace(KILLED, file="ako/none.py"), "the old line is not there any more"),
        (replace(KILLED, new=KILLED.old), "nothing is broken"),
        (replace(KILLED, tests=("tests/core/plan/test_deletion_guard.py::test_none",)), "there is no test"),
    ],
    ids=["equivalent", "no program", "another line", "several lines", "no file", "no change", "no test"],
)
def test_what_is_not_noticed_or_cannot_be_judged_is_told(mutant: Mutant, told: str) -> None:
    verdict = judge(mutant)
    assert not verdict.is_killed
    assert verdict.told.startswith(told)
