"""What a real API server answered is what the stand-in answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ako.testing import KubeApi
from ako.testing.kube_api.resources import ROUTE_CRD
from tests.kube_api.replay import TOKEN, Replay, send, transcripts

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
    with KubeApi(token=TOKEN) as kube:
        replay = Replay(kube)
        assert _differences(replay, 1, 190, _BEFORE) == []


def test_the_recorded_exchanges_round_a_compaction() -> None:
    with KubeApi(token=TOKEN) as kube:
        replay = Replay(kube)
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rec"}})
        assert _differences(replay, 201, 206, _BEFORE) == []


def _differences(replay: Replay, first: int, last: int, before: dict[str, Callable[[Replay], None]]) -> list[Any]:
    found = []
    exchanges = transcripts(first, last)
    assert exchanges
    for path in exchanges:
        number = path.name[:3]
        if number in before:
            before[number](replay)
        wanted, got = replay.exchange(path)
        if number in WORDED_OTHERWISE:
            wanted, got = [(side[0], side[1], side[2]["reason"], side[2]["code"]) for side in (wanted, got)]
        if wanted != got:
            found.append((path.name, wanted, got))
    return found


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
        replay.kube, method, path, body, Content_Type=kind, Authorization=f"Bearer {TOKEN}"
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


def _node(replay: Replay) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    spec = {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"], "taints": [taint]}
    metadata = {"name": "n1", "labels": {"kubernetes.io/hostname": "n1"}}
    _send(replay, "POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec})


def _routes(replay: Replay) -> None:
    _send(replay, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ROUTE_CRD)


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


_BEFORE: dict[str, Callable[[Replay], None]] = {
    "045": _pages,
    "049": _last_page,
    "068": lambda replay: _create(replay, _ingress("w", labels={"app": "w"})),
    "069": _status_of_w,
    "109": lambda replay: _create(
        replay, _ingress("ssa", labels={"m": "other"}), _ingress("fin", finalizers=["ako.example.com/x"])
    ),
    "122": _node,
    "153": _routes,
    "174": _past_to_refer_to,
    "186": lambda replay: replay.kube.compact(),
    "189": lambda replay: _create(replay, _ingress("held", finalizers=["example.com/hold"])),
    "201": _uncached,
    "203": lambda replay: replay.kube.compact(),
}
"""What happened on the recorded server right before an exchange, beside the exchanges themselves."""
