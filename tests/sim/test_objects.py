"""Creating, reading, replacing, patching, deleting; references, names and defaults."""

from __future__ import annotations

from typing import Any

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.sim.client import Client, fixture, pool, refused, virtual_service, vsvip


def test_create_answers_201_with_location_names_and_defaults(sim: Simulator, avi: Client) -> None:
    response = avi.call("POST", "/api/pool", pool())
    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{sim.url}/api/pool/{body['uuid']}#p1"
    assert body["url"] == f"{sim.url}/api/pool/{body['uuid']}#p1"
    assert body["cloud_ref"].endswith("#Default-Cloud")
    assert body["vrf_ref"].endswith("#global")
    assert body["lb_algorithm"] == "LB_ALGORITHM_LEAST_CONNECTIONS"
    assert body["servers"][0]["hostname"] == "10.1.1.1"
    assert body["servers"][0]["ratio"] == 1
    assert body["_last_modified"].isdigit()


@pytest.mark.parametrize("query", ["include_name", "include_name=", "include_name=true", "include_name=True"])
def test_names_in_references_on_request_only(avi: Client, query: str) -> None:
    uuid = avi.create("pool", pool())["uuid"]
    assert "#" not in avi.get(f"/api/pool/{uuid}").text
    body = avi.get(f"/api/pool/{uuid}?{query}").json()
    assert (body["url"].endswith("#p1"), body["vrf_ref"].endswith("#global")) == (True, True)


@pytest.mark.parametrize("path", ["//api/pool", "/api/pool/", "/api/pool/?&name=p1", "/api/pool?name=p1"])
def test_paths_are_taken_as_clients_write_them(avi: Client, path: str) -> None:
    avi.create("pool", pool())
    assert avi.get(path).json()["count"] == 1


@pytest.mark.parametrize(
    "form",
    [
        "{url}/api/pool/{uuid}",
        "{url}/api/pool/{uuid}#p 1",
        "https://elsewhere/api/pool/{uuid}#other",
        "/api/pool/{uuid}",
        "/api/pool/?name=p%201",
        "/api/pool?name=p 1",
        "/api/pool?name=p%201&tenant=admin&cloud=Default-Cloud",
        "/api/pool/?name=p%201&cloud_ref.name=Default-Cloud",
        "{uuid}",
    ],
)
def test_every_form_of_reference(sim: Simulator, avi: Client, form: str) -> None:
    uuid = avi.create("pool", pool("p 1"))["uuid"]
    group = avi.create("poolgroup", {"name": "g", "members": [{"pool_ref": form.format(url=sim.url, uuid=uuid)}]})
    assert group["members"][0]["pool_ref"] == f"{sim.url}/api/pool/{uuid}#p 1"


def test_a_reference_must_have_the_type_of_its_field(avi: Client) -> None:
    uuid = avi.create("pool", pool())["uuid"]
    for text in (f"/api/poolgroup/{uuid}", "nonsense/x", "/api/pool?uuid=x", "", 5):
        response = avi.call("POST", "/api/poolgroup", {"name": "g", "members": [{"pool_ref": text}]})
        assert response.status_code == 400, text


@pytest.mark.parametrize(
    ("row", "kind", "body"),
    [
        ("ref_missing", "poolgroup", {"name": "g", "members": [{"pool_ref": "/api/pool?name=none"}]}),
        ("vrf_missing", "pool", pool(vrf_ref="/api/vrfcontext?name=none")),
        (
            "network_missing",
            "vsvip",
            vsvip(vip=[{"auto_allocate_ip": True, "ipam_network_subnet": {"network_ref": "/api/network?name=none"}}]),
        ),
    ],
)
def test_dangling_references(avi: Client, row: str, kind: str, body: dict[str, Any]) -> None:
    expected = fixture("errors")[row]
    response = avi.call("POST", f"/api/{kind}", body)
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_an_ambiguous_name_is_refused(avi: Client) -> None:
    avi.create("cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    avi.create("pool", pool("twin"))
    avi.create("pool", pool("twin", cloud_ref="/api/cloud?name=second"))
    script = {"name": "d", "datascript": [], "pool_refs": ["/api/pool?name=twin"]}
    refused(avi.call("POST", "/api/vsdatascriptset", script), 400, "cloud=")
    script["pool_refs"] = ["/api/pool?name=twin&cloud=second"]
    avi.create("vsdatascriptset", script)


def test_duplicate_name(avi: Client) -> None:
    expected = fixture("errors")["duplicate_name"]
    avi.create("pool", pool("demo-pool"))
    response = avi.call("POST", "/api/pool", pool("demo-pool"))
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])
    avi.create("pool", pool("Demo-Pool"))


def test_a_forced_uuid(avi: Client) -> None:
    assert avi.create("pool", pool(), Slug="pool-force-42")["uuid"] == "pool-force-42"
    refused(avi.call("POST", "/api/pool", pool("other"), {"Slug": "pool-force-42"}), 409, "already exists")


def test_put_replaces_and_returns_to_defaults(avi: Client) -> None:
    created = avi.create("pool", pool(sni_enabled=False, description="x"))
    replaced = avi.call("PUT", f"/api/pool/{created['uuid']}", {"name": "renamed"}).json()
    assert "servers" not in replaced
    assert "description" not in replaced
    assert (replaced["sni_enabled"], replaced["name"], replaced["uuid"]) == (True, "renamed", created["uuid"])
    assert int(replaced["_last_modified"]) > int(created["_last_modified"])
    assert avi.get("/api/pool?name=p1").json()["count"] == 0


def test_put_insists_on_the_uuid_of_the_path_and_a_free_name(avi: Client) -> None:
    one, other = avi.create("pool", pool("one")), avi.create("pool", pool("other"))
    assert avi.call("PUT", f"/api/pool/{one['uuid']}", pool(uuid=other["uuid"])).status_code == 400
    assert avi.call("PUT", f"/api/pool/{one['uuid']}", pool("other")).status_code == 409


def test_a_stale_write_is_refused_only_if_it_says_what_it_read(avi: Client) -> None:
    expected = fixture("errors")["stale"]
    first = avi.create("vsvip", vsvip())
    path = f"/api/vsvip/{first['uuid']}"
    second = avi.call("PUT", path, first).json()
    response = avi.call("PUT", path, first)
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])
    without = {name: value for name, value in second.items() if name not in {"_last_modified", "uuid"}}
    assert avi.call("PUT", path, without).status_code == 200


def test_cloud_and_tenant_are_fixed(avi: Client) -> None:
    avi.create("cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    created = avi.create("pool", pool())
    moved = pool(cloud_ref="/api/cloud?name=second", vrf_ref="/api/vrfcontext?name=global&cloud=second")
    refused(avi.call("PUT", f"/api/pool/{created['uuid']}", moved), 400, "cloud_ref")


def test_patch_adds_replaces_and_deletes(avi: Client) -> None:
    created = avi.create("pool", pool(description="x"))
    path = f"/api/pool/{created['uuid']}"
    second = {"ip": {"addr": "10.1.1.2", "type": "V4"}, "port": 80}
    added = avi.call("PATCH", path, {"add": {"servers": [second], "description": "y"}}).json()
    assert [server["ip"]["addr"] for server in added["servers"]] == ["10.1.1.1", "10.1.1.2"]
    assert (added["servers"][1]["hostname"], added["description"]) == ("10.1.1.2", "y")
    deleted = avi.call("PATCH", path, {"delete": {"servers": [second], "description": "", "sni_enabled": 1}}).json()
    assert [server["ip"]["addr"] for server in deleted["servers"]] == ["10.1.1.1"]
    assert "description" not in deleted
    assert deleted["sni_enabled"] is True
    replaced = avi.call("PATCH", path, {"replace": {"servers": [second]}}).json()
    assert [server["ip"]["addr"] for server in replaced["servers"]] == ["10.1.1.2"]
    assert avi.call("PATCH", path, {"swap": {}}).status_code == 400
    assert avi.call("PATCH", path, {"delete": {"name": "p1"}}).status_code == 400


def test_patch_of_members_by_reference(avi: Client) -> None:
    for name in ("a", "b"):
        avi.create("pool", pool(name))
    group = avi.create("poolgroup", {"name": "g", "members": [{"pool_ref": "/api/pool?name=a"}]})
    path = f"/api/poolgroup/{group['uuid']}"
    both = avi.call("PATCH", path, {"add": {"members": [{"pool_ref": "/api/pool?name=b", "ratio": 5}]}}).json()
    assert [member["pool_ref"].partition("#")[2] for member in both["members"]] == ["a", "b"]
    one = avi.call("PATCH", path, {"delete": {"members": [{"pool_ref": "/api/pool?name=a"}]}}).json()
    assert [member["pool_ref"].partition("#")[2] for member in one["members"]] == ["b"]
    a = avi.read("pool", "a")
    assert avi.call("DELETE", f"/api/pool/{a['uuid']}").status_code == 204


def test_json_patch(avi: Client) -> None:
    created = avi.create("pool", pool())
    path = f"/api/pool/{created['uuid']}"
    steps = [
        {"op": "replace", "path": "/servers/0/port", "value": 81},
        {"op": "add", "path": "/servers/-", "value": {"ip": {"addr": "10.1.1.3", "type": "V4"}}},
        {"op": "add", "path": "/description", "value": "z"},
    ]
    patched = avi.call("PATCH", path, {"json_patch": steps}).json()
    assert (patched["servers"][0]["port"], len(patched["servers"]), patched["description"]) == (81, 2, "z")
    for bad in ({"op": "move", "path": "/name"}, {"op": "remove", "path": "/none"}, {"op": "add"}):
        assert avi.call("PATCH", path, {"json_patch": [bad]}).status_code == 400


def test_delete_and_missing_objects(avi: Client) -> None:
    created = avi.create("vsvip", vsvip())
    path = f"/api/vsvip/{created['uuid']}"
    assert avi.call("DELETE", path, {}).status_code == 204
    expected = fixture("errors")["get_missing"]
    for method in ("GET", "DELETE", "PUT"):
        response = avi.call(method, path, vsvip() if method == "PUT" else None)
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_what_is_referred_to_cannot_be_deleted(avi: Client) -> None:
    expected = fixture("errors")["delete_referenced"]
    created = avi.create("pool", pool())
    group = avi.create("poolgroup", {"name": "demo-pg", "members": [{"pool_ref": created["uuid"]}]})
    response = avi.call("DELETE", f"/api/pool/{created['uuid']}")
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])
    avi.call("PUT", f"/api/poolgroup/{group['uuid']}", {"name": "demo-pg"})
    assert avi.call("DELETE", f"/api/pool/{created['uuid']}").status_code == 204


def test_clouds_answer_400_when_referred_to_and_go_with_what_they_came_with(avi: Client) -> None:
    cloud = avi.create("cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    for kind, name in (("vrfcontext", "global"), ("vrfcontext", "management"), ("serviceenginegroup", "Default-Group")):
        avi.read(kind, name, "&cloud_ref.name=second")
    created = avi.create("pool", pool(cloud_ref="/api/cloud?name=second"))
    refused(avi.call("DELETE", f"/api/cloud/{cloud['uuid']}"), 400, "object is referred by: ['Pool p1'")
    avi.call("DELETE", f"/api/pool/{created['uuid']}")
    assert avi.call("DELETE", f"/api/cloud/{cloud['uuid']}").status_code == 204
    assert avi.get("/api/vrfcontext?name=global").json()["count"] == 1


def test_system_objects_cannot_be_deleted(avi: Client) -> None:
    for kind, name in (("vrfcontext", "management"), ("healthmonitor", "System-Ping"), ("tenant", "admin")):
        refused(avi.call("DELETE", f"/api/{kind}/{avi.read(kind, name)['uuid']}"), 403, "Cannot delete")


def test_other_verbs_and_unknown_types(avi: Client) -> None:
    expected = fixture("errors")["method_not_allowed"]
    response = avi.call("DELETE", "/api/pool")
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])
    assert avi.call("POST", "/api/pool/pool-1", pool()).status_code == 405
    assert avi.call("DELETE", "/api/cluster").status_code == 405
    assert avi.get("/api/nonsense").status_code == 404
    assert avi.call("POST", "/api/vimgrnwruntime", {"name": "x"}).status_code == 405


def test_revisions_are_counted_from_21_1() -> None:
    with Simulator(SimulatorOptions(version="21.1.3")) as sim, Client(sim.url, version="21.1.3") as avi:
        created = avi.create("pool", pool())
        assert created["configpb_attributes"] == {"version": 1}
        replaced = avi.call("PUT", f"/api/pool/{created['uuid']}", created).json()
        assert replaced["configpb_attributes"] == {"version": 2}


def test_objects_without_a_model_are_kept_as_sent(avi: Client) -> None:
    created = avi.create("dnspolicy", {"name": "d", "anything": [1, {"a": None}]})
    assert created["anything"] == [1, {"a": None}]
    assert avi.call("POST", "/api/dnspolicy", {"x": 1}).status_code == 400


def test_runtime_state(avi: Client) -> None:
    avi.create("vsvip", vsvip())
    created = avi.create("virtualservice", virtual_service())
    runtime = avi.get(f"/api/virtualservice/{created['uuid']}/runtime").json()
    assert runtime["oper_status"]["state"] == "OPER_UP"
    read = avi.get(f"/api/virtualservice/{created['uuid']}?join_subresources=runtime").json()
    assert read["runtime"] == runtime
    inventory = avi.get("/api/virtualservice-inventory?name=vs1").json()
    assert inventory["results"][0]["config"]["name"] == "vs1"
    assert avi.call("PUT", f"/api/virtualservice/{created['uuid']}", read).status_code == 400  # strip what is added
    read.pop("runtime")
    assert avi.call("PUT", f"/api/virtualservice/{created['uuid']}", read).status_code == 200
