"""Faults to inject: which requests they hit, and what they do to them."""

from __future__ import annotations

import re
import threading
from typing import Annotated, Any

import msgspec

from ako.sim.journal import Exchange
from ako.testing.listener import Response
from ako.typed_json import reader

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_HEADER_VALUE = re.compile(r"[^\x00-\x1f\x7f]*\Z")

Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=3_600_000)]


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests a fault hits; what is not given matches all."""

    method: str | None = None
    model: str | None = None
    name: str | None = None
    path: str | None = None
    tenant: str | None = None

    def hits(self, exchange: Exchange) -> bool:
        """Say whether a request is meant."""
        request = exchange.request
        return (
            (self.method is None or self.method.upper() == request.method)
            and (self.model is None or self.model.lower() == exchange.kind)
            and (self.name is None or self.name == exchange.name)
            and (self.tenant is None or self.tenant == request.headers.get("x-avi-tenant", "admin"))
            and (self.path is None or request.path.startswith(self.path))
        )


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault as given to the control interface."""

    match: Match = Match()
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    body: Any = None
    headers: dict[str, str] = {}
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    when: str = "before"
    delay_ms: Milliseconds = 0
    drop: bool = False
    unreachable: bool = False

    def __post_init__(self) -> None:
        if self.when not in {"before", "after"}:
            raise ValueError(f"when must be before or after, got {self.when!r}")
        if self.status is None and (self.body is not None or self.headers):
            raise ValueError("body and headers need a status")
        for name, value in self.headers.items():
            if not _HEADER_NAME.match(name) or not _HEADER_VALUE.match(value):
                raise ValueError(f"headers: {name!r}: {value!r} is no header")

    @property
    def answers(self) -> bool:
        """Say whether it replaces the answer, rather than only delay it."""
        return self.status is not None or self.drop

    def response(self) -> Response:
        """Return the answer it makes."""
        raw = isinstance(self.body, str)
        body = b"" if self.body is None else self.body.encode() if raw else msgspec.json.encode(self.body)
        kind = "text/html" if raw else "application/json"
        return Response(self.status or 500, body, kind, list(self.headers.items()))


decode_fault = reader(Fault).decode
"""Read a fault from JSON; `msgspec.MsgspecError` if it is none."""


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[int, list[Any]] = {}
        self._next = 1
        self.unreachable = False

    def add(self, fault: Fault) -> int:
        """Set a fault; returns its id."""
        with self._lock:
            number = self._next
            self._next += 1
            self._faults[number] = [fault, fault.times]
            self._note_reach()
            return number

    def remove(self, number: int | None) -> bool:
        """Take away one fault, or all; False if there was none of that id."""
        with self._lock:
            if number is None:
                self._faults.clear()
            elif self._faults.pop(number, None) is None:
                return False
            self._note_reach()
            return True

    def listed(self) -> list[dict[str, Any]]:
        """Return the faults with their ids and how often they still strike."""
        with self._lock:
            return [
                {"id": number, **msgspec.to_builtins(fault), "times": left}
                for number, (fault, left) in self._faults.items()
            ]

    def any(self) -> bool:
        """Say whether there are faults at all."""
        return bool(self._faults)

    def striking(self, exchange: Exchange) -> list[Fault]:
        """Return the faults that hit a request, in the order they were set, at most one that answers; counts them."""
        hits: list[Fault] = []
        with self._lock:
            for number, entry in list(self._faults.items()):
                fault, left = entry
                if fault.unreachable or not fault.match.hits(exchange):
                    continue
                if fault.answers and any(other.answers for other in hits):
                    continue
                hits.append(fault)
                if left is not None:
                    entry[1] = left - 1
                    if left <= 1:
                        del self._faults[number]
        return hits

    def _note_reach(self) -> None:
        self.unreachable = any(fault.unreachable for fault, _ in self._faults.values())
