"""The alerts as they are in their file, and the words of PromQL that they and the dashboard are made of."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
ALERTS = MONITORING / "alerts.yaml"
RUNBOOKS = ROOT / "docs" / "runbooks"

TARGET = frozenset({"cluster", "namespace", "job", "instance", "pod"})
"""Labels that Prometheus gives to all that it scrapes from a target."""

_METRIC = re.compile(r"\b((?:ako|process|python)_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPING = re.compile(r"\b(?:by|on|ignoring|without|group_left)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class Alert:
    """One rule; `wait` is its `for`."""

    name: str
    expression: str
    wait: str
    severity: str
    annotations: Mapping[str, str]


@functools.cache
def alerts() -> tuple[Alert, ...]:
    """Give all of them, in the order of the file."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return tuple(
        Alert(rule["alert"], rule["expr"], rule.get("for", "0m"), rule["labels"]["severity"], rule["annotations"])
        for group in groups
        for rule in group["rules"]
    )


def metrics_in(expression: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Give each metric that is named, with the labels that are asked of it."""
    for name, matchers in _METRIC.findall(expression):
        yield name, frozenset(_MATCHER.findall(matchers))


def labels_in(expression: str) -> frozenset[str]:
    """Give the labels by which an expression groups or joins."""
    found = (word.strip() for listed in _GROUPING.findall(expression) for word in listed.split(","))
    return frozenset(filter(None, found))


def minutes(wait: str) -> int:
    """Say how long the `for` of a rule is."""
    number, unit = int(wait[:-1]), wait[-1]
    return number * {"m": 1, "h": 60}[unit]
