"""`ako plan`: what `ako run` would do and for whom, without doing it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ako.cli.failed_plugins import tell_failed_plugins
from ako.cli.foreground import previewed
from ako.cli.parser import add_format_argument
from ako.cli.plan.as_json import as_json
from ako.cli.plan.as_text import show
from ako.cli.plan.saved import Compared, against, save
from ako.cli.screen import Screen, Style, Words
from ako.cli.wiring import add_cluster_arguments
from ako.core.control.preview import Preview

FOUND_CHANGES = 2
FOUND_PROBLEMS = 3


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Prints what `run` would create, update and delete, and for whom; writes nothing. "
        "Shared virtual services that serve nobody are shown as a new start would find them: to be deleted."
    )
    parser.epilog = (
        "Exit codes: 0 nothing to do; 2 there are changes, or some wait to be confirmed; "
        "3 there are problems, with --problems strict; "
        "1 failed, or a plugin did; 64 settings fault. "
        "Example: ako plan --config values.yaml --manifests manifests"
    )
    add_cluster_arguments(parser)
    add_format_argument(parser)
    parser.add_argument("--fields", action="store_true", help="show what is created field by field")
    parser.add_argument("--all", action="store_true", help="show every line, also where they do not fit the terminal")
    parser.add_argument(
        "--problems",
        choices=("told", "strict"),
        default="told",
        help="strict: end with 3 if an object has a problem (default: told)",
    )
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="keep what is wanted and what is there, for --against"
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="compare what is declared now with a state that --save kept; no Avi Controller is asked",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    if arguments.against is None:
        wired, preview = previewed(arguments)
        controller = wired.controller
        found = Compared(preview, controller.reconciler, wired.loaded, controller.plugins)
    else:
        found = against(arguments)
    if arguments.save is not None:
        save(found.reconciler, found.loaded, arguments)
    _tell(found.preview, arguments)
    if arguments.against is not None and arguments.format == "text":
        note = f"compared with {arguments.against}; no Avi Controller was asked"
        Screen().line(Words(note, Style.FAINT))
    if tell_failed_plugins(found.plugins.calls):
        return 1
    return _exit_code(found.preview, is_strict=arguments.problems == "strict")


def _tell(preview: Preview, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        print(json.dumps(as_json(preview), indent=2, ensure_ascii=False))
    else:
        show(preview, Screen(), with_fields=arguments.fields, is_whole=arguments.all)


def _exit_code(preview: Preview, *, is_strict: bool) -> int:
    if is_strict and preview.problems:
        return FOUND_PROBLEMS
    return FOUND_CHANGES if preview.plan or preview.held else 0
