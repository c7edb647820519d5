"""`ako config`: what the settings are, where each came from, and what they may be."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from ako.cli.screen import Screen, Style, Words
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.base.errors import AkoError
from ako.core.base.wording import meant, some_of
from ako.core.settings import LoadedSettings
from ako.core.settings.keys import KeyTable, key_table
from ako.core.settings.near_keys import near_key
from ako.core.settings.plain import changed, shown
from ako.core.settings.schema import helm_schema

_DONE = 0
_UNKNOWN = 1
_SETTINGS_FAULT = 64
_LEAST, _ENOUGH = 10, 24
"""Columns that a value has at least, and how many are enough where places need the rest."""

Rows = Mapping[str, Mapping[str, Any]]
"""Helm key → the `value` and the `origin` of that."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what `ako config show`, `get` and `schema` take."""
    parser.description = "Shows the settings as they would be in force, and where each came from; changes nothing."
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    show = actions.add_parser(
        "show",
        help="every setting, its value and where it came from; secrets are masked",
        description="Prints every setting, its value and where it came from. Secrets are masked. At a terminal long "
        "values are cut, else they are whole.",
        epilog="Exit codes: 0 shown; 64 settings fault. Example: ako config show --changed --config values.yaml",
    )
    show.add_argument("--changed", action="store_true", help="only what is not as it is by default")
    show.add_argument("--format", choices=tuple(_FORMATS), default="text", help="default: text")
    show.set_defaults(run=_show)
    get = actions.add_parser(
        "get",
        help="the value of one setting, and nothing else",
        description="Prints the value of one setting: a text as it is, all else as JSON. A secret is masked.",
        epilog="Exit codes: 0 printed; 1 there is no such setting; 64 settings fault. "
        "Example: ako config get L7Settings.shardVSSize --config values.yaml",
    )
    get.add_argument("key", metavar="KEY", help="as `ako config show` has it, such as L7Settings.shardVSSize")
    get.set_defaults(run=_get)
    for action in (show, get):
        add_settings_arguments(action)
    schema = actions.add_parser(
        "schema",
        help="the JSON schema of the file that --config takes",
        description="Prints the JSON schema of the file that --config takes, which is values.yaml of the chart.",
        epilog="Exit codes: 0 printed; 64 a fault of usage. Example: ako config schema > values.schema.json",
    )
    schema.set_defaults(run=_schema)


def _show(args: argparse.Namespace) -> int:
    loaded = _loaded(args)
    if loaded is None:
        return _SETTINGS_FAULT
    rows = shown(loaded)
    _FORMATS[args.format]({helm: rows[helm] for helm in changed(loaded)} if args.changed else rows)
    return _DONE


def _get(args: argparse.Namespace) -> int:
    loaded = _loaded(args)
    if loaded is None:
        return _SETTINGS_FAULT
    row = shown(loaded).get(args.key)
    if row is None:
        print(f"ako config get: {_not_there(args.key, loaded.keys)}", file=sys.stderr)
        return _UNKNOWN
    print(row["value"] if isinstance(row["value"], str) else json.dumps(row["value"], ensure_ascii=False))
    return _DONE


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(helm_schema(key_table({})), indent=2))
    return _DONE


def _loaded(args: argparse.Namespace) -> LoadedSettings | None:
    """Load the settings and say what there is to say of them; None if they cannot be used, which is said."""
    try:
        loaded, _ = load_with_plugins(sources_from(args, os.environ))
    except AkoError as error:
        print(error, file=sys.stderr)
        return None
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if loaded.settings.ako_settings.log_level == "DEBUG":
        print(*(f"debug: {note}" for note in loaded.notes), sep="\n", end="\n" * bool(loaded.notes), file=sys.stderr)
    return loaded


def _not_there(key: str, table: KeyTable) -> str:
    """Say that there is no such setting, and what was meant; what is like none may be a secret."""
    if key in table.sections:
        return f"{key} is a section: it has {some_of(known for known in table.by_helm if known.startswith(f'{key}.'))}"
    near = near_key(key, table)
    return f"there is no {key}{meant(near)}" if near else "there is no such setting; `ako config show` lists all"


def _text(rows: Rows) -> None:
    """Print a line a setting; at a terminal as wide as that is."""
    screen = Screen()
    cells = [(helm, _cell(row["value"]), row["origin"]) for helm, row in rows.items()]
    if screen.is_terminal:
        cells = _fitted(cells, screen.width)
    screen.table(
        (helm, Words(value, Style.FAINT if origin == "default" else Style.STRONG), Words(origin, Style.FAINT))
        for helm, value, origin in cells
    )


def _fitted(cells: list[tuple[str, str, str]], width: int) -> list[tuple[str, str, str]]:
    """Cut what is too long for a line: values at their end, places at their beginning, for the line is at their end."""
    first, second, third = (max((len(cell[column]) for cell in cells), default=0) for column in range(3))
    room = width - first - 4
    for_origins = min(third, max(room // 2, room - min(second, _ENOUGH)))
    for_values = room - for_origins
    if for_values < _LEAST:
        return cells  # too narrow for columns: lines are folded
    return [(helm, _cut(value, for_values), _cut(origin[::-1], for_origins)[::-1]) for helm, value, origin in cells]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _cell(value: Any) -> str:
    """Give a value on one line; a text of several lines, such as a certificate, is told by its length."""
    if isinstance(value, str) and "\n" in value:
        return f"({len(value.splitlines())} lines)"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _json(rows: Rows) -> None:
    print(json.dumps(rows, indent=2, ensure_ascii=False))


def _yaml(rows: Rows) -> None:
    sys.stdout.write(yaml.safe_dump(dict(rows), sort_keys=False, allow_unicode=True, width=120))


_FORMATS: Mapping[str, Callable[[Rows], None]] = {"text": _text, "json": _json, "yaml": _yaml}
