"""The steps of a schedule: what is done to Kubernetes, to the Avi Controller and to the controller under test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ako.testing.kube_api.errors import ApiError
from tests.builders import Manifest
from tests.campaign.content import Key, told
from tests.campaign.life import Life
from tests.campaign.world import Namesake, World
from tests.waiting import wait_until

MOMENT = 0.05
"""Longest time, in seconds, that a step waits for something to happen before the next one."""

REST = 0.3
"""Longest time, in seconds, that a step waits for everything that can be done."""


class Play:
    """A schedule being played: the world, the controller that lives in it now, and what really happened."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.diary: list[str] = []
        self.visitors: list[str] = []
        """The uids of other clusters of our name that were there."""
        self.backups: list[int] = []
        self._seed = seed
        self._lives = 0
        self.life = self._begin()

    def restart(self, *, kill: bool) -> None:
        """End the controller and begin another one."""
        if kill:
            self.life.kill()
        else:
            self.life.end()
        self.life = self._begin()

    def await_requests(self, count: int) -> None:
        """Wait until the Avi Controller had so many more requests, or a moment has passed."""
        journal = self.world.simulator.journal
        first = journal.since(1 << 62)["next"]
        wait_until(lambda: journal.since(1 << 62)["next"] >= first + count or None, MOMENT, 0.001)

    def _begin(self) -> Life:
        self._lives += 1
        return Life(self.world, self._seed + self._lives)


class Step(Protocol):
    """One thing that happens."""

    def do(self, play: Play) -> None:
        """Make it happen."""


@dataclass(frozen=True)
class Declare:
    """Somebody creates or changes a Kubernetes object."""

    manifest: Manifest

    def __str__(self) -> str:
        return f"declare {told(self.manifest)}"

    def do(self, play: Play) -> None:
        play.world.declare(self.manifest)


@dataclass(frozen=True)
class Withdraw:
    """Somebody deletes a Kubernetes object."""

    key: Key

    def __str__(self) -> str:
        return "withdraw " + "/".join(self.key)

    def do(self, play: Play) -> None:
        if play.world.kube.get(*self.key) is not None:
            play.world.kube.delete(*self.key)


@dataclass(frozen=True)
class Misbehave:
    """The Avi Controller, or something on the way to it, fails."""

    fault: Mapping[str, Any]

    def do(self, play: Play) -> None:
        play.world.avi.misbehave(dict(self.fault))


@dataclass(frozen=True)
class Recover:
    """All faults of the Avi Controller and of Kubernetes end, latency too."""

    def do(self, play: Play) -> None:
        play.world.avi.misbehave(None)
        play.world.avi.delay(0)
        play.world.kube.clear_faults()
        play.world.kube.up()


@dataclass(frozen=True)
class Delay:
    """Every answer of the Avi Controller takes so long."""

    milliseconds: int

    def do(self, play: Play) -> None:
        play.world.avi.delay(self.milliseconds)


@dataclass(frozen=True)
class Expire:
    """The Avi Controller forgets all sessions."""

    def do(self, play: Play) -> None:
        play.world.avi.expire_sessions()


@dataclass(frozen=True)
class Pass:
    """Things take their course for a while."""

    requests: int

    def do(self, play: Play) -> None:
        play.await_requests(self.requests)


@dataclass(frozen=True)
class Rest:
    """Everything is done that can be done."""

    def do(self, play: Play) -> None:
        play.life.comes_to_rest(REST)


@dataclass(frozen=True)
class Sync:
    """A full sync is due."""

    def do(self, play: Play) -> None:
        play.life.ask_for_full_sync()


@dataclass(frozen=True)
class Restart:
    """The controller is stopped and started."""

    def do(self, play: Play) -> None:
        play.restart(kill=False)


@dataclass(frozen=True)
class Kill:
    """The controller is killed some requests from now, and started; meanwhile something may happen."""

    requests: int
    answered: bool
    meanwhile: tuple[Step, ...] = ()

    def __str__(self) -> str:
        when = "answered" if self.answered else "unanswered"
        return (
            f"kill, {self.requests} requests from now, the last one {when}; then {'; '.join(map(str, self.meanwhile))}"
        )

    def do(self, play: Play) -> None:
        play.life.mortality.die_in(self.requests, answered=self.answered)
        play.await_requests(self.requests)
        play.life.mortality.is_dead.set()
        for step in self.meanwhile:
            step.do(play)
        play.restart(kill=True)


@dataclass(frozen=True)
class Tamper:
    """Somebody edits an object of ours on the Avi Controller, whichever comes up; `fields` None deletes it."""

    kind: str
    pick: int
    fields: Mapping[str, Any] | None

    def do(self, play: Play) -> None:
        there = sorted(name for name in play.world.ours() if name.startswith(f"{self.kind}/"))
        if not there:
            return
        name = there[self.pick % len(there)].partition("/")[2]
        try:
            if self.fields is None:
                play.world.avi.delete(self.kind, name, force=True)
            else:
                play.world.avi.edit(self.kind, name, **self.fields)
        except RuntimeError as refusal:  # gone meanwhile, or not possible as things are
            play.diary.append(f"{self}: {refusal}")
        else:
            play.diary.append(f"{self}: it was {name}")


@dataclass(frozen=True)
class Plant:
    """An object with our name and our mark appears that nobody wants."""

    kind: str
    body: Mapping[str, Any]

    def do(self, play: Play) -> None:
        try:
            play.world.avi.create(self.kind, dict(self.body))
        except RuntimeError as refusal:
            play.diary.append(f"{self}: {refusal}")


@dataclass(frozen=True)
class BackUp:
    """The configuration of the Avi Controller is kept as it is now."""

    def do(self, play: Play) -> None:
        play.backups.append(play.world.avi.back_up())


@dataclass(frozen=True)
class Restore:
    """The Avi Controller is restored from one of its backups, whichever comes up, and everybody logged out."""

    pick: int

    def do(self, play: Play) -> None:
        if play.backups:
            play.world.avi.restore(play.backups[self.pick % len(play.backups)])


@dataclass(frozen=True)
class Visit:
    """Another cluster of our name works on the same Avi Controller for a while, until it is killed and cleared away."""

    content: tuple[Manifest, ...]
    seed: int
    requests: int
    meanwhile: tuple[Step, ...] = ()

    def __str__(self) -> str:
        there = "; ".join(map(told, self.content))
        return f"visit for {self.requests} requests: {there}; meanwhile {'; '.join(map(str, self.meanwhile))}"

    def do(self, play: Play) -> None:
        with Namesake(play.world, self.content) as visitor:
            play.visitors.append(visitor.uid)
            life = Life(visitor, self.seed)
            try:
                play.await_requests(self.requests)
                for step in self.meanwhile:
                    step.do(play)
                life.comes_to_rest(REST)
            finally:
                life.kill()
        play.diary.append(f"the visitor had {', '.join(play.world.clear_away(visitor.uid)) or 'nothing'}")


@dataclass(frozen=True)
class Disturb:
    """The API server of Kubernetes fails: a fault laid over a path."""

    path: str
    method: str = ""
    effect: Mapping[str, Any] = field(default_factory=dict)

    def do(self, play: Play) -> None:
        play.world.kube.fault(self.path, self.method, **self.effect)


@dataclass(frozen=True)
class BreakWatches:
    """The watches break; with `forgetful` the API server has also forgotten the past."""

    forgetful: bool

    def do(self, play: Play) -> None:
        if self.forgetful:
            play.world.kube.compact()
        play.world.kube.break_watches()


@dataclass(frozen=True)
class CloseApi:
    """The API server of Kubernetes goes away until all recovers."""

    def do(self, play: Play) -> None:
        play.world.kube.down()


def perform(step: Step, play: Play) -> None:
    """Do a step and write it down."""
    play.diary.append(str(step))
    try:
        step.do(play)
    except ApiError as error:
        raise AssertionError(f"{step}: the stand-in refuses it: {error}") from error
