"""What GitHub reads as lists and tables, written so that Python-Markdown, which makes the site, reads it so too.

GitHub takes what is below a list's item for a part of it where it stands below the item's text, Python-Markdown where
it is four columns in; and a list or a table needs no empty line before it on GitHub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

ITEM = re.compile(r"(?:[*+-]|\d+[.)]) +(?=\S)")
FENCE = re.compile(r"`{3,}|~{3,}")


def for_the_site(markdown: str) -> str:
    """Give a document as Python-Markdown has to read it."""
    return "".join(f"{line}\n" for line in _lines(markdown.splitlines()))


def _lines(lines: Sequence[str]) -> Iterator[str]:
    number, before = 0, ""
    while number < len(lines):
        line = lines[number]
        item, fence = ITEM.match(line), FENCE.match(line)
        if fence:
            end = _end_of_fence(lines, number, fence[0])
            yield from lines[number:end]
        elif item:
            end = _end_of_item(lines, number + 1, len(item[0]))
            if before and not ITEM.match(before) and not before.startswith(" "):
                yield ""
            yield from _item(lines[number:end], item[0])
        else:
            end = number + 1
            if line.startswith("|") and before and not before.startswith("|"):
                yield ""
            yield line
        before = " " if item and lines[end - 1] else lines[end - 1]
        number = end


def _item(lines: Sequence[str], mark: str) -> Iterator[str]:
    first, *inner = _lines(
        [line[len(mark) :] if line[: len(mark)] in (mark, " " * len(mark)) else line for line in lines]
    )
    yield mark.rstrip() + " " + first
    yield from (f"    {line}" if line else "" for line in inner)


def _end_of_item(lines: Sequence[str], number: int, width: int) -> int:
    """Give the number of the first line that is no part of the item; empty lines at its end are none."""
    end = number
    while number < len(lines):
        line = lines[number]
        if line and not line.startswith(" " * width) and (not lines[number - 1] or ITEM.match(line.lstrip())):
            break
        number += 1
        end = number if line else end
    return end


def _end_of_fence(lines: Sequence[str], number: int, mark: str) -> int:
    return next((at + 1 for at in range(number + 1, len(lines)) if lines[at].strip() == mark), len(lines))
