"""Of each situation the cause is told, and what mends it; and nothing that would lead astray."""

from __future__ import annotations

import pytest

from tests.e2e.stage import Stage
from tests.explain.page import PAGE, text
from tests.explain.situation import World
from tests.explain.situations import WORLDS
from tests.explain.theatre import Theatre

AT_LEAST = 36


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.title)
def test_cause_and_remedy_are_told(world: World, stage: Stage) -> None:
    with Theatre(world, stage) as theatre:
        for situation in world.situations:
            told = theatre.told(situation)
            astray = [words for words in situation.never if words in told]
            assert not astray, f"{situation.asks}: {astray} would lead astray:\n{told}"


def test_there_are_enough_of_them_and_none_is_told_twice() -> None:
    told = [situation for world in WORLDS for situation in world.situations]
    assert len(told) >= AT_LEAST
    assert len({situation.what for situation in told}) == len(told)


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run python -m tests.explain"
