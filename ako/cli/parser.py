"""A parser of arguments that answers a fault of usage in one line, with what was probably meant.

A word that nobody knows is repeated only if it is close to one that is known: it may be a secret in a wrong place.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from ako.core.base.wording import meant, nearest

USAGE_FAULT = 64


class Parser(argparse.ArgumentParser):
    """Takes what was declared and nothing else, and ends the process with 64 otherwise."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[argparse.Namespace, list[str]]:  # type: ignore[override]  # of the overloads only this is used
        """Take arguments; what is not known here is refused here, where it is known which command it was given to."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown))
        return parsed, []

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where it is said what would be right."""
        mark = "" if message.endswith("?") else ";"
        self.exit(USAGE_FAULT, f"{self.prog}: {message}{mark} see `{self.prog} --help`\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a word that is not among those which there are to choose from."""
        choices = [str(choice) for choice in action.choices or ()]
        if not choices or str(value) in choices:
            return
        is_command = isinstance(action.choices, dict)
        what = f"unknown {str(action.metavar).lower()}" if is_command else "unknown value"
        near = nearest(str(value), choices, 0.6)
        word = f"{what} {value}{meant(near)}" if near else f"{what}: must be one of {', '.join(choices)}"
        raise argparse.ArgumentError(None if is_command else action, word)

    def _unknown(self, words: Sequence[str]) -> str:
        """Name options that nobody knows, without their values, and only count what else there is too much."""
        names = [word.partition("=")[0] for word in words if word.startswith("--")]
        if not names:
            return "one word too many" if len(words) == 1 else f"{len(words)} words too many"
        options = [option for option in self._option_string_actions if option.startswith("--")]
        what = "unknown argument" if len(names) == 1 else "unknown arguments"
        return f"{what} {', '.join(_with_meaning(names, options))}"


def _with_meaning(names: Iterable[str], options: Sequence[str]) -> Iterable[str]:
    for name in names:
        near = nearest(name, options, 0.6)
        yield f"{name}{meant(near)}" if near else name


def add_format_argument(parser: argparse.ArgumentParser, *more: str) -> None:
    """Add `--format`: for people or for programs, and whatever other forms a command has."""
    choices = ("text", "json", *more)
    parser.add_argument("--format", choices=choices, default="text", help="for people, or for programs (default: text)")
