"""The table of docs/failures.md: what failures say is taken from there, how long it took from what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tests.monitoring.failures import CALM, FAILURES, READY, Failure
from tests.monitoring.rules import ROOT
from tests.monitoring.trial import Trial

PAGE = ROOT / "docs" / "failures.md"
HEAD = (
    "| what fails | `/readyz?verbose` | the log | both seen after | alerts, and after how long |",
    "|---|---|---|---|---|",
)


def told(failure: Failure) -> tuple[str, str, str]:
    """Give the cells that say what a failure is and what is seen of it."""
    readiness = "stays ready" if failure.readiness == READY else _quoted(failure.readiness) or "no answer"
    return failure.name, readiness, _quoted(failure.log) or "no line"


def _quoted(text: str) -> str:
    return f"`{text}`" if text else ""


def rows(trials: Sequence[Trial]) -> Iterator[str]:
    """Give the table."""
    yield from HEAD
    for trial in trials:
        shown = [seconds for where, seconds in trial.seconds.items() if where != "metric"]
        after = f"{max(shown):.1f} s" if shown else "–"
        alerts = ", ".join(f"[{name}](runbooks/{name}.md) {trial.fired[name]} min" for name in trial.failure.alerts)
        yield f"| {' | '.join(told(trial.failure))} | {after} | {alerts} |"


def written(trials: Sequence[Trial]) -> None:
    """Put the table into the page: of failures, not of what is none."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEAD[0])
    after = rest.partition("\n\n")[2]
    table = "\n".join(rows([trial for trial in trials if trial.failure in FAILURES]))
    PAGE.write_text(f"{before}{table}\n\n{after}", encoding="utf-8")


def read() -> Mapping[str, Sequence[str]]:
    """Give the cells of each row that is there, by what fails."""
    lines = PAGE.read_text(encoding="utf-8").partition(HEAD[1] + "\n")[2].partition("\n\n")[0].splitlines()
    found = (re.split(r" \| ", line.strip("| ")) for line in lines)
    return {cells[0]: cells for cells in found}


def is_whole(trials: Sequence[Trial]) -> bool:
    """Say whether all were tried, and none is otherwise than told."""
    return len(trials) == len(FAILURES) + len(CALM) and not any(trial.faults for trial in trials)
