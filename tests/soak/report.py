"""The table of a soak: what was done, what went wrong, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.soak.soak import Result


def table(result: Result) -> Iterator[str]:
    """Give the lines."""
    yield "done"
    yield from (f"  {count:7}  {name}" for name, count in sorted(result.done.items()))
    yield "faults that hit"
    yield from (f"  {count:7}  {name}" for name, count in sorted(result.hits.items()))
    yield "ends of watches"
    yield from (f"  {count:7}  {name}" for name, count in sorted(result.ends.items()))
    yield f"writes to Avi: {result.writes}"
    yield f"after the warm-up: {result.first}"
    yield f"at the end:        {result.last}"
    yield from (f"WRONG {fault}" for fault in result.faults)
    yield "as it should be" if not result.faults else f"{len(result.faults)} faults"
