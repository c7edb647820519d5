"""What may come in from a plugin that is asked why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ako.core.hooks.judge.meaning import name_fault
from ako.core.hooks.reasons import LeftOut, Whose


def whose_faults(found: Whose) -> Iterator[str]:
    """Say what is wrong with the reason for which an object is ours, or is not."""
    if not found.why:
        yield "why is empty"


def left_out_faults(found: Sequence[LeftOut]) -> Iterator[str]:
    """Say what is wrong with what is left out."""
    for index, one in enumerate(found):
        if not one.why:
            yield f"[{index}].why is empty"
        for field, name in (("address", one.address), ("pod", one.pod), ("node", one.node)):
            if fault := name_fault(name):
                yield f"[{index}].{field} {fault}"
