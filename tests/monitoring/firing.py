"""Which alerts Prometheus would fire on what was served, asked of promtool."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.monitoring import promtool
from tests.monitoring.exposition import Watched, series
from tests.monitoring.rules import ALERTS, alerts, metrics_in

QUIET, LASTING = 20, 100
"""How many minutes the alerts see all being well, and then the failure: the longest `for`, and more than the windows in
which something is counted."""

_EARLY = "count by (alertname) (ALERTS)"
_FIRST = f'min by (alertname) (min_over_time(timestamp(ALERTS{{alertstate="firing"}})[{LASTING}m:1m]))'
_GOT = re.compile(r'expr: "((?:[^"\\]|\\.)*)", time: \S+,\s*exp: nil\s*got: (.*)')
_SAMPLE = re.compile(r'\{alertname="(\w+)"\} (\S+?)(?:,|$)')


def firing(watched: Watched) -> tuple[set[str], dict[str, int]]:
    """Give the alerts that there were, or were about to be, before anything was wrong; and after how many minutes each
    fired from then on.

    promtool tests expectations and answers no questions: it is told to expect nothing, and says what there is.
    """
    asked = {name for alert in alerts() for name, _ in metrics_in(alert.expression)}
    test = {
        "interval": "1m",
        "input_series": [one for one in series(watched, QUIET, LASTING) if one["series"].partition("{")[0] in asked],
        "promql_expr_test": [
            {"expr": _EARLY, "eval_time": f"{QUIET - 1}m", "exp_samples": []},
            {"expr": _FIRST, "eval_time": f"{QUIET + LASTING - 1}m", "exp_samples": []},
        ],
    }
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [test]}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        code, said = promtool.run("test", "rules", path)
    found = {expression.replace('\\"', '"'): dict(_SAMPLE.findall(got)) for expression, got in _GOT.findall(said)}
    assert found.keys() <= {_EARLY, _FIRST}, said
    assert (code == 0) == (not found), said
    return set(found.get(_EARLY, ())), {
        name: round(float(seconds) / 60) - QUIET for name, seconds in found.get(_FIRST, {}).items()
    }
