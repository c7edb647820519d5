"""`python -m bench`: the command line of the benchmark."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import requests

from bench.cells import CELLS, Cell
from bench.errors import BenchError
from bench.measuring import Measured, measure
from bench.results import median, write_json, write_page
from bench.table import remark, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; give 0, or 1 if a cell could not be measured."""
    options = _parser().parse_args(arguments)
    if options.list:
        print(*(cell.name for cell in CELLS), sep="\n")
        return 0
    cells = [cell for cell in CELLS if cell.name in options.only] if options.only else list(CELLS)
    # The processes of a cell are ended on the way out, whatever the reason.
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    began = datetime.now(UTC)
    try:
        results, failures = _run(cells, options.repeat)
    finally:
        signal.signal(signal.SIGTERM, before)
    if results:
        print(table(results))
        for result in results:
            print(remark(result))
        print(f"Everything is in {write_json(results, began)}")
        if options.docs:
            write_page(results, began)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _run(cells: Sequence[Cell], repeats: int) -> tuple[list[Measured], list[str]]:
    results: list[Measured] = []
    failures: list[str] = []
    for number, cell in enumerate(cells, 1):
        _progress(f"{number} of {len(cells)}: {cell.name} …")
        try:
            results.append(median([measure(cell) for _ in range(repeats)]))
        except (BenchError, requests.RequestException) as error:
            failures.append(f"{cell.name}: {error}")
    _progress("")
    return results, failures


def _progress(text: str) -> None:
    """Say on a terminal what is going on; say nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measures `ako run` against the simulator and the Kubernetes stand-in."
    )
    names = [cell.name for cell in CELLS]
    parser.add_argument(
        "--only", action="append", choices=names, metavar="CELL", help="measure this cell only; repeatable"
    )
    parser.add_argument("--list", action="store_true", help="name the cells")
    parser.add_argument("--repeat", type=_count, default=1, metavar="N", help="measure N times, give the medians")
    parser.add_argument("--docs", action="store_true", help="put the table into docs/benchmark.md")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return count


if __name__ == "__main__":
    sys.exit(main())
