"""The guides for authors of plugins: what they have written down is a plugin that works, and tests that pass.

The blocks of Python of a page are one module, in order; it is installed under the name that the page gives it, and its
tests are run. Blocks of YAML are objects that the plugin takes.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from ako.testing import Rehearsal, ref_of
from ako.testing.plugin_source import source_faults
from tests.contract.third_party import install_by_hand

GUIDES = Path(__file__).parents[2] / "docs" / "plugins" / "guides"
PAGES = sorted(path.stem for path in GUIDES.glob("*.md"))
TESTS = "from ako.testing import"
"""What a block has in it that is not the plugin, but tests of it."""


def text_of(page: str) -> str:
    return (GUIDES / f"{page}.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


def module_name(page: str) -> str:
    """Give the name that the page gives the module: the plugin is called so without `ako_`."""
    (name,) = set(re.findall(r"`(ako_\w+)\.py`", text_of(page)))
    return str(name)


@pytest.fixture(params=PAGES)
def guide(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Give the module of a page, installed."""
    name = module_name(request.param)
    plugin = name.removeprefix("ako_")
    install_by_hand(tmp_path, name, "1", f"{plugin} = {name}", {name: "\n".join(blocks(request.param, "python"))})
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for the program, where a test starts it
    module = importlib.import_module(name)
    yield module
    del sys.modules[name]


def test_every_guide_is_named() -> None:
    assert PAGES == ["placement", "policies", "settings", "source", "static-routes", "status", "translation"]


def test_the_tests_of_a_guide_pass(guide: ModuleType) -> None:
    tests = [value for name, value in vars(guide).items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


@pytest.mark.parametrize("page", PAGES)
def test_the_plugin_of_a_guide_has_nothing_that_plugins_must_not_have(page: str, tmp_path: Path) -> None:
    plugin = [block for block in blocks(page, "python") if TESTS not in block]
    assert len(plugin) < len(blocks(page, "python"))
    (tmp_path / "plugin.py").write_text("\n".join(plugin), encoding="utf-8")
    assert list(source_faults(tmp_path / "plugin.py", "plugin")) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")])
def test_the_objects_of_a_guide_are_understood(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module_name(page)
    plugin = name.removeprefix("ako_")
    install_by_hand(tmp_path, name, "1", f"{plugin} = {name}", {name: "\n".join(blocks(page, "python"))})
    monkeypatch.syspath_prepend(str(tmp_path))
    rehearsal = Rehearsal((plugin, "clusterip_routes"))
    for block in blocks(page, "yaml"):
        for manifest in _objects(block):
            assert rehearsal.unreadable(manifest) == ""
            rehearsal.apply(manifest)
            assert rehearsal.discovery(manifest) is not None, ref_of(manifest)
    del sys.modules[name]


def _objects(block: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(block))
