"""`ako openshift inspect`: everything that a bug report needs, in one archive, without secrets."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ako.core.base.errors import AkoError
from ako.core.base.secrecy import Secrecy
from ako.core.engine.kinds import WatchedKind
from ako.openshift_tools.client import Client, ToolError, resource_name
from ako.openshift_tools.redact import redacted

Part = Callable[[], Any]
EVENTS = "events"
OWN = ("statefulsets.apps", "pods", "configmaps", EVENTS)
"""What is looked at in our own namespace; its ConfigMaps are settings, which hold no password."""


class Bundle:
    """Parts by file name; what could not be had is in `errors.json`, with the reason."""

    def __init__(self, secrecy: Secrecy) -> None:
        self._secrecy = secrecy
        self.parts: dict[str, Any] = {}
        self.errors: dict[str, str] = {}

    def add(self, name: str, make: Part) -> None:
        """Add a part; data becomes JSON, text stays text."""
        try:
            self.parts[name] = redacted(make())
        except AkoError as fault:
            self.errors[name] = str(redacted(str(fault)))

    def write(self, path: Path) -> None:
        """Write the archive; nobody but its owner can read it."""
        parts = {**self.parts, **({"errors.json": self.errors} if self.errors else {})}
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, part in sorted(self._secrecy.masked_json(parts).items()):
                text = part if isinstance(part, str) else json.dumps(part, indent=1, ensure_ascii=False)
                _add(archive, f"{path.name.partition('.')[0]}/{name}", text.encode())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(time.time())
    archive.addfile(entry, io.BytesIO(content))


def collect(bundle: Bundle, client: Client, kinds: Iterable[WatchedKind], own: str, namespace: str) -> None:
    """Add the objects of watched kinds, of all namespaces or one, and those of our own namespace.

    Secrets are left out: what is wrong with one is said where it is used.
    """
    plurals = {kind.kind: kind.plural for kind in kinds if kind.kind.name not in {"Secret", "ConfigMap"}}
    for kind, plural in plurals.items():
        resource = resource_name(plural, kind.group)
        if _is_served(client, kind.group, plural):
            bundle.add(f"objects/{resource}.json", partial(_objects, client, resource, namespace))
    bundle.add(f"objects/{EVENTS}.json", partial(_objects, client, EVENTS, namespace))
    for resource in OWN:
        bundle.add(f"own/{resource}.json", partial(_objects, client, resource, own))


def _is_served(client: Client, group: str, plural: str) -> bool:
    try:
        return client.serves(group, plural)
    except ToolError:
        return True  # asking for its objects says what is wrong


def _objects(client: Client, resource: str, namespace: str) -> list[Mapping[str, Any]]:
    return [found.as_dict() for found in client.objects(resource, namespace)]
