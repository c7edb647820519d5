"""Every row gives what the table says, and the page says what the table does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.page import PAGE, text
from tests.conformance.table import BEYOND, SUITE, Row
from tests.conformance.world import World, entered


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with entered(tmp_path_factory.mktemp("conformance")) as made:
        yield made


@pytest.mark.parametrize("row", [*SUITE, *BEYOND], ids=lambda row: f"{row.feature}: {row.says}")
def test_a_row(row: Row, world: World) -> None:
    assert world.outcome(row) == (row.instead or row.wanted)
    assert not row.told or world.has_told(row)


def test_what_does_not_pass_has_a_reason() -> None:
    assert all(bool(row.instead) == bool(row.because) and row.instead != row.wanted for row in (*SUITE, *BEYOND))


def test_the_page_is_of_this_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == text(page), "python -m tests.conformance.page"
