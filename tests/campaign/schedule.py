"""Random schedules: the same seed gives the same schedule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.builders import Manifest
from tests.campaign.content import Key, any_manifest, dated, first_content, key_of
from tests.campaign.flavour import Flavour, any_flavour
from tests.campaign.steps import (
    BackUp,
    BreakWatches,
    CloseApi,
    Declare,
    Delay,
    Disturb,
    Expire,
    Kill,
    Misbehave,
    Pass,
    Plant,
    Recover,
    Rest,
    Restart,
    Restore,
    Step,
    Sync,
    Tamper,
    Visit,
    Withdraw,
)
from tests.campaign.world import CLUSTER, PREFIX

WRITE_MODELS = (
    "virtualservice",
    "vsvip",
    "pool",
    "poolgroup",
    "httppolicyset",
    "vsdatascriptset",
    "sslkeyandcertificate",
    "pkiprofile",
)
LONG_MS = 1500
"""Longer than the controller waits for an answer: the request is carried out after it was given up."""


@dataclass(frozen=True)
class Schedule:
    """What is there at first, and what happens."""

    seed: int
    flavour: Flavour
    first: tuple[Manifest, ...]
    steps: tuple[Step, ...]

    @property
    def is_late(self) -> bool:
        """Say whether requests are carried out after they were given up."""
        return any(map(is_told_late, self.steps))

    @property
    def needs_full_sync(self) -> bool:
        """Say whether something happened that only a full sync can mend.

        What is carried out late is looked at again by whoever sent it, if he still lives.
        """
        is_forgotten = any(isinstance(step, Kill | Restart) for step in self.steps) and any(
            map(is_told_late, self.steps)
        )
        behind_our_back = Tamper | Plant | Restore | Visit
        return is_forgotten or any(isinstance(step, behind_our_back) or is_refusal(step) for step in self.steps)

    @property
    def last(self) -> Sequence[Manifest]:
        """Give what is declared in the end."""
        declared = {key_of(manifest): manifest for manifest in self.first}
        for step in self._changes():
            if isinstance(step, Declare):
                declared[key_of(step.manifest)] = step.manifest
            else:
                declared.pop(step.key, None)
        return tuple(declared.values())

    def _changes(self) -> Iterator[Declare | Withdraw]:
        for step in self.steps:
            inner = step.meanwhile if isinstance(step, Kill | Visit) else (step,)
            yield from (one for one in inner if isinstance(one, Declare | Withdraw))


def is_told_late(step: Step) -> bool:
    """Say whether requests are carried out after they were given up."""
    return isinstance(step, Misbehave) and step.fault.get("delay_ms") == LONG_MS


def is_refusal(step: Step) -> bool:
    """Say whether requests are refused for what they are, so that they are not simply repeated."""
    return isinstance(step, Misbehave) and "body" in step.fault


class _Author:
    """Writes one schedule, keeping account of what is declared."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.flavour = any_flavour(self.rng)
        self.declared: dict[Key, Manifest] = {}
        self._number = 0

    def note(self, manifest: Manifest) -> Manifest:
        self._number += 1
        key = key_of(manifest)
        self.declared[key] = dated(manifest, self._number, self.declared.get(key))
        return self.declared[key]

    def change(self) -> Step:
        if self.declared and self.rng.random() < 0.25:
            key = self.rng.choice(sorted(self.declared))
            del self.declared[key]
            return Withdraw(key)
        return Declare(self.note(any_manifest(self.rng, self.flavour)))

    def visit(self, rng: random.Random) -> Step:
        content = {key_of(m): m for m in (dated(made, 0, None) for made in first_content(rng, self.flavour))}
        meanwhile = tuple(self.change() for _ in range(rng.randrange(3)))
        return Visit(tuple(content.values()), rng.randrange(10**6), rng.randrange(5, 40), meanwhile)

    def steps(self) -> Iterator[Step]:
        is_rough = self.rng.random() < 0.5
        kinds: tuple[tuple[Callable[[random.Random], Step], int], ...] = (
            (_rough_fault if is_rough else _passing_fault, 6),
            (_tampering, 3 if is_rough else 0),
            (_trouble, 2),
            (_pause, 5),
            (lambda _: Expire(), 1),
            (lambda _: Restart(), 1),
            (lambda _: Sync(), 2),
            (lambda _: Recover(), 2),
            (lambda rng: Delay(rng.choice((0, 2, 10))), 1),
            (lambda _: BackUp(), 2),
            (lambda rng: Restore(rng.randrange(20)), 1),
            (self.visit, 1),
        )
        makers, weights = zip(*kinds, strict=True)
        for _ in range(self.rng.randrange(6, 22)):
            chance = self.rng.random()
            if chance < 0.4:
                yield self.change()
            elif chance < 0.5:
                meanwhile = tuple(self.change() for _ in range(self.rng.randrange(3)))
                yield Kill(self.rng.randrange(1, 25), self.rng.random() < 0.5, meanwhile)
            else:
                yield self.rng.choices(makers, weights)[0](self.rng)


def schedule(seed: int) -> Schedule:
    """Write the schedule of a seed."""
    author = _Author(seed)
    first = tuple(author.note(manifest) for manifest in first_content(author.rng, author.flavour))
    steps = tuple(author.steps())
    return Schedule(seed, author.flavour, tuple({key_of(m): m for m in first}.values()), steps)


def _passing_fault(rng: random.Random) -> Step:
    """Make a fault after which the same request succeeds."""
    effects: tuple[dict[str, object], ...] = (
        {"status": rng.choice((500, 502, 503, 504)), "when": rng.choice(("before", "after"))},
        {"drop": True, "when": rng.choice(("before", "after"))},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": rng.choice((401, 419))},
        {"status": rng.choice((404, 409, 412))},
        {"delay_ms": rng.choice((5, 50))},
        {"unreachable": True},
    )
    return _laid_over(rng, rng.choices(effects, (6, 6, 2, 2, 3, 3, 2))[0])


def _rough_fault(rng: random.Random) -> Step:
    """Make any fault, also one that only a full sync mends."""
    effects: tuple[dict[str, object], ...] = (
        {"status": rng.choice((400, 403, 422)), "body": {"error": "not today"}},
        {"status": 500, "body": {"error": "Bad pb"}},
        {"delay_ms": LONG_MS},
    )
    return _laid_over(rng, rng.choices(effects, (3, 1, 1))[0]) if rng.random() < 0.2 else _passing_fault(rng)


def _laid_over(rng: random.Random, effect: dict[str, object]) -> Step:
    """Lay an effect over some requests."""
    if "unreachable" in effect:
        return Misbehave(effect)
    match = {"method": rng.choice(("POST", "PATCH", "PUT", "DELETE", "GET"))} if rng.random() < 0.8 else {}
    if rng.random() < 0.5:
        match["model"] = rng.choice(WRITE_MODELS)
    return Misbehave(
        {"match": match, **effect, "times": 1 if effect.get("delay_ms") == LONG_MS else rng.randrange(1, 4)}
    )


def _tampering(rng: random.Random) -> Step:
    pick = rng.randrange(20)
    edits: tuple[Step, ...] = (
        Tamper("pool", pick, {"servers": [{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}]}),
        Tamper("pool", pick, {"servers": None}),
        Tamper("virtualservice", pick, {"network_profile_ref": "/api/networkprofile/?name=System-UDP-Fast-Path"}),
        Tamper("virtualservice", pick, {"http_policies": None}),
        Tamper("vsvip", pick, {"dns_info": [{"fqdn": f"extra{pick}.com"}]}),
        Tamper("poolgroup", pick, {"members": None}),
        Tamper("httppolicyset", pick, {"http_request_policy": None}),
        Tamper("pool", pick, None),
        Tamper("poolgroup", pick, None),
        Tamper("virtualservice", pick, None),
        Tamper("httppolicyset", pick, None),
        Tamper("sslkeyandcertificate", pick, None),
        Tamper("vsdatascriptset", pick, {"pool_group_refs": None}),
        Tamper("pkiprofile", pick, None),
        Plant("pool", {"name": f"{PREFIX}left-over-{pick}", "created_by": f"ako-{CLUSTER}"}),
    )
    return rng.choice(edits)


def _trouble(rng: random.Random) -> Step:
    effects: tuple[dict[str, object], ...] = (
        {"status": rng.choice((500, 503, 429, 401, 403)), "times": rng.randrange(1, 4)},
        {"drop": rng.choice(("before", "after")), "times": rng.randrange(1, 4)},
    )
    troubles: tuple[Step, ...] = (
        Disturb("/apis/networking.k8s.io", rng.choice(("GET", "PATCH")), rng.choice(effects)),
        Disturb("/api/v1", rng.choice(("GET", "PATCH")), rng.choice(effects)),
        Disturb("/apis/networking.k8s.io", "PATCH", {"status": 409, "times": rng.randrange(1, 4)}),
        Disturb("/apis/route.openshift.io", rng.choice(("GET", "PATCH")), rng.choice(effects)),
        Disturb("/apis/route.openshift.io", "PATCH", {"status": 409, "times": rng.randrange(1, 4)}),
        BreakWatches(forgetful=rng.random() < 0.5),
        CloseApi(),
    )
    return rng.choice(troubles)


def _pause(rng: random.Random) -> Step:
    return Rest() if rng.random() < 0.5 else Pass(rng.randrange(1, 15))
