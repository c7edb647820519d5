"""A folder of manifests under test."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ako.core.base.refs import ObjectRef
from ako.core.engine.changes import Change
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.folder import FolderCluster
from tests.core.kube.records import INGRESS_KIND, INGRESSES, told

SHOP = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  creationTimestamp: 2026-01-02T03:04:05Z
spec:
  rules:
  - host: shop.example.com
"""
SHOP_REF = ObjectRef(INGRESS_KIND, "default", "shop")


class Folder:
    """A folder under test and what its cluster told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes: list[Change] = []
        self.report = path.parent / "report.jsonl"
        self.cluster = FolderCluster(path, report_file=self.report, poll_seconds=None)

    def write(self, file: str, text: str | bytes) -> None:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if path.stat().st_mtime_ns == before:
            os.utime(path, ns=(before + 1, before + 1))

    def start(self, *kinds: WatchedKind) -> None:
        self.cluster.start(kinds or (INGRESSES,), self.changes.append)

    def news(self) -> list[str]:
        """Scan, and give what the sink was told since the last call."""
        self.cluster.scan_once()
        changes, self.changes[:] = list(self.changes), []
        return told(changes)

    def problems(self) -> list[str]:
        return [str(fault).removeprefix(f"{self.path}/") for fault in self.cluster.problems]

    def reported(self) -> list[object]:
        return [json.loads(line) for line in self.report.read_text().splitlines()]


def ingress(name: str, host: str = "a.example.com", namespace: str = "default") -> str:
    manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"rules": [{"host": host}]},
    }
    return json.dumps(manifest)
