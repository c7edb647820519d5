"""`--help` is complete: what a command does, what each argument means, defaults, exit codes, an example."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from ako.cli.main import COMMANDS, build_parser


def actions_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Give what a parser takes, but for `--help` and the choice of what is below it."""
    passed_over = (argparse._HelpAction, argparse._SubParsersAction)
    return (action for action in parser._actions if not isinstance(action, passed_over))


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Give the parsers of what a command has below it, by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return found


def leaves() -> dict[str, argparse.ArgumentParser]:
    """Give the parser of everything that can be typed, by what is typed."""
    found: dict[str, argparse.ArgumentParser] = {}
    for command in COMMANDS:
        parser = below(build_parser(command))[command]
        found.update({f"{command} {name}": leaf for name, leaf in below(parser).items()} or {command: parser})
    return found


LEAVES = leaves()


@pytest.mark.parametrize("typed", LEAVES)
def test_it_is_said_what_it_does_how_it_ends_and_how_it_is_typed(typed: str) -> None:
    parser = LEAVES[typed]
    assert parser.description
    assert parser.description.endswith(".")
    epilog = parser.epilog or ""
    assert epilog.startswith("Exit codes: 0 "), "how it ends"
    assert f"Example: ako {typed}" in epilog, "an example"
    assert "64" in epilog, "every command knows a fault of usage"


@pytest.mark.parametrize("typed", LEAVES)
def test_each_argument_is_explained_with_its_default(typed: str) -> None:
    for action in actions_of(LEAVES[typed]):
        name = "/".join(action.option_strings) or action.dest
        assert action.help, f"{name} has no help"
        takes_value = bool(action.option_strings) and action.nargs != 0
        if takes_value and not action.required and "repeatable" not in action.help:
            assert "default" in action.help or action.default in (None, "", [], ()), f"{name}: its default"
        assert action.metavar or action.choices or not takes_value or "%(default)s" in action.help, f"{name}: a word"


@pytest.mark.parametrize("command", COMMANDS)
def test_who_has_others_below_says_what_they_do(command: str) -> None:
    parser = below(build_parser(command))[command]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            assert parser.description
            assert {one.dest for one in action._choices_actions} == set(action.choices)
            assert all(one.help for one in action._choices_actions)


@pytest.mark.parametrize("typed", LEAVES)
def test_the_example_can_be_typed(typed: str) -> None:
    example = (LEAVES[typed].epilog or "").partition("Example: ako ")[2].removesuffix(".")
    words = example.partition(" | ")[0].partition(" > ")[0].split()
    build_parser(words[0]).parse_args(words)
