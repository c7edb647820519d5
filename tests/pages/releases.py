"""Helm, as far as pages use it: its own engine renders, and what comes of it goes to the stand-in of the API server."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ako.testing import KubeApi
from tests.chart.place import Manifest, manifests, notes

Values = dict[str, Any]


class Releases:
    """The releases of a cluster, each with the values of its revisions."""

    def __init__(self, kube: KubeApi) -> None:
        self._kube = kube
        self._revisions: dict[str, list[Values]] = {}

    def run(self, words: list[str], folder: Path) -> tuple[int, str]:
        """Do what a command says; give its exit code and what it prints."""
        asked = _parser().parse_args(words)
        values = _laid(
            [yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in asked.values], asked.set
        )
        history = self._revisions.setdefault(asked.release, [])
        if asked.verb == "install" and history:
            return 1, "Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n"
        if asked.verb == "upgrade" and not history and not asked.install:
            return 1, f'Error: UPGRADE FAILED: "{asked.release}" has no deployed releases\n'
        if asked.verb == "template":
            return 0, yaml.safe_dump_all(manifests(values))
        if asked.verb == "history":
            return 0, "".join(f"{number}\tdeployed\n" for number in range(1, len(history) + 1))
        if asked.verb == "uninstall":
            self._put(history[-1], {})
            del self._revisions[asked.release]
            return 0, f'release "{asked.release}" uninstalled\n'
        if asked.verb == "rollback":
            values = history[int(asked.chart or len(history) - 1) - 1]
        if asked.create_namespace:
            self._kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": asked.namespace}})
        self._put(history[-1] if history else {}, values)
        history.append(values)
        if asked.verb == "rollback":
            return 0, "Rollback was a success! Happy Helming!\n"
        head = f"NAME: {asked.release}\nSTATUS: deployed\nREVISION: {len(history)}\n"
        return 0, f"{head}NOTES:\n{notes(values)}\n"

    def _put(self, before: Values, after: Values) -> None:
        wanted = manifests(after) if after else []
        kept = {_identity(one) for one in wanted}
        for one in manifests(before) if before else []:
            if _identity(one) not in kept:
                self._kube.delete(one)
        for one in wanted:
            kind, namespace, name = _identity(one)
            there = self._kube.get(kind, namespace, name) or {}
            status = {"status": there["status"]} if "status" in there else {}
            self._kube.apply({**one, **status})


def _identity(manifest: Manifest) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _laid(files: list[Values], settings: list[str]) -> Values:
    whole: Values = {}
    for file in files:
        whole = _merged(whole, file)
    for setting in settings:
        key, _, text = setting.partition("=")
        value: Any = yaml.safe_load(text)
        for part in reversed(key.split(".")):
            value = {part: value}
        whole = _merged(whole, value)
    return whole


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Values:
    both = dict(below)
    for key, value in above.items():
        is_section = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = _merged(both[key], value) if is_section else value
    return both


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helm", exit_on_error=False)
    parser.add_argument("verb", choices=["install", "upgrade", "rollback", "uninstall", "template", "history"])
    parser.add_argument("release")
    parser.add_argument("chart", nargs="?")
    parser.add_argument("--namespace", "-n")
    parser.add_argument("--values", "-f", action="append", default=[])
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--create-namespace", action="store_true")
    return parser
