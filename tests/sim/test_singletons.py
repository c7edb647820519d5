"""The resources of which there is one, and what can be done to them."""

from __future__ import annotations

from typing import Any

import pytest

from ako.sim import Simulator
from tests.sim.client import Client, Json, pool, refused
from tests.sim.test_control import control


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "initial-data",
        "cluster/status",
        "cluster/version",
        "cluster/runtime",
        "ipamdnsproviderprofiledomainlist?cloud_uuid=x",
    ],
)
def test_what_is_for_reading_only(avi: Client, method: str, path: str) -> None:
    refused(avi.call(method, f"/api/{path}", {}), 405, f"Method '{method}' not allowed.")


@pytest.mark.parametrize("path", ["cluster", "systemconfiguration"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_there_is_one_and_stays_one(avi: Client, method: str, path: str) -> None:
    assert avi.call(method, f"/api/{path}").status_code == 405


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"bogus": 1}, "Cluster has no such field"),
        ({"name": 5}, "expected a string"),
        ({"name": None}, "a value is required"),
        ({"nodes": [{"ip": {"addr": "x", "type": "V4"}}]}, "is no address of type V4"),
        ({"tenant_ref": "/api/tenant?name=none"}, "Tenant object not found!"),
        ({"uuid": "other"}, "is not that of the resource"),
    ],
)
def test_the_cluster_is_checked_like_any_object(avi: Client, fields: Json, text: str) -> None:
    before = avi.get("/api/cluster").json()
    response = avi.call("PUT", "/api/cluster", {**before, **fields})
    refused(response, 404 if "tenant_ref" in fields else 400, text)
    assert avi.get("/api/cluster").json() == before


def test_the_cluster_can_be_read_changed_and_written_back(avi: Client) -> None:
    before = avi.get("/api/cluster").json()
    written = avi.call("PUT", "/api/cluster", {**before, "name": "renamed"})
    assert written.status_code == 200
    after = written.json()
    assert after["name"] == "renamed"
    assert {name: after[name] for name in ("uuid", "url", "nodes", "tenant_ref")} == {
        name: before[name] for name in ("uuid", "url", "nodes", "tenant_ref")
    }
    refused(avi.call("PUT", "/api/cluster", before), 412, "Need to reload object data Cluster")


@pytest.mark.parametrize(
    "body",
    [
        {"bogus": {"docker_mode": True}},
        {"docker_mode": True},
        {"replace": 1.5},
        {"replace": {"portal_configuration": "x"}},
        {"replace": {"default_license_tier": "FREE"}},
        {"replace": {"default_license_tier": ["x"]}},
        {"json_patch": "x"},
        {},
        [],
    ],
)
def test_patches_of_the_system_configuration_that_are_none(avi: Client, body: Any) -> None:
    before = avi.get("/api/systemconfiguration").json()
    assert avi.call("PATCH", "/api/systemconfiguration", body).status_code == 400
    assert avi.get("/api/systemconfiguration").json() == before


@pytest.mark.parametrize(
    ("body", "servers"),
    [
        ({"add": {"servers": ["c"]}}, ["a", "b", "c"]),
        ({"replace": {"servers": ["c"]}}, ["c"]),
        ({"delete": {"servers": ["a"]}}, ["b"]),
        ({"delete": {"servers": None}}, None),
        ({"delete": {"servers": ["a", "b"]}}, None),
        ({"json_patch": [{"op": "remove", "path": "/servers/0"}]}, ["b"]),
    ],
)
def test_patches_of_the_system_configuration(avi: Client, body: Json, servers: list[str] | None) -> None:
    avi.call("PATCH", "/api/systemconfiguration", {"add": {"servers": ["a", "b"]}})
    answer = avi.call("PATCH", "/api/systemconfiguration", body)
    assert answer.status_code == 200
    assert answer.json().get("servers") == servers
    assert answer.json()["uuid"] == "default"


def test_the_control_interface_keeps_the_documents_readable(sim: Simulator, avi: Client) -> None:
    with pytest.raises(OSError, match="400"):
        control(sim, "PUT", "singletons/cluster_runtime", {"cluster_state": 5})
    assert avi.get("/api/cluster/status").status_code == 200


@pytest.mark.parametrize("keys", ["x", 1, {"port": 8080}])
def test_entries_of_a_list_are_deleted_by_a_list_of_keys(avi: Client, keys: Any) -> None:
    uuid = avi.create("pool", pool())["uuid"]
    refused(avi.call("PATCH", f"/api/pool/{uuid}", {"delete": {"servers": keys}}), 400, "needs a list of keys")
    assert len(avi.read("pool", "p1")["servers"]) == 1
