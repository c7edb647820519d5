"""Where the chart is, and what Helm's own engine makes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "chart" / "ako"
PLAIN = ROOT / "deploy" / "ako.yaml"
NAMESPACE = "avi-system"

Manifest = dict[str, Any]


@cache
def chart() -> Chart:
    """Give the chart as it is in the folder."""
    return Chart.load(os.fspath(CHART))


def rendered(values: Mapping[str, Any], *, release: str = "ako", namespace: str = NAMESPACE) -> dict[str, str]:
    """Render the chart; give path of a template → text, without those that say nothing.

    Raises:
        HelmValuesError: the schema refuses a value.
        HelmRenderError: a template does.
    """
    return dict(_rendered(json.dumps(values), release, namespace))


@cache
def _rendered(values: str, release: str, namespace: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = chart().render(json.loads(values), name=release, namespace=namespace)
    return {path.removeprefix("ako/templates/"): text for path, text in sorted(texts.items()) if text.strip()}


def notes(values: Mapping[str, Any], **where: str) -> str:
    """Give what Helm prints after an installation."""
    return rendered(values, **where)["NOTES.txt"]


def manifests(values: Mapping[str, Any] | None = None, **where: str) -> list[Manifest]:
    """Give all objects that are rendered."""
    texts = rendered(values or {}, **where)
    found = (document for path, text in texts.items() if path != "NOTES.txt" for document in documents(text))
    return [document for document in found if document]


def documents(text: str) -> Iterator[Any]:
    """Read a stream of YAML documents."""
    return iter(yaml.load_all(text, yaml.CSafeLoader))


def one(found: list[Manifest], kind: str, name: str = "") -> Manifest:
    """Give the one object of a kind, or of a kind and a name."""
    (fitting,) = [m for m in found if m["kind"] == kind and name in {"", m["metadata"]["name"]}]
    return fitting
