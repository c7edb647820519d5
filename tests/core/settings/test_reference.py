"""The page about the settings is complete and true."""

from __future__ import annotations

import re
from pathlib import Path

from ako.core.settings.keys import key_table
from ako.core.settings.tree import READ_ONCE
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


def test_the_page_and_the_settings_themselves_say_which_are_read_at_start_only() -> None:
    sentence = PAGE.read_text().partition("takes effect at the next one:")[2].partition("`AKOSettings.clusterName`")[0]
    assert set(re.findall(r"`([a-zA-Z]+[\w.]+)`", sentence)) == set(READ_ONCE)
    said = {key.helm for key in key_table({}).by_helm.values() if "from the next start on" in key.description}
    assert said == set(READ_ONCE)
