"""The generated parts of the chart are what they are generated from, and versions agree."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python.chart import lint

from ako.core.settings.keys import key_table
from ako.core.settings.plain import plain
from tests.chart.generated import FILES
from tests.chart.place import CHART, ROOT, chart
from tests.chart.readme import described
from tests.rights.shipped import ako

VALUES = CHART / "values.yaml"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_is_as_generated(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == FILES[file](), f"{file.name} is old: run `make chart`"


def test_the_schema_is_what_the_command_prints() -> None:
    code, out, _ = ako("config", "schema")
    assert (code, out) == (0, (CHART / "values.schema.json").read_text(encoding="utf-8"))


def test_is_of_the_version_of_the_program() -> None:
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg")
    version = declared["metadata"]["version"]
    assert (chart().version, chart().metadata["appVersion"]) == (version, version)


def test_is_clean() -> None:
    report = lint(str(CHART), strict=True)
    assert not report["errors"]
    assert [message["error"] for message in report["messages"]] == ["icon is recommended"]


def at(values: Any, key: str) -> Any:
    for name in key.split("."):
        values = values[name]
    return values


def test_every_setting_is_there_at_its_default() -> None:
    values = yaml.safe_load(VALUES.read_text(encoding="utf-8"))
    for helm, key in key_table({}).by_helm.items():
        if helm == "AKOSettings.syncNamespace":
            continue  # it is refused
        wanted = "kubernetes" if helm == "L7Settings.pathMatching" else plain(key.default)
        given = at(values, helm)
        assert (None if given == "" else given) == (None if wanted == "" else wanted), helm


def test_every_key_is_explained() -> None:
    explained = {one.key: one for one in described(VALUES.read_text(encoding="utf-8"))}

    def unexplained(section: dict[str, Any], above: str) -> list[str]:
        found = []
        for name, value in section.items():
            one = explained.get(f"{above}{name}")
            if one is None:
                found.append(f"{above}{name}")
            elif isinstance(value, dict) and one.is_section:
                found += unexplained(value, f"{above}{name}.")
        return found

    assert unexplained(yaml.safe_load(VALUES.read_text(encoding="utf-8")), "") == []
