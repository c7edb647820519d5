"""The language of `match`: text → a tree of matchers. Pure.

    Host(`a.example.org`) && (PathPrefix(`/api`) || Header("X-Version", "2"))

`!` binds most, then `&&`, then `||`, as in Go, whose strings these are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

LONGEST = 8192
DEEPEST = 40
"""How many brackets and `!` may stand inside of each other."""


class Matcher(Struct, frozen=True):
    """One condition, such as ``PathPrefix(`/api`)``, with its name in lower case."""

    name: str
    arguments: tuple[str, ...]
    written: str


class Not(Struct, frozen=True):
    """What it holds must not be so."""

    part: Node


class All(Struct, frozen=True):
    """All of it must be so."""

    parts: tuple[Node, ...]


class Any(Struct, frozen=True):
    """Any of it must be so."""

    parts: tuple[Node, ...]


Node = Matcher | Not | All | Any


class SyntaxFault(Struct, frozen=True):
    """Why a text is no expression, and at which character, from 1."""

    what: str
    at: int


def parse(text: str) -> Node | SyntaxFault:
    """Read an expression."""
    if len(text) > LONGEST:
        return SyntaxFault(f"it has more than {LONGEST} characters", LONGEST + 1)
    try:
        return _Reader(text).whole()
    except _WrongError as wrong:
        return SyntaxFault(wrong.what, wrong.at + 1)


class _WrongError(Exception):
    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


class _Token(Struct, frozen=True):
    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<raw>`[^`]*`)|(?P<quoted>"(?:[^"\\\n]|\\.)*")|(?P<sign>&&|\|\||[!(),])"""
)
_BLANK = re.compile(r"[ \t\r\n]*")
_END = "end"


def _tokens(text: str) -> Iterator[_Token]:
    at = _skipped(text, 0)
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _WrongError(f"{text[at : at + 10]!r} is not expected", at)
        yield _Token(found.lastgroup or "", found[0], at)
        at = _skipped(text, found.end())
    yield _Token(_END, "", at)


def _skipped(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def whole(self) -> Node:
        node = self._any(0)
        if self._here.kind != _END:
            raise self._unexpected("&& or || or the end")
        return node

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _takes(self, sign: str) -> bool:
        taken = self._here.kind == "sign" and self._here.text == sign
        self._next += taken
        return taken

    def _require(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unexpected(sign)

    def _unexpected(self, wanted: str) -> _WrongError:
        found = repr(self._here.text) if self._here.text else "the end"
        return _WrongError(f"{found} where {wanted} is expected", self._here.at)

    def _any(self, depth: int) -> Node:
        parts = [self._all(depth)]
        while self._takes("||"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self._takes("&&"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise _WrongError(f"more than {DEEPEST} brackets inside of each other", self._here.at)
        if self._takes("!"):
            return Not(self._one(depth + 1))
        if self._takes("("):
            node = self._any(depth + 1)
            self._require(")")
            return node
        return self._matcher()

    def _matcher(self) -> Matcher:
        name = self._here
        if name.kind != "name":
            raise self._unexpected("a matcher")
        self._next += 1
        self._require("(")
        arguments = []
        if not self._takes(")"):
            arguments.append(self._string())
            while self._takes(","):
                arguments.append(self._string())
            self._require(")")
        end = self._tokens[self._next - 1].at + 1
        return Matcher(name.text.lower(), tuple(arguments), self._text[name.at : end])

    def _string(self) -> str:
        token = self._here
        if token.kind not in {"raw", "quoted"}:
            raise self._unexpected('a text in ` or "')
        self._next += 1
        inner = token.text[1:-1]
        if token.kind == "raw":
            return inner
        if bad := re.search(r"\\[^\\\"]", re.sub(r"\\\\", "  ", inner)):
            raise _WrongError(f'{bad[0]} in a text; only \\\\ and \\" are known', token.at + 1 + bad.start())
        return re.sub(r"\\(.)", r"\1", inner)
