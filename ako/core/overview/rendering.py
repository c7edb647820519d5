"""The picture as JSON, for whoever looks: made on threads of the server, each row once and again when it changed."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice

import msgspec

from ako.core.base.moment import rfc3339_now
from ako.core.base.refs import TreeName
from ako.core.base.secrecy import masked_texts
from ako.core.base.version import version
from ako.core.model.names import Names
from ako.core.overview.branches import Manner, branches_of
from ako.core.overview.overview import Overview, Shown
from ako.core.overview.rows import COLUMNS, Entry, Listener, ProblemRow, asked_as, listener_row, row_of
from ako.core.settings import Settings

KEPT_SECONDS = 120.0
"""For how long the rows as JSON are kept after somebody has asked for any."""

MOST_PROBLEMS = 2000
"""How many faults are told in the whole picture; what changes of them is told however many there are."""

_json = msgspec.json.Encoder().encode


class Rendering:
    """Makes JSON of what is shown; any thread may ask.

    Args:
        overview: what is shown.
        settings: gives those in force.
        masked: takes secrets out of a text.
        clock: seconds, growing.

    Attributes:
        instance: tells this picture from that of another process.
        made: how many rows were made so far.
    """

    def __init__(
        self,
        overview: Overview,
        settings: Callable[[], Settings],
        masked: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.instance = secrets.token_hex(8)
        self.made = 0
        self._overview = overview
        self._settings = settings
        self._masked = masked
        self._clock = clock
        self._asked_at = clock()
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[Entry, bytes]] = {}

    def whole(self) -> bytes:
        """Give everything there is to see."""
        shown = self._overview.whole()
        problems = shown.problems.values()
        parts: dict[str, bytes] = {
            "instance": _json(self.instance),
            "version": _json(shown.version),
            "at": _json(rfc3339_now()),
            "cluster": _json(self._names.cluster),
            "ako": _json(version()),
            "columns": _json(COLUMNS),
            "rows": _array(self._rows_of(shown, is_whole=True)),
            "problems": self._told(tuple(islice(chain.from_iterable(filter(None, problems)), MOST_PROBLEMS))),
            "virtual_services": self._virtual_services(shown.listeners.values()),
            **self._sections(shown),
        }
        return _object(parts)

    def since(self, seen: int) -> tuple[int, bytes] | None:
        """Give what changed since a version, and with which it is complete; None if the whole has to be looked at."""
        shown = self._overview.since(seen)
        if shown is None:
            return None
        parts: dict[str, bytes] = {
            "version": _json(shown.version),
            "rows": _array(self._rows_of(shown)),
            "gone": self._told(tuple(row_id for row_id, entry in shown.hosts.items() if entry is None)),
            **self._changed(shown),
            **self._sections(shown),
        }
        return shown.version, _object(parts)

    def branches(self, name: TreeName) -> bytes | None:
        """Give what is behind a virtual service that listens; None if there is none of that name."""
        found = self._overview.behind(name)
        if found is None:
            return None
        models = {row_id: entry.model for row_id, entry in found[1].items() if entry.model is not None}
        return self._told(branches_of(name, found[0].addresses, models, Manner.of(self._settings())))

    @property
    def kept(self) -> int:
        """Give how many rows are kept as JSON."""
        return len(self._rows)

    def let_go(self) -> None:
        """Forget the rows if nobody has asked for any for a while."""
        with self._lock:
            if self._clock() - self._asked_at > KEPT_SECONDS:
                self._rows.clear()

    @property
    def _names(self) -> Names:
        return Names(self._settings().ako_settings.cluster_name)

    def _changed(self, shown: Shown) -> Mapping[str, bytes]:
        parts: dict[str, bytes] = {}
        if shown.problems:
            told: Iterable[ProblemRow] = chain.from_iterable(filter(None, shown.problems.values()))
            parts["problems"] = self._told(tuple(told))
            parts["problems_of"] = self._told(tuple(map(asked_as, shown.problems)))
        if shown.listeners:
            parts["virtual_services"] = self._virtual_services(shown.listeners.values())
            parts["virtual_services_gone"] = self._told(
                tuple(name for name, listener in shown.listeners.items() if listener is None)
            )
        return parts

    def _sections(self, shown: Shown) -> Mapping[str, bytes]:
        return {name: self._told(section) for name, section in shown.sections.items()}

    def _virtual_services(self, listeners: Iterable[Listener | None]) -> bytes:
        names = self._names
        return self._told(tuple(listener_row(listener, names) for listener in listeners if listener is not None))

    def _rows_of(self, shown: Shown, *, is_whole: bool = False) -> tuple[bytes, ...]:
        """Give the rows as they are shown; what is none of the whole is forgotten."""
        names, before = self._names, self._rows
        found = {
            row_id: self._row(row_id, entry, before.get(row_id), names)
            for row_id, entry in shown.hosts.items()
            if entry is not None
        }
        with self._lock:
            self._asked_at = self._clock()
            self._rows = found if is_whole else self._rows
            self._rows.update(found)
            for gone in shown.hosts.keys() - found.keys():
                self._rows.pop(gone, None)
        return tuple(row for _, row in found.values())

    def _row(self, row_id: str, entry: Entry, kept: tuple[Entry, bytes] | None, names: Names) -> tuple[Entry, bytes]:
        if kept is not None and kept[0] is entry:
            return kept
        self.made += 1
        row = row_of(row_id, entry, names)
        text = _json(row)
        # Nearly none has a secret: only where one has, it is told text by text, so that no quote goes with it.
        return entry, text if self._masked(text.decode()) == text.decode() else self._told(row)

    def _told(self, value: object) -> bytes:
        """Give a value as JSON whose texts are without secrets; what a field is called stays, whatever is one."""
        return _json(masked_texts(msgspec.to_builtins(value), self._masked))


def _array(items: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _object(parts: Mapping[str, bytes]) -> bytes:
    return b"{" + b",".join(_json(name) + b":" + part for name, part in parts.items()) + b"}"
