"""`ako check`: what is wrong with manifests and settings, by the rules of the program, before they are in a cluster."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ako.cli.check.gathering import gather
from ako.cli.check.junit import as_junit
from ako.cli.check.report import Report
from ako.cli.check.sarif import as_sarif, repository_of
from ako.cli.check.text import print_report
from ako.cli.failed_plugins import tell_failed_plugins
from ako.cli.progress import progress
from ako.cli.screen import Screen
from ako.cli.settings_arguments import add_settings_arguments
from ako.core.base.errors import AkoError
from ako.core.base.log import configure_logging

FOUND_PROBLEMS = 3


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Checks manifests and settings without a cluster and without an Avi Controller: tells what `run` would tell of "
        "these objects, with file and line."
    )
    parser.epilog = (
        "Exit codes: 0 nothing is wrong; 3 there are problems, also in the settings; 1 something could not be read, or "
        "a plugin failed; 64 a fault of usage, or a plugin that cannot be loaded. "
        "Example: ako check manifests --config values.yaml"
    )
    parser.add_argument(
        "places",
        nargs="+",
        type=Path,
        metavar="DIR|FILE",
        help="manifests: folders with all that is in them, and files, taken together; - is standard input",
    )
    add_settings_arguments(parser)
    parser.add_argument(
        "--format", choices=tuple(_FORMATS), default="text", help="how to write the report; default: text"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report to a file, and print it as text all the same"
    )
    parser.add_argument(
        "--domains",
        type=_domains,
        default=(),
        metavar="DOMAIN,…",
        help="DNS domains of the Avi cloud; without them any host is taken to be in one",
    )
    parser.add_argument(
        "--partial", action="store_true", help="objects that no file has are assumed to be in the cluster"
    )
    parser.add_argument("--verbose", action="store_true", help="list the objects that are not ours too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check, and tell."""
    configure_logging("ERROR", "text")
    with progress() as line:
        line.say("checking")
        gathered = gather(arguments)
    report, form = gathered.report, arguments.format
    if form == "text" or arguments.output is not None:
        print_report(report, Screen(), is_verbose=arguments.verbose)
    if arguments.output is not None:
        _write(arguments.output, arguments.secrecy.masked(_formed(report, form)))
    elif form != "text":
        sys.stdout.write(_formed(report, form))
    if gathered.calls is not None and tell_failed_plugins(gathered.calls):
        return 1
    return FOUND_PROBLEMS if report.findings else 0


def _formed(report: Report, form: str) -> str:
    """Give a report in a form; what is no text, as in the name of a file, is replaced."""
    return _FORMATS[form](report).encode(errors="replace").decode()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AkoError(f"--output {file}: {error.strerror}; name a file that can be written.") from error


def _domains(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _as_text(report: Report) -> str:
    text = io.StringIO()
    print_report(report, Screen(text), is_verbose=True)
    return text.getvalue()


def _as_json(report: Report) -> str:
    found = {
        "problems": msgspec.to_builtins(report.findings),
        "objects": msgspec.to_builtins(report.objects),
        "notes": report.notes,
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _as_sarif(report: Report) -> str:
    return json.dumps(as_sarif(report, repository_of(Path.cwd())), indent=2, ensure_ascii=False) + "\n"


_FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": _as_text,
    "json": _as_json,
    "sarif": _as_sarif,
    "junit": as_junit,
}
