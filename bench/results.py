"""Keeps results: JSON with everything for programs, the table in the documentation for readers."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from bench.measuring import Machine, Measured
from bench.table import remark, table

FOLDER = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "benchmark.md"
_BEGIN, _END = "<!-- figures: written by `python -m bench --docs` -->\n", "<!-- end of figures -->\n"


def median(repeats: Sequence[Measured]) -> Measured:
    """Give the median of each figure over repeats of a cell; requests are those of the first."""
    first = repeats[0]
    figures = {name: statistics.median(repeat.figures[name] for repeat in repeats) for name in first.figures}
    machine = Machine(
        repeats[0].machine.load_before,
        repeats[-1].machine.load_after,
        max(repeat.machine.others_percent for repeat in repeats),
    )
    return Measured(first.cell, figures, first.details, machine)


def write_json(results: Sequence[Measured], began: datetime, folder: Path = FOLDER) -> Path:
    """Write a file named by the time the run began; give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{began:%Y-%m-%dT%H%M%S}.json"
    document = {"began": began, "surroundings": surroundings(), "cells": results}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
    return path


def write_page(results: Sequence[Measured], began: datetime, page: Path = PAGE) -> None:
    """Replace the figures in the documentation."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    remarks = "\n".join(f"* {remark(result)}" for result in results)
    where = f"Run of {began:%d %B %Y}; {surroundings()}; how busy the machine was with other things stands below."
    page.write_text(f"{before}{_BEGIN}\n{where}\n\n{table(results)}\n{remarks}\n\n{_END}{after}", encoding="utf-8")


def surroundings() -> str:
    """Describe the machine as far as it matters for figures."""
    return f"{os.cpu_count()} processors, Python {platform.python_version()}"
