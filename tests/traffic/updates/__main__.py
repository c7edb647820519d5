"""`python -m tests.traffic.updates`: plays all stories, and ends with 1 if a request is lost or too few were asked."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.traffic.updates.stories import STORIES, play
from tests.traffic.updates.stream import Count
from tests.traffic.updates.world import Size

ENOUGH = 20_000
CLIENTS = 3


def told(counts: Sequence[tuple[str, Count]]) -> str:
    """Give the table."""
    width = max(map(len, STORIES))
    rows = [(name, f"{count.asked:,}", f"{count.moved:,}", f"{len(count.lost):,}") for name, count in counts]
    total = Count(*(sum(values) for values in zip(*((c.asked, c.moved) for _, c in counts), strict=True)))
    lost = sum(len(count.lost) for _, count in counts)
    rows = [("story", "requests", "moved", "lost"), *rows, ("all", f"{total.asked:,}", f"{total.moved:,}", f"{lost:,}")]
    return "\n".join(f"{a:<{width}}{b:>10}{c:>8}{d:>7}" for a, b, c, d in rows)


def main() -> int:
    """Play the stories that are asked for, else all."""
    parser = argparse.ArgumentParser(prog="python -m tests.traffic.updates", description=__doc__)
    parser.add_argument("--story", action="append", choices=STORIES, help="only this one; can be repeated")
    parser.add_argument("--between", type=int, default=150, metavar="N", help="requests between changes (%(default)s)")
    parser.add_argument("--at-write", type=int, default=15, metavar="N", help="requests at each write (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="at a time (default: %(default)s)")
    arguments = parser.parse_args()
    size, began = Size(arguments.between, arguments.at_write, arguments.between, CLIENTS), time.monotonic()
    counts: dict[str, Count] = {}
    with ProcessPoolExecutor(arguments.processes, get_context("spawn")) as pool:
        plays = {pool.submit(play, name, size): name for name in arguments.story or STORIES}
        for done in as_completed(plays):
            counts[plays[done]] = done.result()
            for lost in done.result().lost[:3]:
                print(f"{plays[done]}: {lost}", flush=True)
    print(told([(name, counts[name]) for name in STORIES if name in counts]))
    asked, lost_ones = sum(c.asked for c in counts.values()), sum(len(c.lost) for c in counts.values())
    print(f"{asked:,} requests, {lost_ones} lost, {time.monotonic() - began:.0f} s")
    is_enough = asked >= ENOUGH or bool(arguments.story)
    if not is_enough:
        print(f"that is less than {ENOUGH:,}")
    return 1 if lost_ones or not is_enough else 0


if __name__ == "__main__":
    sys.exit(main())
