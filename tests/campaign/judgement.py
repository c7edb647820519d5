"""Plays a schedule and judges its end."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from tests.builders import Manifest
from tests.campaign.content import told
from tests.campaign.counting import miscounted
from tests.campaign.flavour import Flavour
from tests.campaign.life import Life
from tests.campaign.schedule import LONG_MS, Schedule
from tests.campaign.steps import Play, Recover, perform
from tests.campaign.view import View, difference, view_of, without_unused
from tests.campaign.world import World
from tests.waiting import wait_until


@dataclass(frozen=True)
class Verdict:
    """What is wrong after a schedule; nothing, if all is as it should be."""

    schedule: Schedule
    faults: Sequence[str]
    diary: Sequence[str]

    def __str__(self) -> str:
        return "\n".join([
            f"seed {self.schedule.seed}: {len(self.faults)} faults",
            *(f"  {fault}" for fault in self.faults),
            f"a cluster with {self.schedule.flavour}; it began with",
            *(f"  {told(manifest)}" for manifest in self.schedule.first),
            "then came",
            *(f"  {line}" for line in self.diary),
        ])  # fmt: skip


def judge(schedule: Schedule) -> Verdict:
    """Play a schedule, and compare its end with that of a world that was shown only the end."""
    expected = undisturbed(schedule.last, schedule.seed, schedule.flavour)
    with World(flavour=schedule.flavour) as world:
        world.is_late = schedule.is_late
        world.declare(*schedule.first)
        play = Play(world, schedule.seed)
        try:
            for step in schedule.steps:
                perform(step, play)
            perform(Recover(), play)
            faults = _faults_at_the_end(schedule, play, expected)
        finally:
            play.life.kill()
        return Verdict(schedule, faults, play.diary)


def undisturbed(content: Iterable[Manifest], seed: int, flavour: Flavour = Flavour()) -> View:  # noqa: B008 - frozen
    """Give what a controller makes of some content that sees nothing else."""
    with World(flavour=flavour) as world:
        world.declare(*content)
        life = Life(world, seed)
        try:
            assert life.syncs_fully(), "the undisturbed controller does not sync"
            view: View = {}
            for _ in range(3):  # until two looks agree, each after a rest
                assert life.comes_to_rest(), "the undisturbed controller does not come to rest"
                assert life.syncs_fully(), "the undisturbed controller does not sync"
                assert life.comes_to_rest(), "the undisturbed controller does not come to rest"
                before, view = view, view_of(world)
                if before == view:
                    break
        finally:
            life.end()
        refused = [write for write in world.avi.writes_since(0) if write.status >= HTTPStatus.BAD_REQUEST]
        assert not refused, f"refused, though nothing was wrong: {refused}"
        return view


def _faults_at_the_end(schedule: Schedule, play: Play, expected: View) -> list[str]:
    if schedule.is_late:
        threading.Event().wait(LONG_MS / 1000)
        for visitor in play.visitors:
            play.world.clear_away(visitor)
    if schedule.needs_full_sync:
        # What is written while a full sync reads is not compared by it: the second one finds everything at rest.
        for _ in range(2):
            if not play.life.comes_to_rest():
                return [f"it does not come to rest: {play.life.controller.shortcomings()}"]
            if not play.life.syncs_fully():
                return [f"no full sync: {play.life.controller.full_sync.failure}"]
    elif schedule.seed % 2:
        play.life.ask_for_full_sync()  # one that falls into the midst of the work must not do harm either
    faults = _waited_for(play, expected, is_fresh=False) or _unquiet(play)
    if faults:
        return [f"before the last restart: {fault}" for fault in faults]
    play.restart(kill=False)
    if not play.life.syncs_fully():
        return [f"no full sync after a restart: {play.life.controller.full_sync.failure}"]
    faults = _waited_for(play, expected, is_fresh=True) or _unquiet(play)
    faults += (f"touched, though not ours: {name}" for name in play.world.touched())
    return [*faults, *play.world.trespasses]


def _waited_for(play: Play, expected: View, *, is_fresh: bool) -> list[str]:
    """Wait until all is as expected; give what is not."""
    faults: list[str] = []

    def is_right() -> bool | None:
        faults.clear()
        found = view_of(play.world)
        faults.extend(
            difference(expected, found) if is_fresh else difference(without_unused(expected), without_unused(found))
        )
        return not faults or None

    wait_until(is_right, interval=0.02)
    return list(faults)


def _unquiet(play: Play) -> list[str]:
    """Say what is still written, or counted wrong, though all is in line."""
    if not play.life.comes_to_rest():
        return [f"it does not come to rest: {play.life.controller.shortcomings()}"]
    mark, told = play.world.avi.mark(), len(play.world.kube_writes())
    if not play.life.syncs_fully() or not play.life.comes_to_rest():
        return ["no rest after another full sync"]
    late = [*play.world.avi.writes_since(mark), *play.world.kube_writes()[told:]]
    return [f"written though all is in line: {write}" for write in late] or miscounted(play.life.controller)
