"""What can be made to go wrong, as a client sees it."""

from __future__ import annotations

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.kube_api.stream import INGRESSES, Stream
from tests.waiting import PATIENCE

WEB = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web"
MERGE = "application/merge-patch+json"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_status_is_answered_so_many_times(kube: KubeApi, status: int) -> None:
    fault = kube.fault("/apis/networking.k8s.io", "GET", status=status, times=2)
    answers = [send(kube, "GET", INGRESSES) for _ in range(3)]
    assert [answer[0] for answer in answers] == [status, status, 200]
    assert answers[0][2]["code"] == status
    assert fault.hits == 2
    assert [record.status for record in kube.requests] == [status, status, 200]


def test_too_many_requests_says_when_to_come_back(kube: KubeApi) -> None:
    kube.fault(status=429, retry_after=7, times=1)
    status, headers, body = send(kube, "GET", INGRESSES)
    assert (status, headers["Retry-After"], body["details"]) == (429, "7", {"retryAfterSeconds": 7})


def test_a_fault_is_for_its_method_path_and_kind_of_request(kube: KubeApi) -> None:
    kube.apply(ingress())
    kube.fault(INGRESSES, "GET", status=500, watch=True)
    assert send(kube, "GET", INGRESSES)[0] == 200
    assert send(kube, "GET", "/api/v1/services")[0] == 200
    with Stream(kube) as stream:
        assert stream.status == 500


def test_a_cleared_fault_is_over(kube: KubeApi) -> None:
    with kube.fault(status=500):
        assert send(kube, "GET", INGRESSES)[0] == 500
    assert send(kube, "GET", INGRESSES)[0] == 200


def test_a_fault_that_does_nothing_is_refused(kube: KubeApi) -> None:
    with pytest.raises(ValueError, match="status, drop, hang, delay"):
        kube.fault("/api", times=3)


@pytest.mark.parametrize(("drop", "stored"), [("before", None), ("after", {"x": "y"})])
def test_a_dropped_connection_may_have_done_its_work(kube: KubeApi, drop: Any, stored: Any) -> None:
    kube.apply(ingress())
    kube.fault(WEB, "PATCH", drop=drop, times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        send(kube, "PATCH", WEB, {"metadata": {"labels": {"x": "y"}}}, Content_Type=MERGE)
    found = kube.get("Ingress", "shop", "web")
    assert found is not None
    assert found["metadata"].get("labels") == stored
    assert [record.status for record in kube.requests] == [0]


@pytest.mark.parametrize("release", ["clear", "down"])
def test_a_hanging_request_gets_no_answer(kube: KubeApi, release: str) -> None:
    outcome: list[BaseException] = []

    def ask() -> None:
        try:
            send(kube, "GET", INGRESSES)
        except (http.client.HTTPException, OSError) as problem:
            outcome.append(problem)

    fault = kube.fault(INGRESSES, hang=True)
    client = threading.Thread(target=ask)
    client.start()
    assert kube.wait_for(lambda: fault.hits == 1, PATIENCE)
    assert client.is_alive()
    if release == "clear":
        fault.clear()
    else:
        kube.down()
    client.join(timeout=PATIENCE)
    assert len(outcome) == 1


def test_a_delay_ends_with_the_right_answer(kube: KubeApi) -> None:
    kube.fault(INGRESSES, delay=0.01, times=1)
    assert send(kube, "GET", INGRESSES)[0] == 200
    with ThreadPoolExecutor(1) as pool, kube.fault(INGRESSES, delay=3600) as long:
        asked = pool.submit(send, kube, "GET", INGRESSES)
        assert kube.wait_for(lambda: long.hits == 1, PATIENCE)
        assert not asked.done()
        long.clear()
        assert asked.result(PATIENCE)[0] == 200


def test_down_refuses_connections_and_up_serves_the_same_objects_on_the_same_port(kube: KubeApi) -> None:
    kube.apply(ingress())
    port = kube.port
    with Stream(kube, resourceVersion=kube.mark()) as stream:
        kube.down()
        with pytest.raises(http.client.IncompleteRead):
            stream.rest()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            send(kube, "GET", INGRESSES)
    kube.down()
    kube.up()
    assert kube.port == port
    assert len(send(kube, "GET", INGRESSES)[2]["items"]) == 1


def test_a_verb_on_a_resource_can_be_forbidden(kube: KubeApi) -> None:
    kube.apply(ingress())
    refusal = kube.forbid("patch", "ingresses/status")
    status, _, body = send(kube, "PATCH", f"{WEB}/status", {"status": {}}, Content_Type=MERGE)
    assert (status, body["reason"]) == (403, "Forbidden")
    assert send(kube, "PATCH", WEB, {"metadata": {"labels": {"x": "y"}}}, Content_Type=MERGE)[0] == 200
    refusal.clear()
    assert send(kube, "PATCH", f"{WEB}/status", {"status": {}}, Content_Type=MERGE)[0] == 200


def test_the_right_token_is_asked_for_and_can_change(kube: KubeApi) -> None:
    kube.set_token("one")
    assert send(kube, "GET", INGRESSES)[0] == 403, "who shows no token is anonymous"
    assert send(kube, "GET", INGRESSES, Authorization="Bearer none")[0] == 401
    assert send(kube, "GET", INGRESSES, Authorization="Bearer one")[0] == 200
    kube.set_token("two")
    assert send(kube, "GET", INGRESSES, Authorization="Bearer one")[0] == 401
