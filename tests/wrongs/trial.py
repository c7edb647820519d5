"""Wrongs, done: what the product says of them, and whether others are served, nothing is lost, and all recovers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.e2e.stage import Running
from tests.waiting import PATIENCE, eventually, wait_until
from tests.wrongs.scene import Scene
from tests.wrongs.wrong import Held, Wrong

NUDGED_SECONDS = 1.0
"""After so long without a word the objects are changed once more: not every wrong is done each time."""

MOST_NUDGES = 12

OFTEN = 0.1
"""Seconds between two looks at what takes a while to look at."""


class Log(Protocol):
    """What a program said."""

    @property
    def err(self) -> str:
        """Give it."""


@dataclass
class Trial:
    """What was seen: what is not as it should be, and the lines that tell of each, by its name."""

    faults: list[str] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)


def tried(scene: Scene) -> Trial:
    """Have all plugins of a scene do wrong at the same time, and mend that."""
    trial = Trial()
    with scene.start() as ako:
        _come_in_line(scene, ako)
        scene.remember()
        scene.put_signal(is_wrong=True)
        scene.put(is_wrong=True)
        scene.put_other("second")
        _be_told(trial, scene, ako)
        scene.change_other("10.0.0.7", "10.0.0.8")
        _be_counted(trial, scene.wrongs, ako)
        trial.faults += scene.losses()
        scene.put_signal(is_wrong=False)
        scene.put(is_wrong=False, path="/mended")
        if wait_until(lambda: not scene.unserved("mended") or None, interval=OFTEN) is None:
            trial.faults.append(f"not recovered: {', '.join(scene.unserved('mended'))}")
        if wait_until(lambda: not scene.untold("/mended") or None, interval=OFTEN) is None:
            trial.faults.append(f"not told after that: {', '.join(scene.untold('/mended'))}")
        if ako.process.poll() is not None:
            trial.faults.append("the process has ended")
        else:
            ako.stop()
    return trial


def _come_in_line(scene: Scene, ako: Running) -> None:
    eventually(lambda: not scene.unserved(), f"all served: {scene.unserved()}\n{ako.err[-3000:]}", interval=OFTEN)
    eventually(lambda: not scene.untold("/"), "all told so", interval=OFTEN)
    eventually(lambda: scene.avi.pool_of("shop.com"), "shop.com served")
    ako.becomes_ready()


def _be_told(trial: Trial, scene: Scene, ako: Running) -> None:
    """Wait until the log names each; change the objects meanwhile."""
    for times in range(1, MOST_NUDGES):
        if wait_until(lambda: not unnamed(scene.wrongs, ako) or None, NUDGED_SECONDS, interval=OFTEN):
            break
        scene.put(is_wrong=True, times=times)
    else:
        trial.faults += [f"no line tells of {wrong.name} ({wrong.says})" for wrong in unnamed(scene.wrongs, ako)]
    trial.lines = {wrong.name: line_of(wrong, ako.err) for wrong in scene.wrongs}


def _be_counted(trial: Trial, wrongs: Sequence[Wrong], ako: Running) -> None:
    """Wait until metrics have told of each."""
    told = [wrong for wrong in wrongs if wrong.held is not Held.BORNE]
    left = {f'ako_plugin_failures_total{{hook="{wrong.hook}",plugin="{wrong.name}"}}' for wrong in told}
    left |= {f'ako_plugin_suspended{{plugin="{wrong.name}"}}' for wrong in wrongs if wrong.held is Held.SUSPENDED}

    def are_all_seen() -> bool:
        samples = (line.rpartition(" ") for line in ako.get("/metrics").text.splitlines())
        left.difference_update(name for name, _, value in samples if value not in {"0", "0.0"})
        return not left

    wait_until(lambda: are_all_seen() or None, min(PATIENCE, 20), interval=0.1)
    trial.faults += sorted(f"no metric tells of it: {name}" for name in left)


def unnamed(wrongs: Iterable[Wrong], log: Log) -> list[Wrong]:
    """Give those of which a log does not tell, and should."""
    said = log.err
    return [wrong for wrong in wrongs if wrong.held is not Held.BORNE and not line_of(wrong, said)]


def line_of(wrong: Wrong, log: str) -> str:
    """Give the line of a log that tells of a wrong; empty if there is none."""
    if wrong.held is Held.BORNE:
        return ""
    whose = (line for line in log.splitlines() if f"`{wrong.name}`" in line and wrong.hook in line)
    return next((line for line in whose if is_said(wrong.says, line)), "")


def is_said(pattern: str, line: str) -> bool:
    """Say whether the parts of a pattern are in a line, in their order."""
    at = 0
    for part in pattern.split("…"):
        found = line.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
