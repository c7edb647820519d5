"""The page that lists all metrics, as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"

WORD = re.compile(r"`([^`]+)`")
OPEN = {"kind", "source", "plugin", "tenant", "type", "status", "version", "python"}
OPEN |= {"implementation", "major", "minor", "patchlevel"}
"""Labels whose values the page describes and does not list."""


class Row(NamedTuple):
    """A metric as the page has it."""

    name: str
    type: str
    labels: frozenset[str]
    present: str
    question: str


def metrics() -> Iterator[Row]:
    """Give the metrics."""
    for cells in _tables(5):
        name, kind, labels, present, question = cells
        yield Row(WORD.findall(name)[0], kind, frozenset(WORD.findall(labels)), present, question)


def label_values() -> dict[tuple[str, str], set[str]]:
    """Give the values that a label of a metric may have, by (metric, label); `all` for those of any metric."""
    found: dict[tuple[str, str], set[str]] = {}
    for names, of, values in _tables(3):
        listed = set(WORD.findall(re.sub(r"\[[^]]*\]\([^)]*\)", "", values)))
        for label in WORD.findall(names):
            found.update({(metric, label): listed for metric in WORD.findall(of) or ["all"]})
    every = reasons() | found["ako_problems", "reason"]
    for metric in ("ako_problems", "ako_hosts_unserved", "ako_ports_unserved"):
        found[metric, "reason"] |= every
    return found


def reasons() -> set[str]:
    """Give the words of Events that the page lists."""
    return set(WORD.findall(PAGE.read_text(encoding="utf-8").partition("### Reasons")[2]))


def _tables(columns: int) -> Iterator[list[str]]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            yield cells
