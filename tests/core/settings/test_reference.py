"""The page about the settings is complete and true."""

from __future__ import annotations

import re
from pathlib import Path

from tests.core.settings import reference

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_table_has_every_setting_and_no_other() -> None:
    documented = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[\w.]+` \| (?:Secret: )?`", line)]
    assert documented == reference.rows()


def test_the_page_lists_every_key_that_is_not_used() -> None:
    chapter = PAGE.read_text().partition("## Accepted but not used")[2]
    assert set(re.findall(r"`([\w.-]+)`", chapter.partition("\n## ")[0])) == reference.unused_keys()


def test_the_page_lists_every_key_that_is_refused() -> None:
    chapter = PAGE.read_text().partition("## Of AKO, not supported")[2].partition("\n## ")[0]
    assert [line for line in chapter.splitlines() if line.startswith("| `")] == reference.refused_rows()
