"""Three judges of a values file: the program, the schema by `jsonschema`, and the schema by helm's own engine."""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from helm_python.chart import Chart
from helm_python.errors import HelmError

from ako.cli.config import declare
from ako.core.settings import ConfigText, SettingsError, Sources, load_settings
from ako.core.settings.keys import key_table
from ako.core.settings.schema import helm_schema

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

SCHEMA = helm_schema(key_table({}))


@functools.cache
def validator() -> Draft7Validator:
    """Give what judges by the schema."""
    # It makes grammars for a second as it is imported, for whoever collects tests too.
    from jsonschema import Draft7Validator  # noqa: PLC0415 - see above

    return Draft7Validator(SCHEMA)


def values_with(key: str, value: object) -> dict[str, Any]:
    """Give a values file with one key."""
    *above, last = key.split(".") if not key.startswith("ako-") else [key]
    values: dict[str, Any] = {}
    branch = values
    for name in above:
        branch = branch.setdefault(name, {})
    branch[last] = value
    return values


def schema_takes(values: Mapping[str, object]) -> bool:
    return bool(validator().is_valid(values))


def program_refuses(values: Mapping[str, object]) -> str:
    """Give the report of the program, empty if it takes the file."""
    text = yaml.safe_dump(values, default_flow_style=True, width=10**6)
    try:
        load_settings(Sources(config_files=(ConfigText(Path("values.yaml"), text.encode()),)))
    except SettingsError as error:
        return str(error)
    return ""


def show(values: Mapping[str, object], folder: Path) -> tuple[int, str]:
    """Run `ako config show --config FILE`; give its exit code and what it says beside the table."""
    path = folder / "values.yaml"
    path.write_text(json.dumps(values))
    parser = argparse.ArgumentParser(prog="ako config")
    declare(parser)
    args = parser.parse_args(["show", "--config", str(path)])
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code: int = args.run(args)
    return code, said.getvalue()


def helm_chart(folder: Path) -> Chart:
    """Give a chart of nothing but the schema."""
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: ako\nversion: 0.0.1\n")
    (folder / "values.yaml").write_text("{}\n")
    (folder / "values.schema.json").write_text(json.dumps(SCHEMA))
    return Chart.load(folder)


def helm_takes(chart: Chart, values: Mapping[str, object]) -> bool:
    try:
        chart.validate_schema(dict(values))
    except HelmError:
        return False
    return True
