"""The alerts: each has a page, a test that it fires and when not yet, and texts that say what they are about."""

from __future__ import annotations

import functools
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring import promtool
from tests.monitoring.rules import ALERTS, MONITORING, RUNBOOKS, Alert, alerts, metrics_in, minutes

TESTS = MONITORING / "alerts-test.yaml"
HEADINGS = ("What it means", "Traffic meanwhile", "What to look at", "What to do", "When it clears")


@functools.cache
def groups() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(TESTS.read_text(encoding="utf-8"))["tests"]
    return found


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_an_alert_has_a_severity_texts_and_a_page(alert: Alert) -> None:
    assert alert.severity in {"critical", "warning", "info"}
    assert alert.annotations.keys() == {"summary", "description", "runbook_url"}
    assert alert.annotations["runbook_url"] == f"docs/runbooks/{alert.name}.md"
    page = (RUNBOOKS / f"{alert.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {alert.name}\n")
    assert tuple(re.findall(r"^## (.*)$", page, re.M)) == HEADINGS
    looks = page.partition("## What to look at")[2].partition("## What to do")[0]
    assert "```" in looks, "no command to look with"


def test_there_is_no_page_of_an_alert_that_is_not() -> None:
    index = {"README.md"}
    assert {path.name for path in RUNBOOKS.iterdir()} - index == {f"{alert.name}.md" for alert in alerts()}
    text = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| (\w+) \| (.+) \|$", text, re.M) == [
        (alert.name, alert.severity, re.sub(r"\{\{.*?\}\}", "…", alert.annotations["summary"])) for alert in alerts()
    ]


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_an_alert_is_seen_to_fire_and_not_to_fire_yet(alert: Alert) -> None:
    """In one group of the tests: silent first, pending if it has to last, firing, and silent again."""
    states: list[list[str]] = []
    for group in groups():
        told = [re.findall(r'alertstate="(\w+)"', _about(alert, check)) for check in group["promql_expr_test"]]
        states.append([state for state, _ in itertools.groupby(next(iter(found), "none") for found in told)])
    wanted = ["none", *(["pending"] if minutes(alert.wait) else []), "firing", "none"]
    assert wanted in states, states


def _about(alert: Alert, check: dict[str, Any]) -> str:
    samples = (sample["labels"] for sample in check["exp_samples"])
    return next((labels for labels in samples if f'alertname="{alert.name}"' in labels), "")


def test_the_quiet_cluster_has_all_that_alerts_ask_for() -> None:
    """Or its silence would prove nothing."""
    quiet = next(group for group in groups() if group["name"].startswith("a quiet cluster"))
    series = {one["series"].partition("{")[0] for one in quiet["input_series"]}
    asked = {name for alert in alerts() for name, _ in metrics_in(alert.expression)}
    assert asked - series == set()
    assert all(check["exp_samples"] == [] for check in quiet["promql_expr_test"])


@pytest.mark.skipif(not promtool.is_there(), reason=promtool.MISSING)
def test_the_rules_pass_their_tests_and_what_they_say_is_filled_in(tmp_path: Path) -> None:
    """Beside its tests every alert that fires is asked to say nothing: promtool then prints what it says."""
    code, said = promtool.run("check", "rules", ALERTS)
    assert code == 0, said
    document = yaml.safe_load(TESTS.read_text(encoding="utf-8"))
    for group in document["tests"]:
        group["alert_rule_test"] = [
            {"alertname": alert.name, "eval_time": check["eval_time"], "exp_alerts": []}
            for check in group["promql_expr_test"]
            for alert in alerts()
            if "firing" in _about(alert, check)
        ]
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump({**document, "rule_files": [str(ALERTS)]}), encoding="utf-8")
    _, said = promtool.run("test", "rules", path)
    assert "expr: " not in said, said
    assert " err: " not in said, said
    told = re.findall(r'description="((?:[^"\\]|\\.)*)"', said)
    assert len(told) >= len(alerts())
    odd = [text for text in told if re.search(r"<|\{\{|%!|  |\bNaN\b| (of|in|because of) [,.]", text)]
    assert odd == []
