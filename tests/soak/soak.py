"""One soak: churn and faults for a while, then peace, and the judgement."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.campaign.flavour import Flavour
from tests.campaign.judgement import undisturbed
from tests.campaign.life import settings_of
from tests.campaign.view import View, difference, view_of, without_unused
from tests.campaign.world import World
from tests.soak.churn import LABEL, VALUE, Churn, content_of
from tests.soak.faults import Faults
from tests.soak.process import Process
from tests.waiting import PATIENCE

GROWTH, SLACK_KB, SLACK_OBJECTS, SLACK_FILES = 0.05, 8 * 1024, 5_000, 8
"""Memory is flat if what is in use at rest, after all that happened, is no more than this share and this slack above
that after the warm-up, which is one round of all faults: objects that the garbage collector knows, blocks of Python,
and memory of the C library. What the machine has given is more, for free memory between what is used stays with the
process: of that the median of the second half may be so much above that of the first half, while it works.
"""

PAGES = 8
"""How many pages a list of all Ingresses has."""

BOOKMARKS = 0.2
"""Seconds between bookmarks, far below the silence after which a watch counts as dead."""


@dataclass(frozen=True)
class Selected(Flavour):
    """A cluster in which namespaces are served that have a label."""

    @property
    def flags(self) -> Mapping[str, str]:
        """Give the settings, by helm key."""
        selector = "AKOSettings.namespaceSelector"
        return {**super().flags, f"{selector}.labelKey": LABEL, f"{selector}.labelValue": VALUE}


@dataclass(frozen=True)
class Resources:
    """What a process has of the machine at rest."""

    rss_kb: int
    objects: int
    blocks: int
    kb: int
    threads: tuple[str, ...]
    files: int = 0
    types: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        memory = f"{self.rss_kb / 1024:.1f} MiB, {self.objects} objects, {self.blocks} blocks, {self.kb} KiB of C"
        return f"{memory}, {len(self.threads)} threads, {self.files} files"


@dataclass
class Result:
    """What came of it; faulty if there is anything in `faults`."""

    done: Mapping[str, int] = field(default_factory=dict)
    hits: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    first: Resources = Resources(0, 0, 0, 0, ())
    last: Resources = Resources(0, 0, 0, 0, ())
    writes: int = 0
    samples: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Soak:
    """A cluster and an Avi Controller, the controller between them, and all that happens.

    Args:
        seconds: how long it goes on after the warm-up; 0: one round of all faults, which is the warm-up.
        ingresses: how many there are.
        seed: of all chance but that of the machine.
        say: takes lines of progress.
        haste: the share of the usual time that each fault is given.
    """

    def __init__(
        self, seconds: float, ingresses: int, seed: int, say: Callable[[str], None], haste: float = 1.0
    ) -> None:
        self._seconds, self._ingresses, self._seed, self._say = seconds, ingresses, seed, say
        self._haste = haste
        self._rng = random.Random(seed)
        self._result = Result()
        self._bell = threading.Event()

    def run(self) -> Result:
        """Let it all happen, and judge the end."""
        flavour = Selected()
        with tempfile.TemporaryDirectory(prefix="soak-") as folder, World(flavour=flavour) as world:
            self._world, self._churn = world, Churn(world.kube, self._rng, self._ingresses)
            self._churn.begin()
            world.kube.set_token("the first")  # who never had one would be anonymous, and not be told to bring another
            world.kube.write_kubeconfig(world.kubeconfig)
            self._faults = Faults(world, self._churn, self._rng, lambda seconds: self._pass(seconds * self._haste))
            log = Path(folder) / "log"
            page = max(2, self._ingresses // PAGES)
            url, flags = world.simulator.url, settings_of(world)
            with Process(world.kubeconfig, url, flags, self._seed, page, log) as self._ako:
                self._play()
                self._judge(undisturbed(content_of(world.kube), self._seed, flavour))
                self._result.faults += (line for line in log.read_text().splitlines() if "Traceback" in line)
        return self._result

    def _play(self) -> None:
        self._rests("at first")
        self._say("all is served; now everything goes wrong")
        self._one_round()
        self._say("all is healed")
        self._heal()
        self._result.first = self._resources()
        self._say(f"after the warm-up: {self._result.first}")
        end = time.monotonic() + self._seconds
        while time.monotonic() < end:
            self._one_round()
            self._result.samples.append(self._ako.ask()["rss_kb"])
            self._say(f"{end - time.monotonic():4.0f} s left; {sum(self._churn.done.values())} changes; "
                      f"{self._result.samples[-1] / 1024:.1f} MiB")  # fmt: skip
        self._heal()
        state = self._ako.ask()
        self._result.done, self._result.ends = dict(self._churn.done), state["ends"]
        self._result.hits = self._faults.all_hits(state["ends"])
        self._result.writes = len(self._world.avi.writes_since(0))
        self._result.last = self._resources() if self._seconds else self._result.first

    def _one_round(self) -> None:
        """Play each fault once, with changes before and after."""
        for _ in range(self._faults.one_round):
            for _ in range(self._rng.randrange(3, 12)):
                self._churn.step()
            self._pass(0.1)
            self._faults.next()

    def _pass(self, seconds: float) -> None:
        """Let time go by; quiet watches are sent their bookmarks."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._world.kube.send_bookmarks()
            self._bell.wait(min(left, BOOKMARKS))

    def _heal(self) -> None:
        """End all that goes wrong, have as many Ingresses as at first, and wait until there is nothing left to do."""
        self._faults.heal()
        self._churn.fill_up()
        for _ in range(2):  # what is written while a full sync reads is not compared by it
            self._rests("after the faults ended")
            self._syncs_fully()
        self._rests("after the full syncs")

    def _syncs_fully(self) -> None:
        count = self._ako.ask()["full_syncs"]
        self._ako.ask("sync")
        self._comes(lambda: self._ako.ask()["full_syncs"] > count, "a full sync")

    def _rests(self, when: str) -> None:
        def rests() -> bool:
            state = self._ako.ask()
            return state["is_converged"] and not state["lost"] and state["full_syncs"] > 0

        for _ in range(2):
            self._comes(rests, f"rest {when}")
            self._pass(0.1)

    def _comes(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {what}: {self._ako.ask()}"
            self._pass(0.05)

    def _resources(self) -> Resources:
        counted, state = self._ako.ask("objects"), self._ako.ask()
        return Resources(
            rss_kb=state["rss_kb"],
            objects=counted["objects"],
            blocks=counted["blocks"],
            kb=counted["kb"],
            threads=tuple(state["threads"]),
            files=state["files"],
            types=counted["types"],
        )

    def _judge(self, expected: View) -> None:
        faults = self._result.faults
        wrong: list[str] = []

        def is_right() -> bool:
            wrong[:] = difference(without_unused(expected), without_unused(view_of(self._world)))
            return not wrong

        end = time.monotonic() + PATIENCE / 4
        while not is_right() and time.monotonic() < end:
            self._pass(0.5)
        faults += wrong
        faults += (f"touched, though not ours: {name}" for name in self._world.touched())
        faults += (f"never hit: {name}" for name, count in self._result.hits.items() if not count)
        faults += (f"never done: {name}" for name, count in self._result.done.items() if not count)
        if count := self._ako.ask()["faults"]:
            faults.append(f"{count} faults of the program; see its log")
        faults += _leaks(self._result)


def _leaks(result: Result) -> list[str]:
    """Say what the process has more of at the end than after the warm-up."""
    first, last = result.first, result.last
    found: list[str] = []
    if last.kb > first.kb * (1 + GROWTH) + SLACK_KB:
        found.append(f"memory of the C library grew from {first.kb} to {last.kb} KiB")
    if last.objects > first.objects * (1 + GROWTH) + SLACK_OBJECTS:
        more = {name: count - first.types.get(name, 0) for name, count in last.types.items()}
        told = ", ".join(f"{name} +{count}" for name, count in more.items() if count > 100)
        found.append(f"objects grew from {first.objects} to {last.objects}: {told}")
    if last.blocks > first.blocks * (1 + GROWTH) + SLACK_OBJECTS:
        found.append(f"blocks of memory grew from {first.blocks} to {last.blocks}")
    if last.files > first.files + SLACK_FILES:
        found.append(f"open files grew from {first.files} to {last.files}")
    if leaked := Counter(last.threads) - Counter(first.threads):
        found.append(f"threads leaked: {', '.join(sorted(leaked))}")
    half = len(result.samples) // 2
    if half >= 3 and median(result.samples[-half:]) > median(result.samples[:half]) * (1 + GROWTH) + SLACK_KB:
        found.append(f"resident memory grows while it works: {result.samples} KiB")
    return found
