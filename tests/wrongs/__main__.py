"""`python -m tests.wrongs`: does all that plugins can do wrong; docs/plugins/faults.md gets what was said of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ako.sim import Simulator
from tests.e2e.stage import AviControl, Stage
from tests.wrongs import page
from tests.wrongs.catalogue import COSTLY, RUNNING
from tests.wrongs.scene import Scene
from tests.wrongs.starting import STARTING
from tests.wrongs.test_starting import refusal_of
from tests.wrongs.trial import Trial, tried
from tests.wrongs.wrong import Wrong


def main() -> int:
    """Do them all; end with 1, and leave the page as it is, if one is not held."""
    trials = [_trial(wrong for wrong in RUNNING if wrong.name not in COSTLY)]
    trials += [_trial([wrong]) for wrong in RUNNING if wrong.name in COSTLY]
    faults = [fault for trial in trials for fault in trial.faults]
    with _stage() as stage:
        refusals = {wrong.name: refusal_of(stage, wrong) for wrong in STARTING}
    print(*faults, sep="\n", file=sys.stderr)
    if faults:
        return 1
    page.written({**refusals, **{name: line for trial in trials for name, line in trial.lines.items()}})
    print(page.PAGE)
    return 0


def _trial(wrongs: Iterable[Wrong]) -> Trial:
    with _stage() as stage:
        return tried(Scene(stage, tuple(wrongs)))


@contextmanager
def _stage() -> Iterator[Stage]:
    with TemporaryDirectory() as folder, Simulator() as simulator, AviControl(simulator.url) as avi:
        yield Stage(Path(folder), avi, simulator.url)


if __name__ == "__main__":
    sys.exit(main())
