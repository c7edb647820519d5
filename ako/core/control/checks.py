"""The conditions of readiness: which are met, what the others lack, what to do about it, and since when all that is so.

A check is an answer about a moment; `Readiness` notes when the answer changes. It is asked at the end of each pass too,
so that the moment is right even if nobody else asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from ako.core.avi.errors import AviError
from ako.core.base.backoff import Pace
from ako.core.control.confirmation import by_confirming, waiting, why_apart
from ako.core.control.election import Standing
from ako.core.control.state import State
from ako.core.kube.sight import WatchReport, blindness
from ako.core.observe.assignment import told

BLIND_SETTING = "ako.watch.blindReadySeconds"

_RIGHTS = "grant the rights that `ako rbac --check` lists, if it is for want of them"


class Check(Struct, frozen=True):
    """One condition of readiness; an urgent one is told also to who asks for no details.

    Attributes:
        name: in a word or two; there are only so many, so that it may be a label of metrics.
        is_met: whether the program is ready as far as this goes.
        detail: what is so, or what is missing.
        remedy: what to do about what is missing, if the detail does not say so; empty if there is nothing to do.
        since: when it began to be met, or not to be met any more, in seconds since 1970.
        seconds: for how long it has been so.
    """

    name: str
    is_met: bool
    detail: str = ""
    is_urgent: bool = False
    remedy: str = ""
    since: float = 0.0
    seconds: float = 0.0


SHUTDOWN = Check("shutdown", is_met=False, detail="told to end; waits for the writes in hand")
"""There from the moment at which the program is told to end."""


class Readiness:
    """Remembers of each check since when it is as it is; any thread may ask.

    Args:
        ask: gives the checks as they are now, without times.
        pace: time.
    """

    def __init__(self, ask: Callable[[], Iterable[Check]], pace: Pace) -> None:
        self._ask = ask
        self._pace = pace
        self._lock = threading.Lock()
        self._flips: dict[str, _Flip] = {}

    def checks(self) -> tuple[Check, ...]:
        """Give the checks as they are now; one that was not there before begins now."""
        with self._lock:  # asking and noting are one: who asked earlier must not have the last word
            checks, before, clock = tuple(self._ask()), self._flips, self._pace.clock()
            self._flips = {}
            for check in checks:
                flip = before.get(check.name)
                if flip is None or flip.is_met is not check.is_met:
                    flip = _Flip(check.is_met, clock, self._pace.now())
                self._flips[check.name] = flip
            return tuple(map(self._dated, checks))

    def _dated(self, check: Check) -> Check:
        flip = self._flips[check.name]
        return msgspec.structs.replace(check, since=flip.since, seconds=self._pace.clock() - flip.clock)


class _Flip(Struct, frozen=True):
    is_met: bool
    clock: float
    since: float


def checks_of(state: State, failure: AviError | None, patience: float, *, is_connected: bool) -> list[Check]:
    """Give the checks of a controller, without times.

    Args:
        state: how it is.
        failure: why there is no connection with the Avi Controller; None if there is, or was no answer yet.
        patience: seconds without a word of Kubernetes after which it is not ready.
        is_connected: the Avi Controller answers.
    """
    kubernetes = kubernetes_check(state.unread, state.watches, patience)
    if not state.works:
        return [kubernetes, _standby(state.standing)]
    return [
        kubernetes,
        *([_leads(state.standing)] if state.standing else []),
        *([Check("replicas", is_met=False, detail=state.hazard)] if state.hazard else []),
        _avi(failure, is_connected=is_connected),
        _guard(state),
        Check("namesakes", not state.namesakes, "; ".join(map(why_apart, state.namesakes))),
        *((Check("tenants", is_met=True, detail="; ".join(state.tenants)),) if state.tenants else ()),
        Check("shards", is_met=True, detail=told(state.elsewhere)),
        _full_sync(state),
    ]


def kubernetes_check(unread: Sequence[str], reports: Sequence[WatchReport], patience: float) -> Check:
    """Say whether what we know of Kubernetes is good enough; `patience` is for how long without a word (seconds).

    What never was read is unknown, and was told of as such; what was read and is not followed at present may be old.
    """
    blind = blindness(reports)
    is_patient = blind.seconds < patience
    until = f"what is known is served; not ready after {patience:.0f} s ({BLIND_SETTING})"
    ending = until if is_patient else f"not ready, for that is longer than {BLIND_SETTING}"
    told = (f"{blind}; {ending}",) if blind else ()
    remedy = f"see to the API server and the way to it; {_RIGHTS}" if blind or unread else ""
    detail = "; ".join([*told, *unread])
    return Check("kubernetes", not unread and is_patient, detail, is_urgent=bool(blind), remedy=remedy)


def _leads(standing: Standing) -> Check:
    """Say that this one leads, and what may end that."""
    return Check("leader", is_met=True, detail="; ".join(filter(None, ("this replica leads", standing.trouble))))


def _standby(standing: Standing | None) -> Check:
    """Say who leads instead; who stands by and knows that it could take over is ready."""
    if standing is None:
        unknown = "whether there are other replicas is not known yet"
        return Check("leader", is_met=False, detail=unknown, remedy=f"the StatefulSet has to be seen: {_RIGHTS}")
    known = f"standby, leader is {standing.holder}" if standing.holder else "standby, there is no leader"
    if standing.trouble:
        return Check("leader", is_met=False, detail=f"{known}: {standing.trouble}", remedy=_RIGHTS)
    return Check("leader", is_met=True, detail=known)


def _avi(failure: AviError | None, *, is_connected: bool) -> Check:
    if is_connected:
        return Check("avi", is_met=True)
    return Check("avi", is_met=False, detail=str(failure or "not connected yet"), remedy="it is tried again by itself")


def _guard(state: State) -> Check:
    if not (held := state.held):
        return Check("guard", is_met=True)
    return Check("guard", is_met=False, detail=waiting(held), remedy=f"confirm it: {by_confirming(held.id)}")


def _full_sync(state: State) -> Check:
    is_met = state.is_observed and not state.sync_failure
    detail = state.sync_failure or ("" if is_met else "the Avi Controller has not been read yet")
    return Check("full sync", is_met, detail, remedy="" if is_met else "it is tried again by itself")
