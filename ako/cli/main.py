"""`ako`: one parser, one module per command.

Exit codes: 0 done, 1 failed, 2 `plan` found changes or `cleanup` was not confirmed, 64 usage or settings fault.
SIGTERM and SIGINT end `run` and `sim` in good order, with 0, and `cleanup` too, with 1 if something is left; any other
command that signal n ends gives 128+n.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ako.cli import cleanup, config, demo, openshift, plan, plugins, run, sim
from ako.core.base.errors import AkoError
from ako.core.settings import SettingsError

USAGE_FAULT = 64


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_FAULT, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """Build the parser with all commands."""
    parser = _Parser(
        prog="ako",
        description="Keeps an Avi load balancer in line with what a Kubernetes or OpenShift cluster declares.",
        epilog="Exit codes: 0 done, for `run` and `sim` at a signal too; 1 failed; 2 `plan` found changes, or "
        "`cleanup` was not confirmed; 64 usage or settings fault; 128+n any other command at signal n.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (run, plan, cleanup, config, plugins, openshift, sim, demo):
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code."""
    parsed = build_parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE_FAULT
    except AkoError as error:
        print(f"ako: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
