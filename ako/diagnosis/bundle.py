"""Everything that a bug report needs, in one archive, without secrets."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ako.core.base.errors import AkoError
from ako.core.base.secrecy import Secrecy
from ako.core.engine.kinds import WatchedKind
from ako.diagnosis.redact import redacted

_LONGEST_NAME = 40
"""Of the folder in the archive: a longer path is written in a way that not everybody reads."""

Part = Callable[[], Any]
EVENTS = "events"
OWN = (("apps", "statefulsets"), ("", "pods"), ("", "configmaps"), ("", EVENTS))
"""What is looked at in our own namespace; its ConfigMaps are settings, which hold no password."""


class Asked(Protocol):
    """Whoever asks a cluster for its objects; both raise `AkoError` if there is no answer."""

    def serves(self, group: str, plural: str) -> bool:
        """Say whether a resource is served."""

    def manifests(self, group: str, plural: str, namespace: str = "") -> list[Mapping[str, Any]]:
        """Give the objects of a resource, of all namespaces or one."""


class Bundle:
    """Parts by file name; what could not be had is in `errors.json`, with the reason.

    Args:
        secrecy: what nobody may read.
        on_part: is told of each part before it is made.
    """

    def __init__(self, secrecy: Secrecy, on_part: Callable[[str], None] = lambda _: None) -> None:
        self._secrecy = secrecy
        self._on_part = on_part
        self.parts: dict[str, Any] = {}
        self.errors: dict[str, str] = {}

    def add(self, name: str, make: Part, redact: Callable[[Any], Any] = redacted) -> None:
        """Add a part; data becomes JSON, text stays text; `redact` takes out what nobody may read, by its field."""
        self._on_part(name)
        try:
            self.parts[name] = redact(make())
        except AkoError as fault:
            self.errors[name] = str(redacted(str(fault)))

    def write(self, path: Path) -> None:
        """Write the archive; nobody but its owner can read it."""
        parts = {**self.parts, **({"errors.json": self.errors} if self.errors else {})}
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)  # one that was there keeps its mode otherwise
        folder = path.name.partition(".")[0][:_LONGEST_NAME] or "ako"
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, part in sorted(self._secrecy.masked_json(parts).items()):
                text = part if isinstance(part, str) else json.dumps(part, indent=1, ensure_ascii=False)
                _add(archive, f"{folder}/{name}", text.encode())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(time.time())
    archive.addfile(entry, io.BytesIO(content))


def collect(bundle: Bundle, asked: Asked, kinds: Iterable[WatchedKind], own: str, namespace: str) -> None:
    """Add the objects of watched kinds, of all namespaces or one, and those of our own namespace.

    Secrets are left out: what is wrong with one is said where it is used.
    """
    plurals = {kind.kind: kind.plural for kind in kinds if kind.kind.name not in {"Secret", "ConfigMap"}}
    for kind, plural in plurals.items():
        if _is_served(asked, kind.group, plural):
            name = f"objects/{resource_name(plural, kind.group)}.json"
            bundle.add(name, partial(asked.manifests, kind.group, plural, namespace))
    bundle.add(f"objects/{EVENTS}.json", partial(asked.manifests, "", EVENTS, namespace))
    for group, plural in OWN:
        bundle.add(f"own/{resource_name(plural, group)}.json", partial(asked.manifests, group, plural, own))


def resource_name(plural: str, group: str) -> str:
    """Give the name of a resource that no other group can have."""
    return f"{plural}.{group}" if group else plural


def _is_served(asked: Asked, group: str, plural: str) -> bool:
    try:
        return asked.serves(group, plural)
    except AkoError:
        return True  # asking for its objects says what is wrong
