"""`ako config`: what the settings are, where each came from, and what they may be."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.base.errors import AkoError
from ako.core.settings.keys import key_table
from ako.core.settings.plain import shown
from ako.core.settings.schema import helm_schema

_DONE = 0
_SETTINGS_FAULT = 64


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what `ako config show` and `ako config schema` take."""
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="every setting, its value and where it came from; secrets are masked")
    add_settings_arguments(show)
    show.add_argument("--format", choices=("text", "json", "yaml"), default="text", help="default: text")
    show.set_defaults(run=_show)
    schema = actions.add_parser("schema", help="the JSON schema of the file that --config takes")
    schema.set_defaults(run=_schema)


def _show(args: argparse.Namespace) -> int:
    try:
        loaded, _ = load_with_plugins(sources_from(args, os.environ))
    except AkoError as error:
        print(error, file=sys.stderr)
        return _SETTINGS_FAULT
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if loaded.settings.ako_settings.log_level == "DEBUG":
        print(*(f"debug: {note}" for note in loaded.notes), sep="\n", end="\n" * bool(loaded.notes), file=sys.stderr)
    sys.stdout.write(_FORMATS[args.format](shown(loaded)))
    return _DONE


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(helm_schema(key_table({})), indent=2))
    return _DONE


def _text(rows: Mapping[str, Mapping[str, Any]]) -> str:
    cells = [(helm, _cell(row["value"]), row["origin"]) for helm, row in rows.items()]
    first = max(len(cell[0]) for cell in cells)
    second = max(len(cell[1]) for cell in cells)
    return "".join(f"{helm:{first}}  {value:{second}}  {origin}\n" for helm, value, origin in cells)


def _cell(value: Any) -> str:
    """Give a value on one line; a text of several lines, such as a certificate, is told by its length."""
    if isinstance(value, str) and "\n" in value:
        return f"({len(value.splitlines())} lines)"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _json(rows: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _yaml(rows: Mapping[str, Mapping[str, Any]]) -> str:
    text: str = yaml.safe_dump(dict(rows), sort_keys=False, allow_unicode=True, width=120)
    return text


_FORMATS = {"text": _text, "json": _json, "yaml": _yaml}
