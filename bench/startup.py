"""`python -m bench.startup --against DIR`: what a start costs, here and in another checkout, measured in turns.

Both run with our interpreter and our packages, so that what differs is the code of the two. Each keeps its compiled
modules in a folder of its own, filled by a first start that does not count. Processor time is read while the process
waits for us: for the first line of its settings, or for the answer to its first request.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from bench.boot import LIMIT, fill_cluster
from bench.cells import Cell
from bench.errors import BenchError
from bench.processes import Program, wait_for
from bench.stage import Stage, set_up
from bench.table import Row, aligned, spelt

HERE = Path(__file__).parent.parent
MANIFESTS = ("--manifests", str(HERE / "examples" / "manifests"))
CLUSTER = Cell("startup", 10, 0, shards=1)
_QUIET = 1.0
_HEADER: Row = ("command", "figure", "here", "there", "ratio")


class Tree(Struct, frozen=True):
    """A checkout, and where its compiled modules go."""

    code: Path
    compiled: Path

    @property
    def variables(self) -> Mapping[str, str]:
        """Give the variables with which a process runs this code."""
        return {"PYTHONPATH": str(self.code), "PYTHONPYCACHEPREFIX": str(self.compiled)}


class Start(Struct, frozen=True):
    """A start of a command, the name of what it costs, and how that is measured."""

    command: str
    figure: str
    measure: Callable[[Tree, Path], float]


def until_settings(*command: str) -> Callable[[Tree, Path], float]:
    """Measure the processor time in ms until a command asks for the first line of its settings."""

    def measured(tree: Tree, folder: Path) -> float:
        settings = folder / "values.yaml"
        os.mkfifo(settings)
        with Program(["ako", *command, "--config", str(settings)], folder / "log", tree.variables) as program:

            def opened() -> int | None:
                program.require_running()
                with contextlib.suppress(OSError):  # nobody reads it yet
                    return os.open(settings, os.O_WRONLY | os.O_NONBLOCK)
                return None

            writer = wait_for(opened, LIMIT, f"`ako {command[0]}` reads its settings", pause=0.001)
            try:
                return _read_and_end(program)
            finally:
                os.close(writer)

    return measured


def until_request(*command: str) -> Callable[[Tree, Path], float]:
    """Measure the processor time in ms until the first request has reached the Controller."""

    def measured(tree: Tree, folder: Path) -> float:
        with socket.create_server(("127.0.0.1", 0)) as controller:
            controller.settimeout(LIMIT)
            settings = folder / "values.yaml"
            settings.write_text(json.dumps(_settings(controller.getsockname()[1])), encoding="utf-8")  # JSON is YAML
            with Program(["ako", *command, "--config", str(settings)], folder / "log", tree.variables) as program:
                connection, _ = controller.accept()
                with connection:
                    connection.recv(1)
                    return _read_and_end(program)

    return measured


def _read_and_end(program: Program) -> float:
    milliseconds = program.cpu_seconds() * 1000
    program.kill()
    return milliseconds


def _settings(port: int) -> Mapping[str, Mapping[str, object]]:
    return {
        "AKOSettings": {"clusterName": "bench", "apiServerPort": 0},
        "ControllerSettings": {"controllerHost": f"http://127.0.0.1:{port}"},
        "avicredentials": {"username": "admin", "password": "admin"},
    }


def memory_of_run(stage: Stage, tree: Tree) -> float:
    """Measure the MiB that `ako run` holds once it has nothing left to do."""
    stage.avi.mark()
    with stage.start_ako(tree.variables) as ako:
        stage.avi.settled(lambda found: len(found) > 5, _QUIET, LIMIT)
        return ako.memory_mib()


STARTS = (
    Start("config show", "CPU until settings are read (ms)", until_settings("config", "show")),
    Start("plugins list", "CPU until settings are read (ms)", until_settings("plugins", "list")),
    Start("plan", "CPU until settings are read (ms)", until_settings("plan", *MANIFESTS)),
    Start("plan", "CPU until the first request (ms)", until_request("plan", *MANIFESTS)),
    Start("run", "CPU until settings are read (ms)", until_settings("run", *MANIFESTS)),
    Start("run", "CPU until the first request (ms)", until_request("run", *MANIFESTS)),
)


def compare(here: Path, there: Path, turns: int) -> Iterator[Row]:
    """Give the rows of the table: medians of so many turns, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="ako-startup-") as compiled:
        trees = [Tree(code, Path(compiled) / name) for name, code in (("here", here), ("there", there))]
        for start in STARTS:
            yield _row(start.command, start.figure, _in_turns(partial(_once, start), trees, turns))
        with set_up(CLUSTER) as stage:
            fill_cluster(stage, CLUSTER, spare=0)
            held = _in_turns(partial(memory_of_run, stage), trees, turns)
        yield _row("run", "memory after the start (MiB)", held)


def _once(start: Start, tree: Tree) -> float:
    with tempfile.TemporaryDirectory(prefix="ako-startup-") as folder:
        return start.measure(tree, Path(folder))


def _in_turns(measure: Callable[[Tree], float], trees: Sequence[Tree], turns: int) -> Sequence[float]:
    """Give the median of each tree; each goes first as often as second, and its first start does not count."""
    found: Mapping[Tree, list[float]] = defaultdict(list)
    for turn in range(turns + 1):
        for tree in trees if turn % 2 else reversed(trees):
            found[tree].append(measure(tree))
    return [statistics.median(found[tree][1:]) for tree in trees]


def _row(command: str, figure: str, values: Sequence[float]) -> Row:
    here, there = values
    return (command, figure, spelt(here), spelt(there), f"{here / there:.3f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and give 0; 1 if that did not work."""
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description="Compares what a start costs.")
    parser.add_argument("--against", type=Path, required=True, metavar="DIR", help="the other checkout")
    parser.add_argument("--turns", type=int, default=10, metavar="N", help="starts of each that count (default: 10)")
    options = parser.parse_args(arguments)
    try:
        print(aligned(_HEADER, compare(HERE, options.against.resolve(), options.turns)), end="")
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
