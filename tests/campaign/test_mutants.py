"""The list of mutants stays true to the program, and a rule that is broken is noticed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.campaign.mutants import faults, judge, load

MUTANTS = load()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_speaks_of_what_there_is(name: str) -> None:
    assert list(faults(MUTANTS[name])) == []


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 40


def test_a_broken_rule_is_noticed_and_an_unbroken_one_passes() -> None:
    mutant = MUTANTS["exact-before-prefix"]
    assert judge(mutant).is_killed
    harmless = replace(mutant, new=f"{mutant.old} ")
    verdict = judge(harmless)
    assert (verdict.is_killed, verdict.told) == (False, "SURVIVED")


def test_a_line_that_is_not_there_any_more_is_told() -> None:
    mutant = replace(MUTANTS["exact-before-prefix"], old="no such line")
    assert judge(mutant).told == "the old line is not there any more"
