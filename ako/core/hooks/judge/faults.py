"""What is wrong with an answer, and how much of it is looked at."""

from __future__ import annotations

MOST_VALUES = 2_000_000
"""Values in one answer: fifty times those of a host with a hundred paths, each behind a hundred servers."""

MOST_TEXT = 32 * 2**20
"""Bytes of text in one answer, about: as a certificate with its chain has some ten thousand."""

_DEEPEST = 64


class Wrong(Exception):  # noqa: N818 - it is what is wrong, and no error of ours
    """Something in an answer is not as it must be: what, and where it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.where: list[str] = []

    def below(self, step: str) -> Wrong:
        """Note that it is in a field (`.claims`) or an entry (`[0]`) of something."""
        self.where.append(step)
        return self

    def __str__(self) -> str:
        """Give place and fault: `claims[0].rules[1].path is an int, not a text`."""
        return f"{''.join(reversed(self.where)).lstrip('.') or 'it'} {self.what}"


class Amount:
    """How much of one answer may still be looked at.

    Args:
        values: how many values.
        text: how many bytes of text, about.
    """

    __slots__ = ("_depth", "_text", "_values", "most_text", "most_values")

    def __init__(self, values: int = MOST_VALUES, text: int = MOST_TEXT) -> None:
        self.most_values, self.most_text = values, text
        self._values, self._text, self._depth = values, text, 0

    def value(self) -> None:
        """Count a value."""
        self._values -= 1
        if self._values < 0:
            raise Wrong(f"is one value too many: an answer has {self.most_values:,} at most")

    def text(self, size: int) -> None:
        """Count a text."""
        self._values -= 1
        self._text -= size
        if self._text < 0:
            raise Wrong(f"is too long: an answer has {self.most_text / 2**20:g} MiB of text at most")
        if self._values < 0:
            self.value()

    def deeper(self, values: int = 0) -> None:
        """Count a value that holds others, so many of them; `higher` follows when all were looked at."""
        self._values -= values + 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Wrong(f"is deeper than {_DEEPEST} values in each other")
        if self._values < 0:
            self.value()

    def higher(self, text: int = 0) -> None:
        """Count the text of a value that holds others."""
        self._depth -= 1
        self._text -= text
        if self._text < 0:
            self.text(0)
