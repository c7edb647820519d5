"""The page about the settings is complete and true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ako.core.settings.keys import key_table
from ako.core.settings.tree import READ_ONCE
from tests.core.settings import reference

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


@pytest.mark.parametrize(("page", "heading"), reference.TABLES)
def test_the_pages_have_every_key_and_no_other(page: str, heading: str) -> None:
    rows = reference.shown(page, heading)
    assert rows
    assert rows == reference.TABLES[page, heading]()


def test_the_page_and_the_settings_themselves_say_which_are_read_at_start_only() -> None:
    sentence = PAGE.read_text().partition("takes effect at the next one:")[2].partition("`AKOSettings.clusterName`")[0]
    assert set(re.findall(r"`([a-zA-Z]+[\w.]+)`", sentence)) == set(READ_ONCE)
    said = {key.helm for key in key_table({}).by_helm.values() if "from the next start on" in key.description}
    assert said == set(READ_ONCE)
