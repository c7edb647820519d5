"""What the pages of the health server say: health of ours, and `/api/status` as AKO has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct

from ako.core.base.moment import rfc3339
from ako.core.base.version import version
from ako.core.control.checks import Check
from ako.core.control.questions import NoAnswerError
from ako.core.explain.answer import Answer
from ako.core.explain.reading import outline_of
from ako.core.overview.overview import Overview
from ako.core.settings import Settings

LONGEST_ANSWER = 5.0
"""Seconds after which a question that is not answered counts as lost."""

PLAIN = "text/plain; charset=utf-8"


class Outlook(Struct, frozen=True):
    """What the page in the browser is made of.

    Attributes:
        overview: the picture of all hosts.
        settings: those in force.
    """

    overview: Overview
    settings: Callable[[], Settings]


class Health(Struct, frozen=True):
    """What the server tells, each asked for when it is needed, on threads of the server.

    Attributes:
        standstill: for how many seconds the loop has got nowhere, if that is too long, else 0; never depends on the
            Controller or the API server.
        checks: conditions of readiness.
        works: this replica is the one that works, if there are several: others do not talk to the Controller.
        avi_errors: the last errors of the Controller, with their times.
        is_connected: whether the Controller answers; None before the first answer.
        exposition: all metrics as they are now, in the text format of Prometheus.
        ask: a question → what `ako explain` says, with the seconds to wait for it; raises `NoAnswerError`.
        outlook: what the page is made of; None where there is none.
    """

    standstill: Callable[[], float]
    checks: Callable[[], Sequence[Check]]
    works: Callable[[], bool]
    avi_errors: Callable[[], Sequence[Mapping[str, str]]]
    is_connected: Callable[[], bool | None]
    exposition: Callable[[], bytes]
    ask: Callable[[str, float], Answer]
    outlook: Outlook | None = None


class Page(Struct, frozen=True):
    """An answer: HTTP status, content type, the body, and more headers; the body of a masked one has no secrets."""

    status: int
    kind: str
    body: bytes
    headers: Mapping[str, str] = {}
    is_masked: bool = False


class Stream(Struct, frozen=True):
    """An answer without an end: what is sent as it comes, empty where there is nothing now, and what ends it."""

    kind: ClassVar[str] = "text/event-stream"

    pieces: Iterator[bytes]
    close: Callable[[], None]


class Request(Struct, frozen=True):
    """What is asked for: method, query, and the headers by their names in small letters."""

    method: str
    query: str
    headers: Mapping[str, str]


FOR_PROBES = ("/healthz", "/readyz", "/metrics", "/api/status")
"""What says nothing of single hosts; all else is of the page."""


def pages_of(health: Health) -> Mapping[str, Callable[[str], Page]]:
    """Give the pages by path; each takes the query."""
    return {
        "/healthz": lambda _: _healthz(health),
        "/readyz": lambda query: _readyz(health, query),
        "/metrics": lambda _: Page(200, "text/plain; version=0.0.4; charset=utf-8", health.exposition()),
        "/api/status": lambda _: _status(health),
        "/api/explain": lambda query: _explain(health, query),
    }


def text(status: int, words: str, headers: Mapping[str, str] | None = None) -> Page:
    """Give a page of plain text."""
    return Page(status, PLAIN, f"{words}\n".encode(), headers or {})


def _healthz(health: Health) -> Page:
    seconds = health.standstill()
    return text(500, f"the loop stands still for {seconds:.0f} s") if seconds else text(200, "ok")


def _readyz(health: Health, query: str) -> Page:
    """Tell the checks; without regard to those that `exclude=NAME` names, as often as wanted: Kubernetes' own way."""
    given = parse_qs(query, keep_blank_values=True)
    checks, excluded = health.checks(), set(given.get("exclude", ()))
    is_ready = all(check.is_met for check in checks if check.name not in excluded)
    is_told = "verbose" in given or not is_ready
    lines = [_line(check, excluded) for check in checks if is_told or (check.is_urgent and check.name not in excluded)]
    unknown = sorted(excluded.difference(check.name for check in checks))
    notes = [f"no check is called {name!r}: it cannot be excluded" for name in unknown]
    return text(200 if is_ready else 503, "\n".join([*lines, *notes, "ready" if is_ready else "not ready"]))


def _line(check: Check, excluded: set[str]) -> str:
    """Tell a check in a line: met or not, what is so, what to do about it, and since when."""
    if check.name in excluded:
        return f"[+] {check.name} excluded"
    sign, since = "+" if check.is_met else "-", f"(since {rfc3339(check.since)}, {check.seconds:.0f} s)"
    told = "; ".join(filter(None, (check.detail, check.remedy)))
    return " ".join(filter(None, (f"[{sign}]", check.name, told, since)))


def _status(health: Health) -> Page:
    """Tell the connection as AKO does; not well while the one that is to work is not connected."""
    is_connected = health.is_connected()
    states = {None: "INITIATING", True: "CONNECTED", False: "DISCONNECTED"}
    api = {"connection_status": states[is_connected], "errors": [*health.avi_errors()]}
    body: dict[str, Any] = {"avi_api": api, "version": version()}
    return Page(200 if is_connected or not health.works() else 503, "application/json", json.dumps(body).encode())


def _explain(health: Health, query: str) -> Page:
    """Answer a question, `q`, in data and as people read it."""
    question = parse_qs(query).get("q", [""])[0].strip()
    if not question:
        return text(400, "no question; ask with ?q=QUESTION, such as a host, or Ingress/NAMESPACE/NAME")
    try:
        answer = health.ask(question, LONGEST_ANSWER)
    except NoAnswerError as error:
        return text(503, str(error))
    told = {"answer": answer, "outline": outline_of(answer)}
    return Page(200, "application/json", msgspec.json.encode(told))
