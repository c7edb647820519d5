"""The contract that authors test with finds what their plugins do wrong, before it happens, and says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wrongs.adjusting import ADJUSTING
from tests.wrongs.answering import ANSWERING
from tests.wrongs.catalogue import COSTLY, WRONGS
from tests.wrongs.judged import findings
from tests.wrongs.naming import NAMING
from tests.wrongs.raising import RAISING
from tests.wrongs.trial import is_said
from tests.wrongs.wrong import Wrong

HARMLESS = tuple(
    one for one in (*RAISING, *ANSWERING, *NAMING, *ADJUSTING) if one.name not in COSTLY and not one.unseen
)
"""Those that can be looked at in this process."""

SAMPLE = ("threads", "exits_at_import")
GOOD = Wrong(name="good", does="nothing that is wrong", says="")


def _marked(wrong: Wrong) -> object:
    return pytest.param(wrong, id=wrong.name, marks=[] if wrong.name in SAMPLE else [pytest.mark.campaign])


def finds(wrong: Wrong, folder: Path, *, is_installed: bool) -> None:
    """Insist that one of the rules names what is wrong."""
    found = []
    for finding in findings(wrong, folder, is_installed=is_installed):
        if is_said(wrong.contract or wrong.says, finding):
            return
        found.append(finding[:500])
    pytest.fail(f"no rule says {wrong.contract or wrong.says!r}, but:\n" + "\n".join(found))


@pytest.mark.parametrize("wrong", HARMLESS, ids=lambda wrong: wrong.name)
def test_it_is_found_out(tmp_path: Path, wrong: Wrong) -> None:
    finds(wrong, tmp_path, is_installed=False)


@pytest.mark.parametrize("wrong", [_marked(wrong) for wrong in WRONGS if not wrong.unseen])
def test_it_is_found_out_from_outside(tmp_path: Path, wrong: Wrong) -> None:
    """As a plugin that is installed; the contract looks at it in a process of its own."""
    finds(wrong, tmp_path, is_installed=True)


def test_one_that_does_no_wrong_passes(tmp_path: Path) -> None:
    assert list(findings(GOOD, tmp_path, is_installed=True)) == []
