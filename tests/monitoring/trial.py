"""One failure, injected: what the product says of it, how soon, and which alerts come of that."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
import yaml

from tests.monitoring import promtool
from tests.monitoring.exposition import Watched, series
from tests.monitoring.failures import Failure, matches
from tests.monitoring.rules import ALERTS
from tests.monitoring.scene import Scene, opened
from tests.waiting import wait_until

QUIET_MINUTES, LASTING_MINUTES = 20, 100
"""How long the alerts see all being well, and how long the failure: more than the longest `for` and the longest window
in which something is counted, together."""


@dataclass
class Trial:
    """What was seen.

    Attributes:
        failure: what was injected.
        faults: what is not as the failure says.
        seconds: after how many seconds it showed, by where: readiness, log, metric.
        watched: what was served before and meanwhile; None if it did not come to that.
    """

    failure: Failure
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    watched: Watched | None = None


def tried(failure: Failure) -> Trial:
    """Inject a failure and watch."""
    trial = Trial(failure)
    try:
        _watch(trial)
    except AssertionError as error:
        trial.faults.append(f"it did not come to that: {error}")
    else:
        trial.faults += alerting(trial)
    return trial


def _watch(trial: Trial) -> None:
    failure = trial.failure
    with opened(failure.baseline) as scene:
        failure.prepare(scene)
        scene.start()
        before = scene.scrapes()
        said = len(scene.ako.err)
        began = time.monotonic()
        failure.inject(scene)
        for where, text, look in (
            ("readiness", failure.readiness, scene.readiness),
            ("log", failure.log, lambda: scene.ako.err[said:]),
            ("metric", failure.metric, lambda: scene.ako.get("/metrics").text),
        ):
            _see(trial, where, text, look, began)
        during = scene.scrapes() if failure.metric else None
        if during is None and _answers(scene):
            trial.faults.append("its metrics are served")
        trial.watched = Watched("ako-0", before, during)


def _see(trial: Trial, where: str, text: str, look: Callable[[], str], began: float) -> None:
    """Wait for a line; one that is there already counts as there at once."""
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
        scene.ako.get("/metrics")
        return True
    return False


def alerting(trial: Trial) -> list[str]:
    """Ask promtool whether the alerts of a failure fire, no other, and none before; say what is otherwise."""
    assert trial.watched is not None
    wanted = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in trial.failure.alerts]
    last = QUIET_MINUTES + LASTING_MINUTES - 1
    expectations = [
        {"expr": "ALERTS", "eval_time": f"{QUIET_MINUTES - 1}m", "exp_samples": []},
        {
            "expr": f'group by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{LASTING_MINUTES}m]))',
            "eval_time": f"{last}m",
            "exp_samples": wanted,
        },
    ]
    test = {
        "interval": "1m",
        "input_series": list(series(trial.watched, QUIET_MINUTES, LASTING_MINUTES)),
        "promql_expr_test": expectations,
    }
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [test]}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        code, said = promtool.run("test", "rules", path)
    return [said] if code else []
