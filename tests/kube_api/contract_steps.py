"""What happened on the recorded server between two recorded exchanges."""

from __future__ import annotations

from typing import Any

from tests.kube_api.replay import Replay, send, TOKEN

INGRESSES = "/apis/networking.k8s.io/v1/namespaces/rec/ingresses"


def ingress(name: str, host: str = "a.example.com", **metadata: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "rec", **metadata},
        "spec": {"ingressClassName": "avi-lb", "rules": [{"host": host, "http": {"paths": [path]}}]},
    }


def prepare(replay: Replay, number: int) -> None:
    """Do what precedes an exchange."""
    match number:
        case 45:
            for n in range(5):
                _create(replay, ingress(f"l{n}", f"l{n}.example.com", labels={"page": "1"}))
        case 68:
            _create(replay, ingress("w", labels={"app": "w"}))
        case 69:
            _patch(replay, "w/status", {"status": {"loadBalancer": {"ingress": [{"ip": "10.1.1.1"}]}}})
        case 109:
            _create(replay, ingress("fin", finalizers=["ako.example.com/x"]))


def _create(replay: Replay, body: Any) -> None:
    status, _, answer = send(replay.kube, "POST", INGRESSES, body, Authorization=f"Bearer {TOKEN}")
    assert status == 201, answer


def _patch(replay: Replay, path: str, body: Any) -> None:
    kind = "application/merge-patch+json"
    status, _, answer = send(
        replay.kube, "PATCH", f"{INGRESSES}/{path}", body, Content_Type=kind, Authorization=f"Bearer {TOKEN}"
    )
    assert status == 200, answer
