"""`ako explain`: why a host, an object or an address is as it is, from the source object to the servers and back."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence

import msgspec

from ako.cli.screen import Screen, Style, Words
from ako.cli.wiring import add_cluster_arguments, wire
from ako.core.explain.answer import Answer
from ako.core.explain.outline import Line, Tone
from ako.core.explain.reading import outline_of

_STYLES = {
    Tone.GOOD: Style.GOOD,
    Tone.WARNING: Style.WARNING,
    Tone.BAD: Style.BAD,
    Tone.FAINT: Style.FAINT,
}
INDENT = 2


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Says of a host, an object or an address why it is as it is: who asks for it and who has it, by which rules, "
        "with which servers, what is wrong and what would make it right. Writes nothing."
    )
    parser.epilog = "Exit codes: 0 answered, also of what is not ours; 1 nothing of that name is known, or failed."
    parser.add_argument(
        "question",
        nargs="+",
        metavar="QUESTION",
        help="HOST[/PATH], KIND/NAMESPACE/NAME, a name or uuid on the Avi Controller, TYPE/NAME, or an IP address",
    )
    add_cluster_arguments(parser)
    parser.add_argument("--format", choices=("text", "json", "outline"), default="text", help="how to print it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answer, and print that."""
    answer = _answer(arguments, " ".join(arguments.question))
    if arguments.format == "json":
        print(_json(answer))
    elif arguments.format == "outline":
        print(_json(outline_of(answer)))
    else:
        show(Screen(), outline_of(answer))
    return 0 if answer.is_found else 1


def _answer(arguments: argparse.Namespace, question: str) -> Answer:
    controller = wire(arguments, follows=False).controller
    with controller.looking():
        return controller.questions.answer(question)


def _json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False)


def show(screen: Screen, lines: Iterable[Line]) -> None:
    """Print lines within lines: those at the top each as a headline, with a column of labels below."""
    for line in lines:
        label = Words(line.label, Style.STRONG)
        screen.line(label, "  ", _words(line))
        _remedy(screen, line, INDENT)
        _within(screen, line.lines, INDENT)


def _within(screen: Screen, lines: Sequence[Line], indent: int) -> None:
    width = max((len(line.label) for line in lines), default=0)
    for line in lines:
        label = f"{line.label:{width}}  " if width else ""
        screen.line(Words(label, Style.FAINT), _words(line), indent=indent)
        inner = indent + len(label)
        _remedy(screen, line, inner)
        _within(screen, line.lines, inner)


def _remedy(screen: Screen, line: Line, indent: int) -> None:
    if line.remedy:
        screen.line(Words(f"→ {line.remedy}", Style.STRONG), indent=indent)


def _words(line: Line) -> str | Words:
    style = _STYLES.get(line.tone)
    return Words(line.text, style) if style else line.text
