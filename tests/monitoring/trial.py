"""One failure, injected: what the product says of it, how soon, and which alerts come of that."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import requests

from tests.monitoring.exposition import Watched
from tests.monitoring.failures import READY, Failure, matches
from tests.monitoring.firing import firing
from tests.monitoring.scene import Scene, opened
from tests.waiting import wait_until


@dataclass
class Trial:
    """What was seen.

    Attributes:
        failure: what was injected.
        faults: what is not as the failure says.
        seconds: after how many seconds it showed, by where: readiness, log, metric.
        watched: what was served before and meanwhile; None if it did not come to that.
        fired: which alerts fired, and after how many minutes.
    """

    failure: Failure
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    watched: Watched | None = None
    fired: dict[str, int] = field(default_factory=dict)


def tried(failure: Failure) -> Trial:
    """Inject a failure, watch, and ask which alerts fire."""
    trial = Trial(failure)
    try:
        _watch(trial)
    except (AssertionError, RuntimeError, requests.RequestException) as error:
        trial.faults.append(f"it did not come to that: {error!r}")
    if trial.watched is not None:
        early, trial.fired = firing(trial.watched)
        if early:
            trial.faults.append(f"before anything was wrong there were {', '.join(sorted(early))}")
        if set(trial.fired) != set(failure.alerts):
            trial.faults.append(f"alerts: {', '.join(trial.fired)} instead of {', '.join(failure.alerts)}")
    return trial


def _watch(trial: Trial) -> None:
    failure = trial.failure
    with opened(failure.baseline, failure.start) as scene:
        failure.prepare(scene)
        scene.start()
        before = scene.scrapes()
        said = len(scene.ako.err)
        began = time.monotonic()
        failure.inject(scene)
        for where, text, look in (
            ("metric", failure.metric, scene.metrics),
            ("log", failure.log, lambda: scene.ako.err[said:]),
            ("readiness", failure.readiness, scene.readiness),
        ):
            _see(trial, where, text, look, began)
        during = scene.scrapes(failure.meanwhile) if failure.metric else None
        if during is None and _answers(scene):
            trial.faults.append("its metrics are served")
        if failure.readiness == READY and not scene.ako.is_ready():
            trial.faults.append(f"it is not ready:\n{scene.readiness()}")
        trial.watched = Watched("ako-0", before, during)


def _see(trial: Trial, where: str, text: str, look: Callable[[], str], began: float) -> None:
    """Wait for a line."""
    if not text:
        return
    left = trial.failure.seconds - (time.monotonic() - began)
    found = wait_until(lambda: any(matches(text, line) for line in look().splitlines()) or None, max(left, 0))
    if found:
        trial.seconds[where] = time.monotonic() - began
    else:
        trial.faults.append(f"{where}: no {text!r} within {trial.failure.seconds:.0f} s in:\n{look()[-1500:]}")


def _answers(scene: Scene) -> bool:
    with suppress(requests.RequestException):
        scene.metrics()
        return True
    return False
