"""The public interface is as recorded, and whatever changes of it is named in the list of changes for authors."""

from __future__ import annotations

import pytest

import ako
from ako.core.hooks.deprecation import Deprecated, Table
from tests.contract.public_api import CHANGES, changes, faults, interface, listed, recorded, version_in

BEFORE = ["PLUGIN_API = 1.4", "Site(Struct)", "Site.host: str", "Site.port: int = 80", "ako_kinds(self) -> 'Kinds'"]
DOCUMENT = "## Changes\n\n### 1.5\n\n{}\n\n### 1.4\n\n* `Site`, `Other`, `ako_kinds`\n"


def told(*after: str, lines: str = "", deprecated: Table | None = None) -> list[str]:
    return list(faults(BEFORE, ["PLUGIN_API = 1.5", *after], DOCUMENT.format(lines), deprecated or {}))


def test_the_interface_is_as_recorded() -> None:
    """If not: name what changed in docs/plugins/api.md, and run `python -m tests.contract.public_api`."""
    assert changes(recorded(), interface()) == {}
    assert version_in(recorded()) == ako.PLUGIN_API


def test_the_list_of_changes_has_a_section_for_this_version() -> None:
    assert f"\n### {ako.PLUGIN_API}\n" in CHANGES.read_text(encoding="utf-8")


def test_what_is_new_in_a_version_is_there() -> None:
    """Names of fields are told with what has them; names of hooks begin with `ako_`."""
    hooks = {line.partition("(")[0] for line in interface() if line.startswith("ako_")}
    named = {name.partition(".")[0] for name in listed(CHANGES.read_text(encoding="utf-8"), ako.PLUGIN_API)}
    assert named - hooks - {*ako.__all__} == set()


def test_names_hooks_and_fields_are_recorded() -> None:
    lines = interface()
    assert "ako_discover(self, source: 'SourceObject', view: 'View') -> 'Discovery | None'" in lines
    assert "PoolServer.weight" not in lines
    assert "Needs.api: str = '1.0'" in lines
    assert "Termination.EDGE = 'edge'" in lines
    assert "View.get(self, record: 'type[R]', namespace: 'str', name: 'str') -> 'R | None'" in lines
    assert {line.partition("(")[0].partition(":")[0] for line in lines} >= {*ako.__all__} - {"PLUGIN_API"}
    assert not any(" at 0x" in line for line in lines)


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ([*BEFORE[1:], "Other(Struct)"], "Other is new"),
        ([*BEFORE[1:], "Site.path: str = '/'"], "Site.path is new"),
        ([*BEFORE[1:3], "Site.port: int = 443", BEFORE[4]], "Site.port is other"),
        ([*BEFORE[1:4], "ako_kinds(self, view: 'View') -> 'Kinds'"], "ako_kinds is other"),
        (["Site(Other)", *BEFORE[2:]], "Site is other"),
    ],
)
def test_whatever_changes_is_to_be_named(after: list[str], name: str) -> None:
    key = name.partition(" ")[0]
    assert told(*after) == [f"{name}: name it in `…` below `### 1.5` in docs/plugins/api.md"]
    assert told(*after, lines=f"* `{key}` is for that.") == []
    assert told(*after, lines=f"* {key}") != [], "a word is no name"
    assert told(*after, lines=f"* `{key.partition('.')[0]}`: with its fields") == []


def test_what_did_not_change_is_not_to_be_named() -> None:
    assert told(*BEFORE[1:]) == []


def test_nothing_goes_without_having_been_deprecated_long_enough() -> None:
    less = (*BEFORE[1:3], BEFORE[4])
    gone = "Site.port is gone, and was not deprecated long enough: put it back, or raise the major number"
    assert told(*less, lines="`Site.port`") == [gone]
    assert [line.partition(",")[0] for line in told(BEFORE[4], lines="`Site`")] == ["Site is gone"]
    for since, is_refused in (("1.4", True), ("1.3", False)):
        found = told(BEFORE[4], lines="`Site`", deprecated={"ako.Site": Deprecated(since, "use Other")})
        assert bool(found) == is_refused


def test_a_new_major_version_may_take_away_what_it_names() -> None:
    document = "### 2.0\n\n* `Site.port` has gone.\n"
    after = ["PLUGIN_API = 2.0", *BEFORE[1:3], BEFORE[4]]
    assert list(faults(BEFORE, after, document, {})) == []
    assert list(faults(BEFORE, after, "### 2.0\n", {})) != []
