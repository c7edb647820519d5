"""The routes of one IngressRoute → for each host and path, who is asked in turn, by headers. Pure.

Of all routes that a request fits the one with the highest priority has it. On Avi the longest path is looked at first:
so at each path stand all routes whose paths it lies in, in the order of their priorities, up to the first that asks for
no header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ako import Backend
from ako_traefik_ingressroute.alternatives import Alternative, Header


class Entry(Struct, frozen=True):
    """A route: its place (the highest priority first, then as written), what it matches, and where it leads.

    Without backends nobody answers its requests: they are for nobody else either.
    """

    order: tuple[int, int]
    alternatives: tuple[Alternative, ...]
    backends: tuple[Backend, ...]


class Branch(Struct, frozen=True):
    """Requests with these headers go to these backends; without any, all that are left."""

    headers: tuple[Header, ...]
    backends: tuple[Backend, ...]


PathKey = tuple[str, bool]
"""A path, and whether it is an exact one."""


class Decision(Struct, frozen=True):
    """What becomes of the requests at one path of a host, in the order in which it is looked at."""

    branches: tuple[Branch, ...]

    @property
    def rest(self) -> Branch | None:
        """Give what becomes of requests without any headers, None if others are asked about them."""
        return self.branches[-1] if not self.branches[-1].headers else None

    @property
    def is_plain(self) -> bool:
        """Say whether there is nothing to decide: all requests go to some backends."""
        return len(self.branches) == 1 and self.rest is not None and bool(self.rest.backends)


Decisions = Mapping[str, Mapping[PathKey, Decision]]
"""Host → path → what becomes of its requests."""


def decide(entries: Iterable[Entry]) -> Decisions:
    """Give the decisions of an IngressRoute; hosts and paths in the order in which they come."""
    ordered = sorted(entries, key=lambda entry: entry.order)
    hosts = dict.fromkeys(one.host for entry in ordered for one in entry.alternatives)
    return {host: dict(_of_host(host, ordered)) for host in sorted(hosts)}


def _of_host(host: str, entries: list[Entry]) -> Iterator[tuple[PathKey, Decision]]:
    asked = [(one, entry.backends) for entry in entries for one in entry.alternatives if one.host == host]
    for path, is_exact in sorted({(one.path, one.is_exact) for one, _ in asked}):
        branches: dict[tuple[Header, ...], Branch] = {}
        for one, backends in asked:
            if _covers(one, path, is_exact=is_exact):
                branches.setdefault(one.headers, Branch(one.headers, backends))
                if not one.headers:
                    break
        yield (path, is_exact), Decision(tuple(branches.values()))


def _covers(one: Alternative, path: str, *, is_exact: bool) -> bool:
    return (is_exact and path == one.path) if one.is_exact else path.startswith(one.path)
