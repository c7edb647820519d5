"""The controller let into a cluster with exactly the rights that `ako rbac` prints for its settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, Protocol
from unittest import mock

import yaml

from ako.cli.main import main
from tests.program import environment
from tests.waiting import eventually

Manifest = dict[str, Any]

_PORT = re.compile(r"https?://127\.0\.0\.1:\d+")

ACCOUNT = "system:serviceaccount:avi-system:ako-sa"
"""Whom the printed roles are bound to."""


class Grants(Protocol):
    """A cluster that takes roles."""

    def apply(self, *manifests: Manifest) -> Sequence[Manifest]:
        """Create or replace objects."""


class Rule(NamedTuple):
    """One verb on one resource, as roles say it."""

    role: str
    group: str
    resource: str
    verb: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        return " ".join((self.verb, resource, *self.names))


def ako(*arguments: str) -> tuple[int, str, str]:
    """Run a short command of the program in this process; give exit code, output and errors."""
    with (
        mock.patch.dict(os.environ, environment(os.environ), clear=True),
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
    ):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def printed(*arguments: str) -> list[Manifest]:
    """Give what `ako rbac` prints."""
    code, out, err = ako("rbac", *arguments)
    assert code == 0, err
    return list(yaml.safe_load_all(out))


def rules_of(manifests: Sequence[Manifest]) -> list[Rule]:
    """Give every verb on every resource that roles grant."""
    return [
        Rule(manifest["kind"], rule["apiGroups"][0], rule["resources"][0], verb, tuple(rule.get("resourceNames", ())))
        for manifest in manifests
        for rule in manifest.get("rules", ())
        for verb in rule["verbs"]
    ]


def without(manifests: Sequence[Manifest], left_out: Rule | None) -> list[Manifest]:
    """Give the same roles without one verb on one resource."""
    return [
        {**manifest, "rules": [_less(manifest["kind"], rule, left_out) for rule in manifest["rules"]]}
        if "rules" in manifest
        else manifest
        for manifest in manifests
    ]


def _less(role: str, rule: Manifest, left_out: Rule | None) -> Manifest:
    about = Rule(role, rule["apiGroups"][0], rule["resources"][0], "", tuple(rule.get("resourceNames", ())))
    verbs = [verb for verb in rule["verbs"] if about._replace(verb=verb) != left_out]
    return {**rule, "verbs": verbs or ["nothing"]}


def grant(cluster: Grants, config: Path, left_out: Rule | None = None) -> None:
    """Bind what `ako rbac` prints for a settings file, whole or without one right."""
    cluster.apply(*without(_shipped(_PORT.sub("https://controller", config.read_text(encoding="utf-8"))), left_out))


@cache
def _shipped(settings: str) -> list[Manifest]:
    """Give what is printed for these settings, where the Controller is apart: many tests have the same ones."""
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as config:
        config.write(settings)
        config.flush()
        return printed("--config", config.name)


def in_force(config: Path, kubeconfig: Path, left_out: Rule | None = None) -> None:
    """Wait until the API server grants what it was told to: it takes roles up a moment after it has stored them."""
    arguments = ("rbac", "--check", "--config", str(config), "--kubeconfig", str(kubeconfig))
    wanted: Callable[[], bool] = lambda: _missing(ako(*arguments)[1]) == (left_out is not None)  # noqa: E731
    eventually(wanted, f"rights in force, without {left_out}")


def _missing(table: str) -> int:
    return sum(line.startswith("no ") for line in table.splitlines())
