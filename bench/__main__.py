"""`python -m bench`: measures the cells, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.cells import CELLS, Cell
from bench.measure import REPEATS, Result, measure

RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--list", action="store_true", help="list the cells and end")
    parser.add_argument("--only", action="append", metavar="CELL", help="measure this cell; repeatable")
    parser.add_argument(
        "--repeats", type=int, default=REPEATS, help="single changes of each kind (default %(default)s)"
    )
    parser.add_argument("--output", type=Path, help="JSON file (default: bench/results/<time>.json)")
    parsed = parser.parse_args(arguments)
    wanted = [cell for cell in CELLS if not parsed.only or cell.name in parsed.only]
    if parsed.list:
        print("\n".join(cell.name for cell in CELLS))
        return 0
    results = [(cell, measure(cell, parsed.repeats, _say)) for cell in wanted]
    print("\n".join(table(results)))
    output = parsed.output or RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(msgspec.json.format(msgspec.json.encode([result for _, result in results])))
    return 0


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"… {text}", file=sys.stderr, flush=True)


def table(results: Sequence[tuple[Cell, Result]]) -> Iterator[str]:
    """Give the figures as Markdown, with Go AKO's and our targets beside them."""
    yield f"Load of the machine at the end: {os.getloadavg()[0]:.1f}; processors: {os.cpu_count()}."
    yield ""
    yield "| start | hosts on Avi | + statuses | new Ingress | peak memory | CPU | requests | sent | Go AKO |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for cell, result in results:
        start, peer = result.start, cell.peer
        yield (
            f"| {cell.name} | {_against(start.programmed, peer.programmed, 's')} "
            f"| {_against(start.statuses, peer.statuses, 's')} | {_against(start.newcomer, peer.newcomer, 's')} "
            f"| {_against(start.memory, peer.memory, 'MiB')} | {start.cpu:.1f} s | {sum(start.requests.values())} "
            f"| {start.sent_bytes / 1024:.0f} KiB | {peer.figures} |"
        )
    yield ""
    yield "| change | time | CPU | writes | dependent steps | sent |"
    yield "|---|---|---|---|---|---|"
    for cell, result in results:
        for name, change in result.changes.items():
            yield (
                f"| {cell.name}: {name} | {change.milliseconds:.0f} ms | {change.cpu_milliseconds:.0f} ms "
                f"| {change.writes} | {change.steps} | {change.sent_bytes / 1024:.1f} KiB |"
            )
        if result.burst_seconds is not None:
            yield f"| {cell.name}: 300 hosts at once | {result.burst_seconds * 1000:.0f} ms | | | | |"
        yield f"| {cell.name}: restart without changes | | | {result.restart[0]} of {result.restart[1]} requests | | |"


def _against(value: float, target: float | None, unit: str) -> str:
    digits = 0 if unit == "MiB" else 1 if value >= 10 else 2
    if target is None:
        return f"{value:.{digits}f} {unit}"
    return f"{value:.{digits}f} {unit} {'≤' if value <= target else '**>**'} {target:g}"


if __name__ == "__main__":
    sys.exit(main())
