"""`python -m tests.wrongs`: does all that plugins can do wrong; docs/plugins/faults.md gets what was said of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ako.sim import Simulator
from tests.e2e.stage import AviControl, Stage
from tests.wrongs import page
from tests.wrongs.catalogue import RUNNING
from tests.wrongs.scene import Scene
from tests.wrongs.starting import STARTING
from tests.wrongs.test_starting import refusal_of
from tests.wrongs.trial import tried


def main() -> int:
    """Do them all; end with 1, and leave the page as it is, if one is not held."""
    with _stage() as stage:
        trial = tried(Scene(stage, RUNNING))
    with _stage() as stage:
        refusals = {wrong.name: refusal_of(stage, wrong) for wrong in STARTING}
    print(*trial.faults, sep="\n", file=sys.stderr)
    if trial.faults:
        return 1
    page.written({**trial.lines, **refusals})
    print(page.PAGE)
    return 0


@contextmanager
def _stage() -> Iterator[Stage]:
    with TemporaryDirectory() as folder, Simulator() as simulator, AviControl(simulator.url) as avi:
        yield Stage(Path(folder), avi, simulator.url)


if __name__ == "__main__":
    sys.exit(main())
