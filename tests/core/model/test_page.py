"""The page about Avi objects says what the model has."""

from __future__ import annotations

from tests.core.model.page import PAGE, made


def test_the_tables_are_those_of_the_model() -> None:
    assert PAGE.read_text(encoding="utf-8") == made(), "`make tables` writes it"
