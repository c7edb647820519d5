"""The picture of all hosts: noted as outcomes are told, and shown as one version more at the end of a pass.

The thinking thread notes and shows; any other thread reads what is shown. What passes between them are frozen values,
and a lock that is held for as long as it takes to file those that changed, or to copy the references to all of them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ako.core.assemble.pipeline import STATIC_ROUTES, Pipeline
from ako.core.base.refs import NO_TREE, Kind, ObjectRef, TreeName
from ako.core.hooks.outcome import HostOutcome, Outcome
from ako.core.hooks.translation import HostModel
from ako.core.observe.observed import Observed
from ako.core.overview.rows import Entry, Listener, ProblemRow, by_row, ids_of, problem_rows

MOST_REMEMBERED = 5000
"""How many changes of single things are remembered, so that who has seen an older version can be told what changed."""

_SERVICE = Kind("", "v1", "Service")
_NOTHING = Outcome()


class Shown(Struct, frozen=True):
    """What somebody is to be told: everything, or what changed since a version; None stands for what is gone.

    Attributes:
        version: with which this is complete.
        hosts: what rows are made of, by their ids.
        listeners: virtual services that listen, by tree.
        problems: the faults of source objects.
        sections: the rest, by name.
    """

    version: int
    hosts: Mapping[str, Entry | None]
    listeners: Mapping[TreeName, Listener | None]
    problems: Mapping[ObjectRef, tuple[ProblemRow, ...] | None]
    sections: Mapping[str, Any]


class Overview:
    """Keeps the picture.

    Args:
        pipeline: what was made of the source objects.
        observed: what is on the Controller.

    Attributes:
        filed: how many things were filed that are others than before.
    """

    def __init__(self, pipeline: Pipeline, observed: Observed) -> None:
        self.filed = 0
        self._faults = 0
        self._pipeline = pipeline
        self._observed = observed
        self._told: dict[ObjectRef, Outcome] = {}
        self._idle: set[ObjectRef] = set()
        self._pending: dict[str, dict[ObjectRef, HostOutcome | None]] = {}
        self._again: set[str] = set()
        self._retold: set[ObjectRef] = set()
        self._touched: set[TreeName] = set()
        self._version = 0
        self._shown: Mapping[str, dict[Any, Any]] = {part: {} for part in Shown.__struct_fields__[1:]}
        self._journal: deque[tuple[int, str, Any]] = deque()
        self._complete_since = 0
        self._is_ended = False
        self._lock = threading.Condition()

    # On the thinking thread.

    def note(self, ref: ObjectRef, outcome: Outcome | None) -> None:
        """Note what an object was told; None: it is gone."""
        before, now = self._told.get(ref, _NOTHING), outcome or _NOTHING
        if before.hosts == now.hosts and before.problems == now.problems and before is not _NOTHING:
            # As at each full sync, and mostly; but what was made of its hosts may be another.
            self._again.update(by_row(ref, before.hosts))
            return
        self._told.pop(ref, None)
        if now.hosts or now.problems:
            self._told[ref] = now
        # Most Services ask for nothing, which is no news.
        is_idle = outcome is not None and ref not in self._told and ref.kind != _SERVICE
        (self._idle.add if is_idle else self._idle.discard)(ref)
        self._retold.add(ref)
        self._touched.update(host.tree for host in (*before.hosts, *now.hosts))
        for row_id in by_row(ref, before.hosts):
            self._pending.setdefault(row_id, {})[ref] = None
        for row_id, host in by_row(ref, now.hosts).items():
            self._pending.setdefault(row_id, {})[ref] = host

    def touch(self, trees: Iterable[TreeName]) -> None:
        """Note that virtual services may be others than before."""
        self._touched.update(trees)

    def show(self, sections: Mapping[str, Any], *, works: bool = True) -> None:
        """Show all others what was noted, and what else there is to see; no hosts where another replica works."""
        if not works:
            self._forget()
        hosts = {row_id: self._entry(row_id, now) for row_id, now in self._pending.items()}
        hosts |= {row_id: self._remade(row_id) for row_id in self._again - hosts.keys()}
        problems = {ref: tuple(problem_rows(ref, self._told.get(ref, _NOTHING))) or None for ref in self._retold}
        self._faults += sum(len(now or ()) - len(self._shown["problems"].get(ref, ())) for ref, now in problems.items())
        found: Mapping[str, Mapping[Any, Any]] = {
            "hosts": hosts,
            "listeners": {tree: self._listener(tree) if works else None for tree in self._touched - {NO_TREE}},
            "problems": problems,
            "sections": {**sections, "not_ours": len(self._idle), "problems_in_all": self._faults},
        }
        self._pending, self._again, self._touched, self._retold = {}, set(), set(), set()
        news = [
            (part, key, value)
            for part, things in found.items()
            for key, value in things.items()
            if self._shown[part].get(key) != value
        ]
        if news:
            self._file(news)

    def end(self) -> None:
        """Let whoever waits for something new go."""
        with self._lock:
            self._is_ended = True
            self._lock.notify_all()

    def _forget(self) -> None:
        for ref in [*self._told, *self._idle]:
            self.note(ref, None)
        self._touched.update(self._shown["listeners"])

    def _entry(self, row_id: str, now: Mapping[ObjectRef, HostOutcome | None]) -> Entry | None:
        before: Entry | None = self._shown["hosts"].get(row_id)
        told = {**dict(before.told if before else ()), **now}
        left = tuple((ref, host) for ref in sorted(told) if (host := told[ref]) is not None)
        return Entry(left, self._model(row_id, *left[0])) if left else None

    def _remade(self, row_id: str) -> Entry | None:
        before: Entry | None = self._shown["hosts"].get(row_id)
        if before is None:
            return None
        model = self._model(row_id, *before.told[0])
        return before if model is before.model else Entry(before.told, model)

    def _model(self, row_id: str, ref: ObjectRef, host: HostOutcome) -> HostModel | None:
        if not host.is_port:
            return self._pipeline.model(row_id)
        found = self._pipeline.claims.value(ref)
        return self._pipeline.model(found.claims[0].key) if found and found.claims else None

    def _listener(self, name: TreeName) -> Listener | None:
        tree = None if name == STATIC_ROUTES else self._pipeline.trees.value(name)
        vsvip = self._observed.vsvip(name)
        if tree is None or not (tree.hosts or tree.shared):
            return None
        is_there = name.ref("virtualservice") in self._observed
        return Listener(tree, vsvip.addresses if vsvip else (), is_there)

    def _file(self, news: Iterable[tuple[str, Any, Any]]) -> None:
        with self._lock:
            self._version += 1
            for part, key, value in news:
                self.filed += 1
                if value is None:
                    del self._shown[part][key]
                else:
                    self._shown[part][key] = value
                self._journal.append((self._version, part, key))
            while len(self._journal) > MOST_REMEMBERED:
                self._complete_since = self._journal.popleft()[0]
            self._lock.notify_all()

    # On any thread.

    @property
    def version(self) -> int:
        """Give the version that is shown."""
        return self._version

    @property
    def is_ended(self) -> bool:
        """Say whether nothing more will be shown."""
        return self._is_ended

    def whole(self) -> Shown:
        """Give everything there is to see."""
        with self._lock:
            parts = {part: things.copy() for part, things in self._shown.items()}
            return Shown(self._version, **parts)

    def since(self, version: int) -> Shown | None:
        """Give what changed since a version; None where that is not known any more, or never was a version."""
        with self._lock:
            if not self._complete_since <= version <= self._version:
                return None
            parts: Mapping[str, dict[Any, Any]] = {part: {} for part in self._shown}
            for part, key in self._changed_since(version):
                parts[part][key] = self._shown[part].get(key)
            return Shown(self._version, **parts)

    def behind(self, name: TreeName) -> tuple[Listener, dict[str, Entry]] | None:
        """Give a virtual service that listens, and what the rows on it are made of; None if none is called so."""
        with self._lock:
            listener: Listener | None = self._shown["listeners"].get(name)
            hosts: dict[str, Entry] = self._shown["hosts"].copy()
        if listener is None:
            return None
        ids = (row_id for placed in listener.tree.hosts for row_id in ids_of(placed))
        return listener, {row_id: hosts[row_id] for row_id in ids if row_id in hosts}

    def wait_beyond(self, version: int, patience: float) -> bool:
        """Wait until there is something new, or the end; say whether there is, within so many seconds."""
        with self._lock:
            return self._lock.wait_for(lambda: self._version != version or self._is_ended, patience)

    def wait_for_end(self, patience: float) -> None:
        """Wait for the end, so many seconds at most."""
        with self._lock:
            self._lock.wait_for(lambda: self._is_ended, patience)

    def _changed_since(self, version: int) -> Iterator[tuple[str, Any]]:
        for changed_in, part, key in reversed(self._journal):
            if changed_in <= version:
                return
            yield part, key
