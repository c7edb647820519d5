"""What may answer while things change: what was promised before, what is promised now, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import structs

from tests.traffic.answers import Host
from tests.traffic.asking import Answer, Asked
from tests.traffic.claims import World
from tests.traffic.promise import NOBODY, Expected, own_certificate
from tests.traffic.promises import claims_of, promises
from tests.traffic.reading import Cluster, Setup, Thing, Who

Promised = Callable[[Asked], Expected]
"""What one state of a cluster promises."""


class Promises:
    """What the objects of a cluster promise, of whatever is asked."""

    def __init__(self, cluster: Sequence[Thing], config: Mapping[str, Any], domains: Sequence[str]) -> None:
        found = promises(cluster, config, domains)
        self._known = {one.asked: one.ours for one in found if not one.must_be_unserved}
        self._world = World(Cluster(cluster), Setup(config, tuple(domains)))
        self._claims = claims_of(self._world, Who.OURS)
        self._hosts: dict[str, Host] = {}

    @property
    def served(self) -> tuple[Asked, ...]:
        """Give what is to be asked: all that somebody answers."""
        return tuple(asked for asked, expected in self._known.items() if not expected.is_nobody)

    def __call__(self, asked: Asked) -> Expected:
        """Say what must answer."""
        if asked not in self._known:
            self._known[asked] = self._worked_out(asked)
        return self._known[asked]

    def _worked_out(self, asked: Asked) -> Expected:
        if asked.scheme not in {"http", "https"} or asked.host.lower().partition(":")[0] != asked.to:
            return NOBODY
        host = self._hosts.setdefault(asked.to, Host.of(asked.to, self._claims, self._world, Who.OURS))
        found = host.port_80(asked.path) if asked.scheme == "http" else host.port_443(asked.path)
        return found.expected


class Allowance:
    """What may answer, as it is at each moment. A moment is a number; what counts is from one to another.

    Args:
        first: what is promised at the beginning.
    """

    def __init__(self, *first: Promised) -> None:
        self._lock = threading.Lock()
        self._moments: list[tuple[Promised, ...]] = [first]

    def now(self) -> int:
        """Give the number of this moment."""
        return len(self._moments) - 1

    def allow(self, *promised: Promised) -> None:
        """Allow what these states promise from now on, and what others do no longer."""
        with self._lock:
            self._moments.append(promised)

    def since(self, moment: int) -> list[Promised]:
        """Give all states that counted at some time since a moment, each once."""
        return list(dict.fromkeys(one for moment in self._moments[moment:] for one in moment))

    def expected(self, asked: Asked, since: int) -> set[Expected]:
        """Give what may answer something that was asked at a moment and is answered now."""
        return {promised(asked) for promised in self.since(since)}


def faults(answer: Answer, allowed: Collection[Expected]) -> list[str]:
    """Say what is wrong with an answer; nothing if it is right.

    Which certificate is shown and who answers are two objects of the Controller, that change one after the other: each
    by itself has to be as any of those that are allowed says.
    """
    certificates = frozenset().union(*(expected.certificates for expected in allowed))
    if any(expected.servers and not expected.certificates for expected in allowed):
        certificates = frozenset()  # one of them says nothing about it
    is_other = certificates and answer.certificate and own_certificate(answer.certificate) not in certificates
    shown = ["another certificate was presented"] if is_other else []
    found: list[str] = []
    for expected in allowed:
        wrong = list(expected.faults(structs.replace(answer, certificate="")))
        if not wrong:
            return shown
        found += wrong
    return [*shown, *found]
