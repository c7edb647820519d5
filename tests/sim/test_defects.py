"""What a simulator does that fails itself, and the bodies that must not make it fail."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from ako.sim import Simulator
from tests.sim.client import Client, Json, pool, refused, virtual_service, vsvip
from tests.sim.test_control import log


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[threading.ExceptHookArgs]:
    """Give what is told of failures in threads, which otherwise fails the test."""
    found: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", found.append)
    return found


def fail(*_: object) -> None:
    raise LookupError("nobody thought of this")


def test_a_defect_is_answered_logged_and_told(
    sim: Simulator, avi: Client, monkeypatch: pytest.MonkeyPatch, told: list[threading.ExceptHookArgs]
) -> None:
    monkeypatch.setattr(sim._api._controller.writer, "create", fail)
    refused(avi.call("POST", "/api/pool", pool()), 500, "nobody thought of this")
    row = log(sim)[-1]
    assert (row["method"], row["path"], row["name"], row["status"]) == ("POST", "/api/pool", "p1", 500)
    assert [str(defect.exc_value) for defect in told] == ["nobody thought of this"]
    assert avi.get("/api/pool").status_code == 200


def test_a_defect_of_the_control_interface_is_answered_and_told(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, told: list[threading.ExceptHookArgs]
) -> None:
    monkeypatch.setattr(sim.journal, "since", fail)
    refused(requests.get(f"{sim.url}/_sim/requests"), 500, "nobody thought of this")
    assert len(told) == 1


def test_a_macro_that_fails_leaves_nothing(
    sim: Simulator, avi: Client, monkeypatch: pytest.MonkeyPatch, told: list[threading.ExceptHookArgs]
) -> None:
    writer = sim._api._controller.writer
    settle = writer.addresses.settle
    monkeypatch.setattr(writer.addresses, "settle", fail)
    data = virtual_service(pool_ref_data=pool(), vsvip_ref_data=vsvip())
    refused(avi.call("POST", "/api/macro", {"model_name": "VirtualService", "data": data}), 500, "nobody thought")
    monkeypatch.setattr(writer.addresses, "settle", settle)
    assert avi.get("/api/pool").json()["count"] == 0


@pytest.mark.parametrize("body", [b'{"name": "\xff"}', b"[" * 100_000])
def test_bodies_nobody_can_read(avi: Client, body: bytes) -> None:
    headers = {**avi.headers, "X-CSRFToken": avi.session.cookies["csrftoken"], "Content-Type": "application/json"}
    answer = avi.session.post(f"{avi.url}/api/pool", data=body, headers=headers)
    refused(answer, 400, "JSON parse error")


@pytest.mark.parametrize(
    "data",
    [
        {"model_name": []},
        {"model_name": "Pool", "data": {"name": "p", "health_monitor_refs_data": "x"}},
        {"model_name": "Pool", "data": {"name": "p", "health_monitor_refs_data": ["x"]}},
        {"model_name": "VirtualService", "data": {**virtual_service(), "pool_ref_data": []}},
        {"model_name": "VirtualService", "data": {**virtual_service(), "pool_ref_data": "x"}},
        {"model_name": "NetworkSecurityPolicy", "data": {}},
    ],
)
def test_macros_that_are_none(avi: Client, data: Json) -> None:
    assert avi.call("POST", "/api/macro", data).status_code == 400


def test_a_macro_deletes_by_uuid_only(avi: Client) -> None:
    body = {"model_name": "Pool", "data": {"uuid": ["x"]}}
    assert avi.call("DELETE", "/api/macro", body).status_code == 404


@pytest.mark.parametrize("hours", ["²", 10**9, -1, None, [1]])
def test_hours_of_a_token(avi: Client, hours: Any) -> None:
    refused(avi.call("POST", "/api/user-token", {"hours": hours}), 400, "hours must be a number")


@pytest.mark.parametrize(
    "fields", [{"name": 5}, {"created_by": ["x"]}, {"tenant_ref": 5}, {"cloud_ref": {}}, {"cloud_ref": "/api/pool/x"}]
)
def test_types_that_take_any_field_still_have_names_and_places(avi: Client, fields: Json) -> None:
    assert avi.call("POST", "/api/serviceengine", {"name": "s", **fields}).status_code == 400
    created = avi.create("serviceengine", {"name": "t"})
    assert avi.call("PATCH", f"/api/serviceengine/{created['uuid']}", {"replace": fields}).status_code == 400
    assert avi.get(f"/api/serviceengine/{created['uuid']}").json()["name"] == "t"


def test_labels_of_any_form_are_searched(avi: Client) -> None:
    for name, labels in (("a", 5), ("b", ["x"]), ("c", [{"key": "k", "values": None}]), ("d", [{"key": "k"}])):
        avi.create("serviceengine", {"name": name, "labels": labels})
    assert avi.get("/api/serviceengine?label_key=k").json()["count"] == 2
    assert avi.get("/api/serviceengine?label_key=k&label_value=v").json()["count"] == 0


def test_adding_to_what_is_no_list_replaces_it(avi: Client) -> None:
    uuid = avi.create("serviceengine", {"name": "a", "labels": 5})["uuid"]
    assert avi.call("PATCH", f"/api/serviceengine/{uuid}", {"add": {"labels": ["x"]}}).json()["labels"] == ["x"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("latency", {"ms": -1}),
        ("latency", {"ms": []}),
        ("latency", {}),
        ("limits", {"servers": None}),
        ("limits", {"servers": -1}),
    ],
)
def test_control_interface_refuses_what_it_cannot_do(sim: Simulator, path: str, body: Json) -> None:
    method = "PUT" if path == "latency" else "POST"
    assert requests.request(method, f"{sim.url}/_sim/{path}", json=body).status_code == 400
    with Client(sim.url) as avi:
        avi.create("pool", pool())


def test_a_limit_on_what_is_no_list_limits_nothing(sim: Simulator, avi: Client) -> None:
    assert requests.post(f"{sim.url}/_sim/limits", json={"enabled": 1}).ok
    avi.create("pool", pool())
