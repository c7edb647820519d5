"""Mutations of a script: a line less, or another word."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z_0-9]*|\d+|==|~=|\.\.|[<>+-]')
_OTHER = {
    "==": "~=",
    "~=": "==",
    "..": ",",
    "<": ">=",
    ">": "<=",
    "+": "-",
    "-": "+",
    "true": "false",
    "false": "true",
    "nil": "0",
}


def broken(script: str) -> Iterator[tuple[str, str, str]]:
    """Give (what was done, to what, the script as it is then)."""
    lines = script.splitlines(keepends=True)
    for number, line in enumerate(lines):
        yield "line dropped", line.strip(), "".join([*lines[:number], *lines[number + 1 :]])
        if line.lstrip().startswith("--"):
            continue
        for word in _WORDS.finditer(line):
            other = _changed(word[0])
            changed = f"{line[: word.start()]}{other}{line[word.end() :]}"
            yield (
                "word changed",
                f"{word[0]} → {other} in {line.strip()}",
                "".join([*lines[:number], changed, *lines[number + 1 :]]),
            )


def _changed(word: str) -> str:
    if word.isdigit():
        return str(int(word) + 1)
    if word.startswith('"'):
        return f'{word[:-1]}x"'
    return _OTHER.get(word, f"{word}_")
