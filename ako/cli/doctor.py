"""`ako doctor`: what is wrong around the program, asked one by one; changes nothing."""

from __future__ import annotations

import argparse
import json

from ako.cli.examination import Examination, quiet
from ako.cli.parser import add_format_argument
from ako.cli.progress import progress
from ako.cli.screen import Screen, Style, Words
from ako.cli.wiring import add_looking_arguments
from ako.diagnosis.finding import Finding, Verdict

_STYLES = {
    Verdict.OK: Style.GOOD,
    Verdict.WARNING: Style.WARNING,
    Verdict.WRONG: Style.BAD,
    Verdict.UNKNOWN: Style.FAINT,
}


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Looks at all that the program depends on, a line for each check: settings, Kubernetes, rights, the Avi "
        "Controller and its cloud, other controllers, what is declared. Changes nothing, and goes on where something "
        "cannot be looked at."
    )
    parser.epilog = (
        "Exit codes: 0 nothing is wrong, though there may be warnings; 1 something is wrong; 64 a fault of usage. "
        "Example: ako doctor --kubeconfig ~/.kube/config --config values.yaml"
    )
    add_looking_arguments(parser)
    parser.add_argument(
        "--as", dest="user", default="", metavar="USER", help="look at the rights of this user (default: whoever asks)"
    )
    add_format_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make all checks, and print what each found as soon as it is known."""
    found: list[Finding] = []
    with quiet(), progress() as line:
        line.say("looking")
        screen = Screen()
        for finding in Examination(arguments).examine():
            found.append(finding)
            if arguments.format == "text":
                _print(screen, finding)
    if arguments.format == "json":
        print(json.dumps([finding.as_json() for finding in found], indent=2, ensure_ascii=False))
    else:
        counts = {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}
        screen.line(", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count))
    return int(any(finding.verdict is Verdict.WRONG for finding in found))


def _print(screen: Screen, finding: Finding) -> None:
    mark = Words(f"[{finding.verdict.value}]", _STYLES[finding.verdict])
    screen.line(mark, " " * (10 - len(mark.text)), Words(finding.check, Style.STRONG), f": {finding.sentences}")
