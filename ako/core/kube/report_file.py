"""What would have gone to Kubernetes, as JSON lines in a file; `FolderCluster` writes it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import msgspec

from ako.core.base.refs import ObjectRef
from ako.core.base.secrecy import Secrecy
from ako.core.kube.cluster import Event

_log = logging.getLogger(__name__)


class Report:
    """Appends one line for each status and each Event; without a file it keeps nothing."""

    def __init__(self, path: Path | None, secrecy: Secrecy | None = None) -> None:
        """Open nothing for long: the file is created now, so that a wrong path shows at once.

        Raises:
            OSError: the file cannot be written.
        """
        self._path = path
        self._secrecy = secrecy or Secrecy()
        self._lock = threading.Lock()
        if path is not None:
            path.open("ab").close()

    def status(self, ref: ObjectRef, status: Any) -> None:
        """Append the status written to an object; None clears it."""
        self._append({"object": str(ref), "status": status})

    def event(self, ref: ObjectRef, event: Event) -> None:
        """Append an Event of an object."""
        self._append({"object": str(ref), "event": msgspec.to_builtins(event)})

    def _append(self, entry: dict[str, Any]) -> None:
        if self._path is None:
            return
        try:
            with self._lock, self._path.open("ab") as file:
                file.write(msgspec.json.encode(self._secrecy.masked_json(entry)) + b"\n")
        except OSError as error:
            _log.error("the report %s cannot be written: %s", self._path, error)
