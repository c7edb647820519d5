"""What docs/plugins.md tells authors to type works as it stands there."""

from __future__ import annotations

import configparser
import json
import re
import runpy
import sys
from pathlib import Path

import pytest
import yaml

from ako.sim import Simulator, SimulatorOptions
from tests.contract.third_party import install_by_hand, run

DOCUMENT = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
LINES_AT_MOST = 32


def block(language: str, beginning: str) -> str:
    """Give the fenced block that begins so."""
    found = re.search(rf"^```{language}\n({re.escape(beginning)}.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} block begins with {beginning!r}"
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the files of the tutorial; the metadata is what installing it would leave."""
    setup = configparser.ConfigParser()
    setup.read_string(block("ini", "[metadata]"))
    metadata, options = setup["metadata"], setup["options"]
    points = setup["options.entry_points"]["ako.plugins"].strip()
    modules = {options["py_modules"]: block("python", '"""Services with')}
    install_by_hand(tmp_path / "site", metadata["name"], metadata["version"], points, modules)
    (tmp_path / "test_hello.py").write_text(block("python", "from ako.testing"), encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "web.yaml").write_text(block("yaml", "apiVersion: v1"), encoding="utf-8")
    return tmp_path


def python(folder: Path, *arguments: str, expected: int = 0) -> str:
    variables = {"PYTHONPATH": str(folder / "site")}
    return run(arguments, folder, variables, expected).stdout


def test_the_plugin_is_as_short_as_promised() -> None:
    assert len(block("python", '"""Services with').splitlines()) <= LINES_AT_MOST


def test_the_test_that_it_shows_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder / "site"))
    shown = runpy.run_path(str(folder / "test_hello.py"))
    tests = [value for name, value in shown.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()
    del sys.modules["ako_hello"]


@pytest.mark.campaign
def test_its_tests_pass(folder: Path) -> None:
    told = python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_hello.py")
    assert "passed" in told


def test_it_serves_what_it_promises(folder: Path) -> None:
    with Simulator(SimulatorOptions()) as simulator:
        settings = {
            **yaml.safe_load(block("yaml", "ako:")),
            "AKOSettings": {"apiServerPort": 0},
            "ControllerSettings": {"controllerHost": simulator.url},
            "avicredentials": {"username": "admin", "password": "admin"},
        }
        (folder / "values.yaml").write_text(json.dumps(settings), encoding="utf-8")
        where = ("--manifests", "manifests", "--config", "values.yaml")
        planned = python(folder, "-m", "ako", "plan", *where, expected=2)
    assert "my-cluster--hello.avi.internal_-default-web" in planned
    assert "hello" in python(folder, "-m", "ako", "plugins", "list", "--config", "values.yaml")
