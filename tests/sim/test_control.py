"""The control interface: log, faults, latency, out-of-band changes, and the simulator as a program."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from ako.sim import Baseline, Simulator, SimulatorOptions
from tests.sim.client import Client, Json, pool, refused, virtual_service, vsvip
from tests.waiting import PATIENCE, eventually


def control(sim: Simulator, method: str, path: str, body: Any = None) -> Any:
    response = requests.request(method, f"{sim.url}/_sim/{path}", json=body)
    response.raise_for_status()
    return response.json() if response.content else None


def log(sim: Simulator, since: int = 0) -> list[Json]:
    found: list[Json] = control(sim, "GET", f"requests?since={since}")["requests"]
    return found


def test_every_request_is_logged(sim: Simulator, avi: Client) -> None:
    number = control(sim, "GET", "requests")["next"]
    created = avi.create("pool", pool())
    avi.call("POST", "/api/pool", pool())
    avi.get("/api/pool?name=p1")
    avi.call("DELETE", f"/api/pool/{created['uuid']}")
    entries = log(sim, number)
    assert [(e["method"], e["status"], e["is_write"]) for e in entries] == [
        ("POST", 201, True),
        ("POST", 409, True),
        ("GET", 200, False),
        ("DELETE", 204, True),
    ]
    assert {(e["type"], e["name"]) for e in entries} == {("pool", "p1")}
    assert [e["uuid"] for e in entries] == [created["uuid"], "", "", created["uuid"]]
    assert entries[0]["request_bytes"] > 0 < entries[0]["response_bytes"]
    assert entries[2]["query"] == {"name": "p1"}
    assert [e["n"] for e in entries] == list(range(number, number + 4))
    first = log(sim)[0]
    assert (first["path"], first["is_write"]) == ("/login", False)
    control(sim, "DELETE", "requests")
    assert log(sim) == []
    assert control(sim, "GET", "requests")["next"] == number + 4


def test_a_fault_hits_what_it_matches_and_as_often_as_it_says(sim: Simulator, avi: Client) -> None:
    match = {"method": "POST", "model": "pool", "name": "p1"}
    control(sim, "POST", "faults", {"match": match, "status": 503, "body": {"error": "injected"}, "times": 2})
    avi.create("pool", pool("other"))
    avi.create("poolgroup", {"name": "p1"})
    for _ in range(2):
        refused(avi.call("POST", "/api/pool", pool()), 503, "injected")
    avi.create("pool", pool())
    assert control(sim, "GET", "faults") == {"faults": []}


def test_a_fault_hits_macros_too(sim: Simulator, avi: Client) -> None:
    control(sim, "POST", "faults", {"match": {"model": "pool"}, "status": 400, "body": {"error": "bad"}})
    refused(avi.call("POST", "/api/macro", {"model_name": "Pool", "data": pool()}), 400, "bad")


def test_a_fault_after_the_write_took_effect(sim: Simulator, avi: Client) -> None:
    fault = {"match": {"method": "POST"}, "status": 500, "headers": {"Retry-After": "3"}, "when": "after", "times": 1}
    control(sim, "POST", "faults", fault)
    answer = avi.call("POST", "/api/pool", pool())
    assert (answer.status_code, answer.headers["Retry-After"]) == (500, "3")
    assert avi.get("/api/pool?name=p1").json()["count"] == 1


def test_a_dropped_connection(sim: Simulator, avi: Client) -> None:
    number = control(sim, "POST", "faults", {"match": {"path": "/api/pool"}, "drop": True})["id"]
    with pytest.raises(requests.ConnectionError):
        avi.call("POST", "/api/pool", pool())
    assert log(sim)[-1]["status"] == 0
    control(sim, "DELETE", f"faults/{number}")
    avi.create("pool", pool())


def test_an_unreachable_controller_still_answers_the_control_interface(sim: Simulator, avi: Client) -> None:
    control(sim, "POST", "faults", {"unreachable": True})
    for path in ("/api/initial-data", "/api/pool", "/login"):
        with pytest.raises(requests.ConnectionError):
            avi.get(path)
    assert control(sim, "GET", "health")["status"] == "ok"
    control(sim, "DELETE", "faults")
    assert avi.get("/api/pool").status_code == 200


def test_delays(sim: Simulator, avi: Client) -> None:
    control(sim, "POST", "faults", {"delay_ms": 50, "times": 1})
    avi.get("/api/pool")
    assert log(sim)[-1]["duration_ms"] >= 50
    assert control(sim, "PUT", "latency", {"ms": 40}) == {"ms": 40.0}
    avi.get("/api/pool")
    assert log(sim)[-1]["duration_ms"] >= 40


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"staus": 5}),
        ("faults", {"when": "never"}),
        ("faults", {"body": {}}),
        ("faults", {"delay_ms": -1}),
        ("faults", {"status": 99999}),
        ("faults", {"status": 503, "times": 0}),
        ("faults", {"status": 503, "times": -1}),
        ("faults", {"status": 503, "headers": {"a b": "c"}}),
        ("faults", {"status": 503, "headers": {"a": "b\r\nc: d"}}),
        ("faults/99", None),
        ("nothing", {}),
    ],
)
def test_mistakes_are_answered(sim: Simulator, path: str, body: Json | None) -> None:
    response = requests.request("POST" if body is not None else "DELETE", f"{sim.url}/_sim/{path}", json=body)
    assert response.status_code in {400, 404}
    assert response.json()["error"]


def test_objects_behind_the_api(sim: Simulator, avi: Client) -> None:
    avi.create("tenant", {"name": "team-a"})
    created = control(sim, "POST", "objects/pool?tenant=team-a", pool("x"))
    assert created["tenant_ref"].endswith("#team-a")
    changed = control(sim, "PATCH", "objects/pool/x", {"default_server_port": 81, "servers": None})
    assert (changed["default_server_port"], "servers" in changed) == (81, False)
    assert [item["name"] for item in control(sim, "GET", "objects/pool")] == ["x"]
    control(sim, "DELETE", "objects/pool/x")
    assert control(sim, "GET", "objects/pool") == []
    response = requests.post(f"{sim.url}/_sim/objects/pool", json=pool(nonsense=1))
    refused(response, 400, "nonsense")


def test_a_forced_delete_takes_references_along(sim: Simulator, avi: Client) -> None:
    for name in ("a", "b"):
        avi.create("pool", pool(name))
    members = [{"pool_ref": f"/api/pool?name={name}"} for name in ("a", "b")]
    avi.create("poolgroup", {"name": "g", "members": members})
    response = requests.delete(f"{sim.url}/_sim/objects/pool/a")
    refused(response, 403, "referred by")
    control(sim, "DELETE", "objects/pool/a?force=true")
    group = avi.read("poolgroup", "g", "&include_name")
    assert [member["pool_ref"].partition("#")[2] for member in group["members"]] == ["b"]
    assert avi.get("/api/pool?name=a").json()["count"] == 0


def test_singletons_are_merged(sim: Simulator, avi: Client) -> None:
    before = avi.get("/api/cluster/runtime").json()
    change = {"node_states": [{"name": "10.79.169.60", "up_since": "2020-10-28 05:58:48"}]}
    control(sim, "PUT", "singletons/cluster_runtime", change)
    after = avi.get("/api/cluster/runtime").json()
    assert after["node_states"][0] == {**before["node_states"][0], "up_since": "2020-10-28 05:58:48"}
    assert after["cluster_state"] == before["cluster_state"]


def test_reset_goes_back_to_the_baseline(sim: Simulator, avi: Client) -> None:
    avi.create("pool", pool())
    control(sim, "POST", "faults", {"unreachable": True})
    control(sim, "POST", "reset")
    assert avi.get("/api/pool").status_code == 401
    with Client(sim.url) as again:
        assert again.get("/api/pool").json()["count"] == 0
    control(sim, "POST", "reset", {"tenants": [{"name": "team-a"}]})
    with Client(sim.url, tenant="team-a") as again:
        assert again.get("/api/pool").status_code == 200


def test_a_baseline_of_ones_own() -> None:
    labels = [{"key": "clustername", "value": "other"}]
    baseline = Baseline.of(
        {
            "cloud": {"name": "Default-Cloud", "vtype": "CLOUD_NSXT"},
            "clouds": [{"name": "second", "vtype": "CLOUD_NONE"}],
            "serviceenginegroups": [{"name": "Default-Group", "labels": labels}, {"name": "mine"}],
            "vrfcontexts": [{"name": "blue"}],
            "networks": [{"name": "node-net"}],
            "tenants": [{"name": "team-a"}],
            "dns_domains": ["apps.example.com"],
            "cluster_runtime": {"cluster_state": {"state": "CLUSTER_STARTING_UP"}},
        }
    )
    with Simulator(SimulatorOptions(baseline=baseline)) as sim, Client(sim.url, tenant="team-a") as avi:
        assert avi.read("cloud", "Default-Cloud")["vtype"] == "CLOUD_NSXT"
        assert avi.read("serviceenginegroup", "Default-Group", "&cloud_ref.name=Default-Cloud")["labels"] == labels
        for kind, name in (("serviceenginegroup", "mine"), ("vrfcontext", "blue"), ("network", "node-net")):
            avi.read(kind, name)
        cloud = avi.read("cloud", "Default-Cloud")["uuid"]
        domains = avi.get(f"/api/ipamdnsproviderprofiledomainlist?cloud_uuid={cloud}").json()["domains"]
        assert domains == ["apps.example.com"]
        assert avi.get("/api/cluster/runtime").json()["cluster_state"]["state"] == "CLUSTER_STARTING_UP"


def test_macros_create_update_and_delete_a_hierarchy(avi: Client) -> None:
    data = virtual_service(vsvip_ref_data=vsvip(), pool_ref_data=pool())
    del data["vsvip_ref"]
    answer = avi.call("POST", "/api/macro", {"model_name": "VirtualService", "data": data})
    assert answer.status_code == 201
    assert [item["name"] for item in answer.json()] == ["v1", "p1", "vs1"]
    top = avi.read("virtualservice", "vs1", "&include_name")
    assert top["pool_ref"].endswith("#p1")
    body = {"model_name": "VirtualService", "data": {"uuid": top["uuid"]}}
    assert avi.call("DELETE", "/api/macro", body).status_code == 204
    assert [avi.get(f"/api/{kind}").json()["count"] for kind in ("virtualservice", "vsvip", "pool")] == [0, 0, 0]
    avi.read("networkprofile", "System-TCP-Proxy")


def test_a_failed_macro_leaves_nothing(avi: Client) -> None:
    data = {**virtual_service(), "vsvip_ref_data": vsvip(), "services": []}
    del data["vsvip_ref"]
    assert avi.call("POST", "/api/macro", {"model_name": "VirtualService", "data": data}).status_code == 400
    assert avi.get("/api/vsvip").json()["count"] == 0
    assert avi.call("POST", "/api/macro", {"model_name": "Nonsense", "data": {}}).status_code == 400


def test_https_with_an_authority_of_its_own(tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(tls=True)) as sim:
        ca = tmp_path / "ca.pem"
        ca.write_text(sim.ca_pem)
        with Client(sim.url, verify=str(ca)) as avi:
            assert avi.url.startswith("https://")
            assert avi.create("pool", pool())["url"].startswith(sim.url)
        with pytest.raises(requests.exceptions.SSLError):
            Client(sim.url)


@pytest.mark.parametrize("tls", [False, True])
def test_stop_does_not_wait_for_silent_clients(tls: bool, tmp_path: Path) -> None:
    sim = Simulator(SimulatorOptions(tls=tls))
    ca = tmp_path / "ca.pem"
    ca.write_text(sim.ca_pem)
    sim.start()
    port = int(sim.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as silent:
        # Connections are accepted in the order in which they come.
        assert requests.get(f"{sim.url}/api/initial-data", verify=str(ca), timeout=PATIENCE).ok
        sim.stop()
        assert silent.recv(1) == b""


def test_stop_does_not_wait_for_a_request_that_is_delayed() -> None:
    """It gets no answer, and is not carried out."""
    sim = Simulator()
    sim.start()
    control(sim, "POST", "faults", {"match": {"method": "POST", "model": "pool"}, "delay_ms": 3_600_000, "times": 1})
    with Client(sim.url) as avi, ThreadPoolExecutor(1) as threads:
        delayed = threads.submit(avi.create, "pool", pool())
        eventually(lambda: not control(sim, "GET", "faults")["faults"], "the request under way")
        sim.stop()
        with pytest.raises(requests.ConnectionError):
            delayed.result(PATIENCE)
    with sim, Client(sim.url) as avi:
        assert avi.get("/api/pool").json()["count"] == 0


def test_stop_and_start_keep_the_objects() -> None:
    sim = Simulator()
    with sim, Client(sim.url) as avi:
        avi.create("pool", pool())
    with sim, Client(sim.url) as avi:
        avi.read("pool", "p1")


def together(count: int, work: Any) -> list[Any]:
    barrier = threading.Barrier(count)

    def one(index: int) -> Any:
        barrier.wait()
        return work(index)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_one_of_many_gets_the_name(sim: Simulator) -> None:
    def create(index: int) -> int:
        with Client(sim.url) as avi:
            return avi.call("POST", "/api/pool", pool()).status_code

    assert sorted(together(16, create)) == [201] + [409] * 15


def test_one_of_many_stale_writers_wins(sim: Simulator, avi: Client) -> None:
    read = avi.create("vsvip", vsvip())

    def write(index: int) -> int:
        with Client(sim.url) as own:
            return own.call("PUT", f"/api/vsvip/{read['uuid']}", read).status_code

    assert sorted(together(16, write)) == [200] + [412] * 15


def test_no_patch_is_lost_and_no_address_is_given_twice(sim: Simulator, avi: Client) -> None:
    group = avi.create("poolgroup", {"name": "g"})

    def write(index: int) -> str:
        with Client(sim.url) as own:
            own.create("pool", pool(f"p{index}"))
            patch = {"add": {"members": [{"pool_ref": f"/api/pool?name=p{index}"}]}}
            assert own.call("PATCH", f"/api/poolgroup/{group['uuid']}", patch).status_code == 200
            address: str = own.create("vsvip", vsvip(f"v{index}"))["vip"][0]["ip_address"]["addr"]
            return address

    assert len(set(together(16, write))) == 16
    assert len(avi.read("poolgroup", "g")["members"]) == 16


def test_as_a_program(tmp_path: Path) -> None:
    ready, baseline = tmp_path / "ready", tmp_path / "baseline.json"
    baseline.write_text(json.dumps({"tenants": [{"name": "team-a"}]}))
    fault = json.dumps({"match": {"path": "/api/pool"}, "status": 418})
    arguments = ["--port", "0", "--baseline", str(baseline), "--fault", fault, "--ready-file", str(ready)]
    command = [sys.executable, "-m", "ako.sim", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = eventually(lambda: ready.read_text() if ready.exists() else None, "the file that says where").strip()
        assert line == f"Avi Controller simulator on {url} (version 20.1.5, user admin)\n"
        with Client(url, tenant="team-a") as avi:
            assert avi.get("/api/pool").status_code == 418
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--version", "x"], "like 20.1.5"),
        (["--fault", "{"], "JSON"),
        (["--fault", '{"status": 503, "times": 0}'], "times"),
        (["--baseline", "/none"], "/none"),
        (["--ca-file", "/none/ca.pem"], "--ca-file needs --tls"),
        (["--latency-ms", "-1"], "--latency-ms must be 0 or more"),
        (["--baseline", __file__], "JSON"),
    ],
)
def test_a_program_that_cannot_start_says_why(arguments: list[str], text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ako.sim", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, text in done.stderr) == (64, True), done.stderr


def everything(sim: Simulator) -> dict[str, Json]:
    kinds = ("pool", "vsvip", "virtualservice", "vrfcontext")
    return {item["uuid"]: item for kind in kinds for item in control(sim, "GET", f"objects/{kind}")}


def test_a_configuration_that_was_kept_is_put_back_whole(sim: Simulator, avi: Client) -> None:
    avi.create("vsvip", vsvip("v1"))
    kept = avi.create("pool", pool(name="p1"))
    changed = avi.create("pool", pool(name="p2"))
    before = everything(sim)
    number = control(sim, "POST", "backups")["id"]
    avi.call("DELETE", f"/api/pool/{kept['uuid']}")
    avi.create("pool", pool(name="p1"))
    avi.call("PATCH", f"/api/pool/{changed['uuid']}", {"replace": {"description": "later"}})
    avi.create("vsvip", vsvip("v2"))
    avi.create("virtualservice", virtual_service("v2", "v2"))
    for _ in range(2):
        control(sim, "POST", f"backups/{number}")
        assert everything(sim) == before
        assert avi.call("GET", "/api/pool").status_code == 401
        with Client(sim.url) as anew:
            address = anew.create("vsvip", vsvip("v3"))["vip"][0]["ip_address"]
        assert address not in [vip["ip_address"] for item in before.values() for vip in item.get("vip", ())]
    assert requests.post(f"{sim.url}/_sim/backups/9").status_code == 404
    assert requests.get(f"{sim.url}/_sim/backups").status_code == 405
