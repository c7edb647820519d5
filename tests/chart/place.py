"""Where the chart is, and what Helm's own engine makes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
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


@cache
def _without_schema() -> Chart:
    """Give the chart without its schema, which takes most of the time of a rendering."""
    with TemporaryDirectory() as folder:
        return Chart.load(copytree(CHART, Path(folder) / "ako", ignore=ignore_patterns("values.schema.json")))


def rendered(
    values: Mapping[str, Any], *, release: str = "ako", namespace: str = NAMESPACE, judges: bool = True
) -> dict[str, str]:
    """Render the chart; give path of a template → text, without those that say nothing.

    Args:
        values: those of a release.
        release: its name.
        namespace: where it is.
        judges: whether the schema judges the values; not where they are known to be good.

    Raises:
        HelmValuesError: the schema refuses a value.
        HelmRenderError: a template does.
    """
    return dict(_rendered(json.dumps(values), release, namespace, judges=judges))


@cache
def _rendered(values: str, release: str, namespace: str, *, judges: bool) -> Mapping[str, str]:
    asked = chart() if judges else _without_schema()
    texts: Mapping[str, str] = asked.render(json.loads(values), name=release, namespace=namespace)
    return {path.removeprefix("ako/templates/"): text for path, text in sorted(texts.items()) if text.strip()}


def notes(values: Mapping[str, Any], **where: str) -> str:
    """Give what Helm prints after an installation."""
    return rendered(values, judges=False, **where)["NOTES.txt"]


def manifests(values: Mapping[str, Any] | None = None, *, judges: bool = True, **where: str) -> list[Manifest]:
    """Give all objects that are rendered."""
    texts = rendered(values or {}, judges=judges, **where)
    found = (document for path, text in texts.items() if path != "NOTES.txt" for document in documents(text))
    return [document for document in found if document]


def documents(text: str) -> Iterator[Any]:
    """Read a stream of YAML documents."""
    return iter(yaml.load_all(text, _Strict))


class _Strict(yaml.CSafeLoader):
    """Refuses a key that is there twice: some who read YAML take the first one, some the last one, some neither."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        assert len(set(names)) == len(names), f"a key is there twice: {names}"
        return dict(super().construct_mapping(node, deep))


def one(found: list[Manifest], kind: str, name: str = "") -> Manifest:
    """Give the one object of a kind, or of a kind and a name."""
    (fitting,) = [m for m in found if m["kind"] == kind and name in {"", m["metadata"]["name"]}]
    return fitting
