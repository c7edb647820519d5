"""The short form: a few Ingresses, and each fault once."""

from __future__ import annotations

from tests.soak.report import table
from tests.soak.soak import Soak


def test_every_fault_once_in_churn_leaves_nothing_behind() -> None:
    """Avi and all statuses are those of a controller that sees only the end; every fault has hit."""
    progress: list[str] = []
    result = Soak(0, 20, seed=1, say=progress.append, haste=0.4).run()
    assert not result.faults, "\n".join([*progress, *table(result)])
    assert min(result.hits.values()) > 0
