"""Two clusters with one clusterName on one Controller: each knows its own objects by the uid of its kube-system."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ako.sim import Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import FULL_SYNCS, AviControl, Json, Running, Stage, config_map
from tests.plugins.clusterip_routes.worlds import node
from tests.program import forked
from tests.waiting import eventually

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
SHOP = ingress("shop", ("shop.com", "/", "web:80"))
SAFE = (tls_secret("cert", "safe.com"), ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "cert"}))
POOL = "pool/c--shop.com_-default-shop"
AKO_KEYS = {
    "namespace_ingress_name",
    "ingress_name",
    "namespace",
    "hostnames",
    "namespace_svc_name",
    "crd_status",
    "pool_ratio",
    "passthrough_parent_ref",
    "passthrough_child_ref",
    "gateway",
}

Second = Callable[[str], Stage]


def kube_system(uid: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid}}


@pytest.fixture
def second(stage: Stage, tmp_path: Path) -> Second:
    """Give a cluster of the same name on the same Controller, which declares nothing yet; the first one has a uid."""

    def build(uid: str) -> Stage:
        folder = tmp_path / uid[-1]
        folder.mkdir()
        other = Stage(folder, stage.avi, stage.controller_url, forked)
        other.put("identity", kube_system(uid))
        other.remove("shop")
        return other

    stage.put("identity", kube_system(ONE))
    return build


def uid_of(item: Mapping[str, Any]) -> str | None:
    return next((m["values"][0] for m in item.get("markers", ()) if m["key"] == "cluster_uid"), None)


def owners(stage: Stage) -> dict[str, str | None]:
    """Give the uid in the marker of everything with our prefix."""
    return {name: uid_of(item) for name, item in stage.avi.ours().items()}


def belonging_to(stage: Stage, uid: str | None) -> dict[str, Json]:
    """Give everything of a cluster, version included."""
    return {name: item for name, item in stage.avi.ours().items() if uid_of(item) == uid}


def id_told(text: str) -> str:
    found = re.findall(r"--confirm ([0-9a-f]{12})\.", text)
    assert found, text
    return str(found[-1])


def test_whatever_is_made_bears_the_uid_beside_what_ako_writes(stage: Stage, second: Second) -> None:
    del second
    stage.put("safe", *SAFE)
    stage.put("direct", service("direct", type="LoadBalancer"), endpoints("direct", "10.0.0.1"))
    stage.converge()
    assert set(owners(stage).values()) == {ONE}
    assert len(stage.avi.ours()) > 12
    for name, item in stage.avi.ours().items():
        if name.startswith(("pool/", "virtualservice/")):
            keys = json.loads(item["service_metadata"])
            assert keys.pop("cluster_uid") == ONE
            assert keys.keys() == AKO_KEYS
        if name.startswith("vsvip/"):
            assert {"key": "clustername", "values": ["c"]} in item["markers"]
    assert stage.ako("plan").returncode == 0


def test_a_controller_without_markers_has_the_uid_in_the_metadata_alone(tmp_path: Path) -> None:
    with Simulator(SimulatorOptions(version="20.1.4")) as simulator, AviControl(simulator.url) as avi:
        stage = Stage(tmp_path, avi, simulator.url, forked)
        stage.put("identity", kube_system(ONE))
        stage.converge()
        assert set(owners(stage).values()) == {None}
        assert json.loads(avi.ours()[POOL]["service_metadata"])["cluster_uid"] == ONE
        stage.put("identity", kube_system(TWO))
        done = stage.ako("run", "--once")
        assert done.returncode == 1
        assert f"has the uid {ONE}" in done.stderr


def test_objects_from_before_are_marked_when_they_are_written_and_not_for_its_sake(stage: Stage) -> None:
    stage.put("safe", *SAFE)
    stage.converge()
    assert set(owners(stage).values()) == {None}
    stage.put("identity", kube_system(ONE))
    planned = stage.ako("plan")
    assert (planned.returncode, planned.stdout) == (0, "nothing to do\n")
    mark = stage.avi.mark()
    stage.converge()
    assert stage.avi.writes_since(mark) == []
    role = {"key": "team", "values": ["web"]}
    stage.avi.edit("pool", POOL.partition("/")[2], markers=[role])
    stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.9"))
    stage.converge()
    pools = {name for name in stage.avi.ours() if name.startswith("pool/")}
    assert belonging_to(stage, ONE).keys() == pools
    assert role in stage.avi.ours()[POOL]["markers"]


def test_neither_changes_or_deletes_what_is_the_others(stage: Stage, second: Second) -> None:
    """Both have hosts of their own, and one that the other has too."""
    for name, manifests in {"nodes": (node("a", "10.244.1.0/24"),), "safe": SAFE}.items():
        stage.put(name, *manifests)
    stage.converge()
    first = stage.avi.ours()
    other = second(TWO)
    other.put("nodes", node("b", "10.244.2.0/24"))
    other.put("shop", SHOP)
    other.put("bank", ingress("bank", ("bank.com", "/", "web:80")))

    done = other.ako("run", "--once", "--report", str(other.report))
    assert done.returncode == 1
    assert f"has the uid {ONE}" in done.stderr
    assert other.reasons().count("Namesake") == 1
    refused = [line["event"]["message"] for line in other.reported() if "event" in line and "shop" in line["object"]]
    assert any("belongs to another cluster" in message for message in refused)
    assert "pool/c--bank.com_-default-bank" in belonging_to(other, TWO)
    assert belonging_to(stage, ONE) == first

    second_has = belonging_to(other, TWO)
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    told = stage.ako("run", "--once", "--report", str(stage.report))
    assert f"has the uid {TWO}" in told.stderr
    assert "pool/c--third.com_-default-third" in belonging_to(stage, ONE)
    assert belonging_to(other, TWO) == second_has
    routes = {route["prefix"]["ip_addr"]["addr"] for route in stage.avi.named("vrfcontext", "global")["static_routes"]}
    assert routes == {"10.244.1.0", "10.244.2.0"}

    first = belonging_to(stage, ONE)
    assert other.ako("cleanup", "--yes").returncode == 1  # what is not its own stands in the way of "all is well"
    assert stage.avi.ours() == first
    assert stage.avi.named("serviceenginegroup", "Default-Group")["labels"]


def test_no_write_is_even_tried_on_what_is_the_others(stage: Stage, second: Second) -> None:
    stage.converge()
    other = second(TWO)
    other.put("shop", SHOP)
    mark = stage.avi.mark()
    assert other.ako("run", "--once").returncode == 1
    assert stage.avi.writes_since(mark) == []
    planned = other.ako("plan", "--format", "json")
    assert [found["uid"] for found in json.loads(planned.stdout)["namesakes"]] == [ONE]


def test_a_name_that_another_cluster_took_meanwhile_is_left_to_it(stage: Stage, second: Second) -> None:
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        other = second(TWO)
        other.put("bank", ingress("bank", ("bank.com", "/", "web:80")))
        other.ako("run", "--once")
        second_has = belonging_to(other, TWO)
        stage.put("bank", ingress("bank", ("bank.com", "/", "web:80")))
        ako.says("belongs to another cluster")
        ako.becomes_unready()
        assert ako.checks()["namesakes"].startswith("-")
        # Each is known once a write of it was tried; that of the virtual service waits for what it refers to.
        tried = [name for name in second_has if not name.startswith("virtualservice/")]
        eventually(lambda: ako.metric("ako_avi_objects_of_namesakes") == len(tried), "all that can be known")
        assert belonging_to(other, TWO) == second_has
        ako.stop()


def test_a_cluster_that_was_built_anew_takes_over_when_that_is_confirmed(stage: Stage, second: Second) -> None:
    stage.put("safe", *SAFE)
    stage.put("old", ingress("old", ("old.com", "/", "web:80")))
    stage.converge()
    before = stage.avi.ours()
    anew = second(TWO)
    anew.put("shop", SHOP)
    anew.put("safe", *SAFE)
    for confirmed in ((), ("--confirm", "0" * 12)):
        waits = anew.ako("run", "--once", *confirmed)
        assert waits.returncode == 1
        assert stage.avi.ours() == before
    told = id_told(waits.stderr)
    assert id_told(anew.ako("plan").stdout) == told

    anew.converge("--confirm", told)
    after = stage.avi.ours()
    assert set(owners(stage).values()) == {TWO}
    assert before.keys() - after.keys() >= {"pool/c--old.com_-default-old"}
    assert {name: item["uuid"] for name, item in after.items()}.items() <= {
        name: item["uuid"] for name, item in before.items()
    }.items()
    mark = stage.avi.mark()
    anew.converge()
    assert stage.avi.writes_since(mark) == []


def test_a_confirmation_is_good_for_one_cluster_only(stage: Stage, second: Second) -> None:
    """The ConfigMap of both may come from one file."""
    stage.converge()
    other = second(TWO)
    told = id_told(other.ako("run", "--once").stderr)
    third = second(ONE.replace("1", "3"))
    assert third.ako("run", "--once", "--confirm", told).returncode == 1
    assert set(owners(stage).values()) == {ONE}


def test_a_running_cluster_takes_over_by_the_annotation(stage: Stage, second: Second) -> None:
    stage.converge()
    anew = second(TWO)
    anew.configure(AKOSettings={"fullSyncFrequency": 0})
    anew.put("shop", SHOP)
    with anew.start("--report", str(anew.report)) as ako:
        ako.says("--confirm")
        told = id_told(ako.err)
        assert set(owners(stage).values()) == {ONE}
        anew.put("own", config_map({"ako.vmware.com/confirm-deletion": told}))
        eventually(lambda: set(owners(stage).values()) == {TWO}, "everything taken over")
        ako.becomes_ready()
        ako.stop()
    assert anew.reasons().count("Namesake") == 1
    assert anew.reasons().count("NamesakeGone") == 1
    assert "DriftRepaired" not in anew.reasons()


def test_what_says_nothing_goes_with_what_it_is_connected_with(stage: Stage, second: Second) -> None:
    """The first cluster was upgraded a moment ago: one pool of it was written since."""
    stage.remove("identity")
    stage.converge()
    stage.put("identity", kube_system(ONE))
    stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.9"))
    stage.converge()
    before = stage.avi.ours()
    assert set(owners(stage).values()) == {None, ONE}
    assert second(TWO).ako("run", "--once").returncode == 1
    assert stage.avi.ours() == before


def test_without_the_right_to_know_the_cluster_all_is_as_before(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    refusal = kube.forbid("*", "namespaces")
    kube.apply(dict(CLASS), *map(dict, (service("web"), endpoints("web", "10.0.0.1"), SHOP)))
    kube.apply(dict(config_map()))
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "the host is served")
        assert set(owners(stage).values()) == {None}
        told = functools.partial(_times_told, kube)
        eventually(lambda: told("ClusterUnknown"), "that it is not known")
        assert told("ClusterUnknown") == 1
        refusal.clear()
        eventually(lambda: told("ClusterKnown"), "the right is there")
        eventually(lambda: full_syncs(ako) >= 2, "whose all is has been read anew")
        kube.apply(dict(ingress("bank", ("bank.com", "/", "web:80"))))
        uid = kube.get("Namespace", "", "kube-system")["metadata"]["uid"]  # type: ignore[index]
        bank = "pool/c--bank.com_-default-bank"
        eventually(lambda: owners(stage).get(bank) == uid, "what is new is marked")
        ako.becomes_ready()
        ako.stop()


def test_while_the_cluster_is_not_known_nothing_is_concluded(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    """A failure is no absence: without the uid another cluster's objects would be taken for ours."""
    stage.put("identity", kube_system(ONE))
    stage.converge()
    before = stage.avi.ours()
    kube.fault("/api/v1/namespaces", "GET", status=503)
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: ako.checks()["kubernetes"].startswith("-"), "the Namespace cannot be read")
        kube.apply(dict(CLASS), dict(service("web")), dict(SHOP))
        assert stage.avi.ours() == before
        kube.clear_faults()
        ako.says(f"has the uid {ONE}")
        assert stage.avi.ours() == before
        ako.stop()


def _times_told(kube: KubeApi, reason: str) -> int:
    return [event["reason"] for event in kube.events()].count(reason)


def full_syncs(ako: Running) -> float:
    """Give how often the Controller has been read as a whole."""
    return ako.metric(FULL_SYNCS)
