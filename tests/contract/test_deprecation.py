"""What goes away works for two minor versions, and says so: to whom, when and in which words."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, MutableMapping
from typing import cast

import pytest

import ako
from ako.core.hooks.deprecation import (
    DEPRECATED,
    Deprecated,
    PluginDeprecation,
    attribute_of,
    of_hooks,
    of_import,
)
from ako.core.hooks.hookspecs import AkoHooks
from tests.contract.test_plugin_names import PLACER, Site, site

__all__ = ["site"]

OLD = Deprecated("1.4", "use ako.Backend", lambda: ako.Backend)
TABLE = {
    "ako.Old": OLD,
    "ako_place": Deprecated("1.4", "use ako_place_backend"),
    "ako_discover(cluster)": Deprecated("1.5", "use view.ask(ako.site)"),
}


@pytest.mark.parametrize(("since", "gone_in"), [("1.4", "1.6"), ("1.0", "1.2"), ("1.9", "1.11"), ("2.10", "2.12")])
def test_it_works_for_two_minor_versions(since: str, gone_in: str) -> None:
    found = Deprecated(since, "use something else")
    assert found.gone_in == gone_in
    major, minor = map(int, since.split("."))
    lives = [not found.has_gone(f"{major}.{minor + later}") for later in range(4)]
    assert lives == [True, True, False, False]
    assert found.has_gone(f"{major + 1}.0")


@pytest.mark.parametrize("api", ["1.4", "1.5"])
def test_an_old_name_still_means_something_and_who_asks_is_told(api: str) -> None:
    with pytest.warns(PluginDeprecation) as told:
        assert attribute_of(TABLE, api)("Old") is ako.Backend
    (warning,) = told
    assert str(warning.message) == (
        f"ako.Old is deprecated since plugin API 1.4 and goes away with 1.6: use ako.Backend (asked for by {__name__})"
    )
    assert warning.filename == __file__


def test_it_is_told_once_for_each_place() -> None:
    given = attribute_of(TABLE, "1.4")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default", PluginDeprecation)
        for _ in range(5):
            given("Old")
    assert len(told) == 1


def test_a_name_that_has_gone_is_told_with_what_there_is_instead() -> None:
    with pytest.raises(AttributeError, match=r"ako.Old went away with plugin API 1.6: use ako.Backend"):
        attribute_of(TABLE, "1.6")("Old")
    assert of_import(ImportError("cannot import name 'Old' from 'ako' (x.py)", name="ako"), TABLE, "1.6") == (
        "ako.Old went away with plugin API 1.6: use ako.Backend"
    )


def test_a_name_that_never_was_is_no_name() -> None:
    assert not hasattr(ako, "Never")
    with pytest.raises(AttributeError, match=r"^module 'ako' has no attribute 'Never'$"):
        _ = ako.Never  # type: ignore[attr-defined]
    assert of_import(ImportError("cannot import name 'x' from 'other'", name="other"), TABLE) == ""
    assert of_import(ValueError("ako"), TABLE) == ""


def test_hooks_and_arguments_that_go_away_are_told() -> None:
    has = {"ako_place": ("backend",), "ako_discover": ("source", "cluster"), "ako_kinds": ()}
    assert list(of_hooks(has, TABLE, "1.5")) == [
        "ako_place is deprecated since plugin API 1.4 and goes away with 1.6: use ako_place_backend",
        "ako_discover(cluster) is deprecated since plugin API 1.5 and goes away with 1.7: use view.ask(ako.site)",
    ]
    assert list(of_hooks({"ako_discover": ("source", "view")}, TABLE, "1.5")) == []


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a name, a hook and an argument of today be deprecated."""
    table = cast("MutableMapping[str, Deprecated]", DEPRECATED)
    monkeypatch.setitem(table, "ako.Old", Deprecated("1.0", "use ako.Backend", lambda: ako.Backend))
    monkeypatch.setitem(table, "ako_place_backend(backend)", Deprecated("1.0", "use another"))
    monkeypatch.setitem(table, "ako.Gone", Deprecated("0.1", "use ako.Pool", lambda: ako.Pool))
    yield
    sys.modules.pop("old_plugin", None)


@pytest.mark.usefixtures("today")
def test_a_plugin_that_uses_what_goes_away_runs_and_is_named(site: Site) -> None:
    text = PLACER.replace("from ako import hookimpl", "from ako import Old, hookimpl\nimport ako\nako.Old")
    site.install("ako-old", "old = old_plugin", "0.9", old_plugin=text)
    said = site.ako("rbac", "--set", "ako.plugins.enabled=ingress,old")
    assert said.code == 0
    lines = [line for line in said.err.splitlines() if "plugin old" in line]
    goes = "is deprecated since plugin API 1.0 and goes away with 1.2: use"
    assert lines == [
        f"warning: plugin old (ako-old 0.9): ako.Old {goes} ako.Backend (asked for by old_plugin)",
        f"warning: plugin old (ako-old 0.9): ako_place_backend(backend) {goes} another",
    ]
    assert "plugin ingress" not in said.err, "who does not use it is told nothing"


@pytest.mark.usefixtures("today")
def test_a_plugin_that_uses_what_has_gone_is_told_what_to_use(site: Site) -> None:
    site.install("ako-old", "old = old_plugin", "0.9", old_plugin="from ako import Gone")
    said = site.ako("rbac", "--set", "ako.plugins.enabled=ingress,old")
    assert said.code == 64
    assert "ako.Gone went away with plugin API 0.3: use ako.Pool" in said.err


def test_what_is_deprecated_is_there_until_it_has_gone_and_then_no_more() -> None:
    for name, found in DEPRECATED.items():
        hook, _, argument = name.partition("(")
        if name.startswith("ako."):
            assert name.removeprefix("ako.") not in ako.__all__
            assert found.has_gone(ako.PLUGIN_API) or found.value is not None
        else:
            is_there = hasattr(AkoHooks, hook) and argument.rstrip(")") in str(getattr(AkoHooks, hook).__annotations__)
            assert is_there != found.has_gone(ako.PLUGIN_API)


@pytest.mark.filterwarnings("default")
def test_other_warnings_of_a_plugin_stay_what_they_are(site: Site) -> None:
    site.install("ako-loud", "loud = loud_plugin", loud_plugin=f"import warnings\nwarnings.warn('loud')\n{PLACER}")
    with pytest.warns(UserWarning, match="loud"):
        assert site.ako("rbac", "--set", "ako.plugins.enabled=ingress,loud").code == 0
