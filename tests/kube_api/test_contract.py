"""What a real API server answered is what the stand-in answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ako.testing import KubeApi
from tests.kube_api.replay import TOKENS, Answer, Replay, send, transcripts
from tests.kube_api.stream import Stream

_TABLES = "tables of columns for people to read (`as=Table`)"
NOT_DONE = {
    "059": _TABLES,
    "060": _TABLES,
    "074": _TABLES,
    "179": "a server that stops gently, serving open streams to their end",
}
"""Exchanges that are not repeated, each with its reason; the reasons are those of the page about the stand-in."""

SERVES_LESS = {"003", "004", "006", "014"}
"""Discovery documents that list more kinds than the stand-in serves: compared as far as it does."""

CHECKS = {"011", "180", "181", "183", "184"}
"""Health checks that list their parts, which are the server's own: compared by their verdict."""

REC = "/apis/networking.k8s.io/v1/namespaces/rec/ingresses"

WORDED_OTHERWISE = {
    "031": "the decoder's words for a value of the wrong type",
    "032": "the decoder's words for broken JSON",
    "050": "the decoder's words for a broken token",
    "144": "a time that does not parse is reported with the whole object in the message",
    "145": "likewise",
    "157": "a CustomResourceDefinition reports one more cause: rules it did not get to",
}
"""Refusals compared by status and reason only, with what differs."""


def test_the_recorded_exchanges() -> None:
    with KubeApi(token=TOKENS["admin"]) as kube:
        kube.add_user("ako", token=TOKENS["ako"])
        assert _differences(Replay(kube), "001", "190") == []


def test_the_recorded_exchanges_round_a_compaction() -> None:
    with KubeApi(token=TOKENS["admin"]) as kube:
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rec"}})
        assert _differences(Replay(kube), "201", "206") == []


def _differences(replay: Replay, first: str, last: str) -> list[Any]:
    found = []
    exchanges = {exchange.number: exchange for exchange in transcripts() if first <= exchange.number <= last}
    open_streams: dict[str, Stream] = {}
    for number, exchange in exchanges.items():
        for later in _OPENED_BEFORE.get(number, ()):
            open_streams[later] = replay.opened(exchanges[later])
        if number in _BEFORE:
            _BEFORE[number](replay)
        if number in NOT_DONE:
            continue
        if number in open_streams:
            wanted, got = replay.watched(exchange, open_streams[number], _LAST.get(number))
        else:
            wanted, got = replay.exchange(exchange)
        if (difference := _difference(number, wanted, got)) is not None:
            found.append((number, exchange.name, *difference))
    return found


def _difference(number: str, wanted: Answer, got: Answer) -> tuple[Any, Any] | None:
    pair: tuple[Any, Any] = wanted, got
    if number in WORDED_OTHERWISE:
        pair = _gist(wanted), _gist(got)
    elif number in SERVES_LESS:
        pair = wanted._replace(body=_served(wanted.body, got.body)), got._replace(body=_served(got.body, got.body))
    elif number in CHECKS:
        pair = wanted._replace(body=wanted.body.splitlines()[-1]), got._replace(body=got.body.splitlines()[-1])
    return None if pair[0] == pair[1] else pair


def _gist(answer: Answer) -> Any:
    details = answer.body.get("details") or {}
    named = {field: value for field, value in details.items() if field != "causes"}
    causes = [(cause["reason"], cause["field"]) for cause in details.get("causes", ())]
    return answer.status, answer.headers, answer.body["reason"], answer.body["code"], named, causes


def _served(wanted: Any, got: Any) -> Any:
    """Leave out of a discovery document what the other one does not list, and sort what is left."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return {field: _served(value, got.get(field)) for field, value in wanted.items() if field in got}
    if isinstance(wanted, list) and isinstance(got, list) and wanted and isinstance(wanted[0], dict):
        known = {_name(one): one for one in got}
        return sorted((_served(one, known[_name(one)]) for one in wanted if _name(one) in known), key=repr)
    return wanted


def _name(entry: Any) -> str:
    for field in ("subresource", "resource", "version", "name"):
        if field in entry:
            return str(entry[field])
    return str(entry["metadata"].get("name"))


def _ingress(name: str, host: str = "a.example.com", **metadata: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "rec", **metadata},
        "spec": {"ingressClassName": "avi-lb", "rules": [{"host": host, "http": {"paths": [path]}}]},
    }


def _send(replay: Replay, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
    status, _, answer = send(
        replay.kube, method, path, body, Content_Type=kind, Authorization=f"Bearer {TOKENS['admin']}"
    )  # fmt: skip
    assert status in {200, 201}, answer
    return answer


def _create(replay: Replay, *bodies: Any) -> None:
    for body in bodies:
        _send(replay, "POST", REC, body)


def _patch(replay: Replay, path: str, body: Any) -> None:
    _send(replay, "PATCH", f"{REC}/{path}", body, "application/merge-patch+json")


def _pages(replay: Replay) -> None:
    _create(replay, *(_ingress(f"l{n}", f"l{n}.example.com", labels={"page": "1"}) for n in range(5)))


def _last_page(replay: Replay) -> None:
    recorded = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjE4LCJzdGFydCI6Ii9ub2NsYXNzXHUwMDAwIn0"
    replay.ours[recorded] = _send(replay, "GET", f"{REC}?limit=8")["metadata"]["continue"]


def _status_of_w(replay: Replay) -> None:
    _patch(replay, "w/status", {"status": {"loadBalancer": {"ingress": [{"ip": "10.1.1.1"}]}}})


def _past_to_refer_to(replay: Replay) -> None:
    page = _send(replay, "GET", f"{REC}?limit=1")["metadata"]
    replay.ours["293"] = page["resourceVersion"]
    replay.ours["eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjkzLCJzdGFydCI6Ii9hXHUwMDAwIn0"] = page["continue"]
    for n in range(5):
        _patch(replay, "a", {"metadata": {"annotations": {"n": str(n)}}})


def _uncached(replay: Replay) -> None:
    _create(replay, *(_ingress(f"i{n}") for n in range(4)))
    page = _send(replay, "GET", f"{REC}?limit=2")["metadata"]
    replay.ours["211"] = page["resourceVersion"]
    replay.ours["eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjExLCJzdGFydCI6ImkxXHUwMDAwIn0"] = page["continue"]
    for n in range(4):
        _patch(replay, "i0", {"metadata": {"annotations": {"n": str(n)}}})


def _patched_while_watched(replay: Replay) -> None:
    _patch(replay, "a", {"metadata": {"annotations": {"n": "watch-apiserver-sigkill"}}})


def _unwell(replay: Replay) -> None:
    replay.kube.clear_faults()
    for path in ("/livez", "/readyz"):
        replay.kube.fault(path, status=500)


def _restarted(replay: Replay) -> None:
    replay.kube.clear_faults()
    replay.kube.restart()


_OPENED_BEFORE = {"068": ("073", "075"), "182": ("182",)}
"""Streams that were open before an exchange and saw what came of it."""

_LAST: dict[str, Callable[[Replay], None]] = {"182": lambda replay: replay.kube.restart()}
"""What cut a stream."""

_BEFORE: dict[str, Callable[[Replay], None]] = {
    "045": _pages,
    "049": _last_page,
    "068": lambda replay: _create(replay, _ingress("w", labels={"app": "w"})),
    "069": _status_of_w,
    "109": lambda replay: _create(replay, _ingress("fin", finalizers=["ako.example.com/x"])),
    "174": _past_to_refer_to,
    "180": _unwell,
    "181": lambda replay: replay.ours.update({"312": str(replay.kube.mark())}),
    "182": _patched_while_watched,
    "183": _unwell,
    "185": _restarted,
    "186": lambda replay: replay.kube.compact(),
    "189": lambda replay: _create(replay, _ingress("held", finalizers=["example.com/hold"])),
    "201": _uncached,
    "203": lambda replay: replay.kube.compact(),
}
"""What happened on the recorded server right before an exchange, beside the exchanges themselves."""
