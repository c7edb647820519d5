"""`ako`: one parser, one module per command, imported when that command is given.

Exit codes: 0 done, 1 failed, 2 `plan` found changes or `cleanup` was not confirmed, 3 `check` found problems, 64 a
fault of usage, of settings or of a plugin that cannot be loaded.
SIGTERM and SIGINT end `run` and `sim` in good order, with 0, and `cleanup` too, with 1 if something is left; any other
command that signal n ends gives 128+n.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from ako.cli.first_process import take_default_actions
from ako.cli.parser import USAGE_FAULT, Parser
from ako.core.base.errors import AkoError, PluginError
from ako.core.base.secrecy import Secrecy
from ako.core.base.version import DISTRIBUTION, version
from ako.core.settings import SettingsError

COMMANDS = {
    "run": "keep the Avi Controller in line with the cluster",
    "plan": "print what `run` would create, update and delete",
    "explain": "say why a host, an object or an address is as it is",
    "check": "find what is wrong with manifests and settings, without a cluster",
    "doctor": "say what is wrong with settings, rights, Kubernetes and the Avi Controller",
    "inspect": "write an archive with all that a bug report needs",
    "cleanup": "delete everything of ours on the Avi Controller",
    "config": "show the settings, or the schema of them",
    "plugins": "list plugins",
    "rbac": "print the rights that are needed in the cluster, or check them",
    "openshift": "look at a cluster: what is wrong with it, what a bug report needs",
    "sim": "simulate an Avi Controller",
    "demo": "show everything on example manifests, against the simulator",
    "version": "print the versions of the program, of Python and of the plugins",
}
"""What each does, in the order of the help. The module of that name in this package declares what it takes."""


class _Version(argparse.Action):
    """Prints the version; what that takes is done only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"{DISTRIBUTION} {version()}")
        parser.exit()


def build_parser(given: str) -> argparse.ArgumentParser:
    """Build the parser with all commands; only the given one is imported and declares its arguments."""
    parser = Parser(
        prog="ako",
        description="Keeps an Avi load balancer in line with what a Kubernetes or OpenShift cluster declares.",
        epilog="Exit codes: 0 done, for `run` and `sim` at a signal too; 1 failed; 2 `plan` found changes, or "
        "`cleanup` was not confirmed; 3 `check` found problems, or `plan` with --problems strict; 64 a "
        "fault of usage, of settings, or of a plugin that cannot be loaded; 128+n any other command at signal n.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        parser_of_command = commands.add_parser(name, help=summary)
        if name == given:
            import_module(f"ako.cli.{name}").declare(parser_of_command)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code."""
    take_default_actions()
    words = sys.argv[1:] if arguments is None else arguments
    command = next((word for word in words if not word.startswith("-")), "")
    parsed = build_parser(command).parse_args(words)
    secrecy: Secrecy = getattr(parsed, "secrecy", None) or Secrecy()
    with secrecy.over_streams():
        return _run(parsed)


def _run(parsed: argparse.Namespace) -> int:
    try:
        return int(parsed.run(parsed))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE_FAULT
    except PluginError as error:
        # Nothing was done, and a restart does not help: what is installed or enabled has to be another.
        print(f"ako: {error}", file=sys.stderr)
        return USAGE_FAULT
    except AkoError as error:
        print(f"ako: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # noqa: BLE001 - told here, where it is masked as all that is printed
        traceback.print_exc()
        return 1
