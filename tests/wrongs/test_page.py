"""docs/plugins/faults.md tells of each wrong what is declared, in lines that a run had."""

from __future__ import annotations

from tests.wrongs import page
from tests.wrongs.catalogue import GROUPS, WRONGS
from tests.wrongs.trial import is_said
from tests.wrongs.wrong import Held

AT_LEAST = 25


def test_the_page_tells_of_each() -> None:
    rows = page.read()
    assert list(rows) == [wrong.does for wrong in WRONGS]
    for wrong in WRONGS:
        does, becomes, said, suite = rows[wrong.does]
        declared = page.cells(wrong, "")
        assert (does, becomes, suite) == (declared[0], declared[1], declared[3])
        begins = wrong.says.partition("…")[0].replace("`", "")[:40]
        assert is_said(begins, said) or said == wrong.limit, f"{wrong.name}: {said}"


def test_there_are_as_many_as_promised_and_each_once() -> None:
    assert len(WRONGS) >= AT_LEAST
    assert len({wrong.name for wrong in WRONGS}) == len({wrong.does for wrong in WRONGS}) == len(WRONGS)
    assert all(GROUPS.values())


def test_what_cannot_be_told_says_what_limits_it() -> None:
    for wrong in WRONGS:
        assert bool(wrong.says) != bool(wrong.limit)
        assert bool(wrong.limit) == (wrong.held in {Held.RESTARTED, Held.BORNE})
