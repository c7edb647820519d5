"""A name means one plugin: which distributions may offer which names, and how it is told where two offer the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from ako.cli.main import main
from ako.core.base.version import version
from tests.contract.third_party import install_by_hand

PLACER = """
'''Places nothing.'''
from ako import hookimpl


@hookimpl
def ako_place_backend(backend):
    '''Leave it to others.'''
"""
ENABLED = "ako.plugins.enabled=ingress,clusterip_routes"


class Said(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


class Site:
    """A folder on the path into which distributions are installed, and the commands that see them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def install(self, distribution: str, points: str, version: str = "1.0", **modules: str) -> None:
        install_by_hand(self.folder, distribution, version, points, modules)

    def ako(self, *words: str) -> Said:
        self._capsys.readouterr()
        code = main(words)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Site]:
    """Give a folder on the path; what was imported from it is forgotten."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Site(tmp_path, capsys)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def two(site: Site) -> None:
    site.install("ako-one", "sites = one_sites", "1.2", one_sites=PLACER)
    site.install("ako-two", "sites = two_sites", "3.4", two_sites=PLACER)


def test_two_distributions_of_one_name_are_refused_and_both_named(site: Site) -> None:
    two(site)
    said = site.ako("plugins", "list", "--set", f"{ENABLED},sites")
    assert said.code == 64
    (line,) = said.err.splitlines()
    assert "plugin name sites is offered by" in line
    assert f"ako-one 1.2 (one_sites, in {site.folder}" in line
    assert f"ako-two 3.4 (two_sites, in {site.folder}" in line
    assert "`pip uninstall ako-one` or `pip uninstall ako-two`" in line
    assert "leave sites out of ako.plugins.enabled" in line
    assert not {"one_sites", "two_sites"} & set(sys.modules), "none of them was loaded"


@pytest.mark.parametrize(
    "command", [("rbac",), ("config", "show"), ("run", "--once", "--manifests", "."), ("plan", "--manifests", ".")]
)
def test_no_command_runs_with_one_of_them(site: Site, command: tuple[str, ...]) -> None:
    two(site)
    said = site.ako(*command, "--set", f"{ENABLED},sites")
    assert (said.code, said.out) == (64, "")
    assert "ako-one 1.2" in said.err
    assert "ako-two 3.4" in said.err


def test_a_doubled_name_that_is_not_enabled_harms_nobody_and_is_listed(site: Site) -> None:
    two(site)
    said = site.ako("plugins", "list")
    assert (said.code, said.err) == (0, "")
    rows = [line.split() for line in said.out.splitlines() if line.startswith("sites ")]
    assert [row[1:6] for row in rows] == [
        ["no", "ako-one", "1.2", "third", "party"],
        ["no", "ako-two", "3.4", "third", "party"],
    ]
    assert "fault: plugin name sites is offered by ako-" in said.out
    assert site.ako("rbac").code == 0


@pytest.mark.parametrize("enabled", [ENABLED, "ako.plugins.enabled=clusterip_routes,loadbalancer"])
@pytest.mark.parametrize("value", ["evil", "ako.plugins.ingress.plugin"], ids=["its own", "ours"])
def test_the_name_of_a_built_in_plugin_is_never_anothers(site: Site, enabled: str, value: str) -> None:
    site.install("not-ako", f"ingress = {value}", "6.6", evil="raise SystemExit(0)")
    for command in (("rbac",), ("plugins", "list"), ("config", "show")):
        said = site.ako(*command, "--set", enabled)
        assert said.code == 64
        assert f"plugin name ingress belongs to ako {version()}, and not-ako 6.6 ({value}, in " in said.err
        assert "`pip uninstall not-ako`" in said.err
    assert "evil" not in sys.modules


def test_nor_that_of_one_who_says_that_it_is_ako(site: Site) -> None:
    """Its metadata is before ours on the path, and hides ours from who looks for the first only."""
    site.install("AKO", "ingress = evil\nmore = evil", "99", evil=PLACER)
    said = site.ako("rbac")
    assert said.code == 64
    assert "AKO 99 (evil, in " in said.err


def test_one_distribution_that_means_two_things_by_a_name_is_told(site: Site) -> None:
    site.install("ako-torn", "sites = one_sites\nsites = two_sites", one_sites=PLACER, two_sites=PLACER)
    said = site.ako("rbac", "--set", f"{ENABLED},sites")
    assert said.code == 64
    assert "plugin name sites stands for two things in one distribution: ako-torn 1.0 (one_sites, in " in said.err
    assert "(two_sites, in " in said.err


def test_one_distribution_with_its_metadata_in_two_places_is_one(site: Site) -> None:
    """As an editable installation is, seen from its checkout; ours is in these tests."""
    site.install("ako-sites", "sites = one_sites", one_sites=PLACER)
    install_by_hand(site.folder, "Ako.Sites", "1.1", "sites = one_sites", {})
    said = site.ako("plugins", "list", "--set", f"{ENABLED},sites")
    assert (said.code, said.err) == (0, "")
    assert len([line for line in said.out.splitlines() if line.startswith("sites ")]) == 1


def test_what_has_no_metadata_is_nobody_s_and_named_by_its_place(site: Site) -> None:
    """As an installation that was broken off leaves it."""
    for name, points in (("ours", "ingress = ako.plugins.ingress.plugin"), ("theirs", "sites = one_sites")):
        (site.folder / f"{name}-1.dist-info").mkdir()
        (site.folder / f"{name}-1.dist-info" / "entry_points.txt").write_text(f"[ako.plugins]\n{points}\n")
    said = site.ako("rbac")
    assert said.code == 64
    assert f"a distribution without a name (ako.plugins.ingress.plugin, in {site.folder}" in said.err
    assert "Remove it, or" in said.err
    listed = site.ako("plugins", "list").out
    assert " - " in next(line for line in listed.splitlines() if line.startswith("sites "))


def test_metadata_that_cannot_be_read_is_no_reason_not_to_start(site: Site) -> None:
    site.install("broken", "nonsense without an equals sign")
    (site.folder / "bad-1.dist-info").mkdir()
    (site.folder / "bad-1.dist-info" / "entry_points.txt").write_bytes(b"[ako.plugins]\nx = \xff\xfe\n")
    assert site.ako("plugins", "list").code == 0
    assert site.ako("rbac").code == 0


NEEDS = "from ako import Needs, hookimpl\n@hookimpl\ndef ako_needs():\n    return Needs(api='"
BROKEN: Mapping[str, tuple[str, str]] = {
    "does not import": ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    "ends the process": ("raise SystemExit(0)", "does not load: SystemExit: 0"),
    "for another ako": (
        "from ako import NotYetThere",
        "it may be written for another plugin API than 1.1; this is ako",
    ),
    "no hook": ("x = 1", "it has no hook, so that nothing would ever be asked of it; there are ako_settings"),
    "no mark": ("def ako_kinds():\n    return ()", "its ako_kinds has not the mark @ako.hookimpl"),
    "a newer API": (
        f"{NEEDS}1.7')\n@hookimpl\ndef ako_of_a_later_day():\n    pass",
        "it wants plugin API 1.7, and this is plugin API 1.1: install a newer ako, or an older version of the plugin",
    ),
    "another API": (
        f"{NEEDS}0.9')",
        "it wants plugin API 0.9, and this is plugin API 1.1: install a newer version of the plugin, or an older ako",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_plugin_is_named_with_its_distribution(site: Site, what: str) -> None:
    module, told = BROKEN[what]
    site.install("ako-mine", "mine = mine_broken", "2.0", mine_broken=module)
    run = site.ako("rbac", "--set", f"{ENABLED},mine")
    assert (run.code, run.out) == (64, "")
    (line,) = run.err.splitlines()
    assert line.startswith("ako: plugin mine (ako-mine 2.0")
    assert told in line
    listed = site.ako("plugins", "list", "--set", f"{ENABLED},mine")
    assert listed.code == 64
    assert told in listed.out
    assert any(line.startswith("ingress ") and "Ingress," in line for line in listed.out.splitlines())
    shown = site.ako("plugins", "show", "mine")
    assert shown.code == 64
    assert told in shown.out


def test_as_long_as_it_is_not_enabled_it_harms_nobody(site: Site) -> None:
    """It is not even loaded, so that what is wrong with it makes no difference."""
    site.install("ako-mine", "mine = mine_broken", "2.0", mine_broken="raise SystemExit(0)")
    for command in (("rbac",), ("plugins", "list"), ("plugins", "show", "ingress"), ("version",)):
        assert site.ako(*command).code == 0
    assert "mine_broken" not in sys.modules


def test_all_that_is_wrong_is_told_at_once(site: Site) -> None:
    site.install("ako-a", "a = broken_a", broken_a="def ako_kinds(): ...\ndef ako_discover(source, view): ...")
    site.install("ako-b", "b = broken_b", broken_b=PLACER.replace("(backend)", "(backend, views)"))
    said = site.ako("rbac", "--set", f"{ENABLED},a,b")
    lines = said.err.splitlines()
    assert ["ako_discover" in lines[0], "ako_kinds" in lines[1], "takes views" in lines[2]] == [True] * 3
    assert len(lines) == 3
