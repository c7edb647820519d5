"""The contract that authors test with finds what their plugins do wrong, before it happens, and says what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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

SAMPLE = ("lists", "numbers_paths", "sets", "claims_for_another", "other_cluster", "drops", "indexes")
SAMPLE_FROM_OUTSIDE = ("exits_at_import",)
SEEN = tuple(wrong for wrong in WRONGS if not wrong.unseen)
GOOD = Wrong(name="good", does="nothing that is wrong", says="")


def _marked(wrongs: Iterable[Wrong], sample: Collection[str]) -> list[object]:
    marks = {True: [], False: [pytest.mark.campaign]}
    return [pytest.param(wrong, id=wrong.name, marks=marks[wrong.name in sample]) for wrong in wrongs]


def finds(wrong: Wrong, folder: Path, *, is_installed: bool) -> None:
    """Insist that one of the rules names what is wrong."""
    found = []
    for finding in findings(wrong, folder, is_installed=is_installed):
        if is_said(wrong.contract or wrong.says, finding):
            return
        found.append(finding[:500])
    pytest.fail(f"no rule says {wrong.contract or wrong.says!r}, but:\n" + "\n".join(found))


@pytest.mark.filterwarnings("ignore:coroutine 'find' was never awaited:RuntimeWarning")
@pytest.mark.parametrize("wrong", _marked(HARMLESS, SAMPLE))
def test_it_is_found_out(tmp_path: Path, wrong: Wrong) -> None:
    finds(wrong, tmp_path, is_installed=False)


@pytest.mark.parametrize("wrong", _marked(SEEN, SAMPLE_FROM_OUTSIDE))
def test_it_is_found_out_from_outside(tmp_path: Path, wrong: Wrong) -> None:
    """As a plugin that is installed; the contract looks at it in a process of its own."""
    finds(wrong, tmp_path, is_installed=True)


@pytest.mark.parametrize(
    "is_installed", [False, pytest.param(True, marks=pytest.mark.campaign)], ids=["here", "from outside"]
)
def test_one_that_does_no_wrong_passes(tmp_path: Path, is_installed: bool) -> None:
    assert list(findings(GOOD, tmp_path, is_installed=is_installed)) == []
