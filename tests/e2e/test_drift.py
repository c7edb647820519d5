"""Edits made by hand on the Controller: those of our fields are repaired at the next full sync, others survive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ako.sim import Simulator
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import FULL_SYNCS, AviControl, Running, Stage
from tests.waiting import eventually

SHARED = "c--Shared-L7-7"
POOL = "c--shop.com_-default-shop"
POOL_KEY = f"pool/{POOL}"
POLICY: dict[str, Any] = {"name": "operators-policy", "tenant_ref": "/api/tenant/?name=admin"}


@pytest.fixture
def ako(stage: Stage) -> Iterator[Running]:
    stage.configure(AKOSettings={"fullSyncFrequency": 1})
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        yield ako
        ako.stop()


def after_full_syncs(ako: Running, count: int = 2) -> None:
    """Wait until so many more full syncs were done."""

    before = ako.metric(FULL_SYNCS)
    eventually(lambda: ako.metric(FULL_SYNCS) >= before + count, "full syncs")


def test_servers_edited_by_hand(stage: Stage, ako: Running) -> None:
    wanted = stage.avi.named("pool", POOL)["servers"]
    stage.avi.edit("pool", POOL, servers=[{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}])
    eventually(lambda: stage.avi.named("pool", POOL)["servers"] == wanted, "the servers repaired")


def test_a_field_of_the_virtual_service_edited_by_hand(stage: Stage, ako: Running) -> None:
    wanted = stage.avi.named("virtualservice", SHARED)["services"]
    stage.avi.edit("virtualservice", SHARED, services=[{"port": 8888}])
    eventually(lambda: stage.avi.named("virtualservice", SHARED)["services"] == wanted, "the ports repaired")


def test_a_pool_deleted_by_hand(stage: Stage, ako: Running) -> None:
    stage.avi.delete("pool", POOL, force=True)
    eventually(lambda: stage.avi.pool_of("shop.com"), "the pool again")
    stage.comes_in_line()


def test_a_virtual_service_deleted_by_hand(stage: Stage, ako: Running) -> None:
    stage.avi.delete("virtualservice", SHARED, force=True)
    eventually(lambda: f"virtualservice/{SHARED}" in stage.avi.ours(), "the virtual service again")


def test_a_name_added_by_hand_goes(stage: Stage, ako: Running) -> None:
    names = stage.avi.named("vsvip", SHARED)["dns_info"]
    stage.avi.edit("vsvip", SHARED, dns_info=[*names, {"fqdn": "extra.com"}])
    eventually(lambda: stage.avi.named("vsvip", SHARED)["dns_info"] == names, "the names repaired")


def test_what_an_operator_added_beside_our_fields_survives(stage: Stage, ako: Running) -> None:
    stage.avi.create("httppolicyset", POLICY)
    stage.avi.create("analyticsprofile", {"name": "theirs", "tenant_ref": "/api/tenant/?name=admin"})
    stage.avi.create("pool", {"name": "unrelated", "cloud_ref": "/api/cloud/?name=Default-Cloud"})
    attached = {"index": 5, "http_policy_set_ref": f"/api/httppolicyset/?name={POLICY['name']}"}
    stage.avi.edit(
        "virtualservice",
        SHARED,
        http_policies=[attached],
        analytics_profile_ref="/api/analyticsprofile/?name=theirs",
        limit_doser=True,
    )
    stage.avi.edit("pool", POOL, description="hands off", max_concurrent_connections_per_server=7)
    stage.put("third", ingress("third", ("h28.com", "/", "web:80"), ("other.com", "/", "web:80")))
    eventually(lambda: stage.avi.pool_of("other.com"), "other.com served")
    stage.avi.edit("virtualservice", SHARED, services=[{"port": 8888}])
    after_full_syncs(ako)
    eventually(lambda: len(stage.avi.named("virtualservice", SHARED)["services"]) == 2, "the ports repaired")
    seen = stage.avi.named("virtualservice", SHARED)
    assert any("operators-policy" in entry["http_policy_set_ref"] for entry in seen["http_policies"])
    assert "theirs" in seen["analytics_profile_ref"]
    assert seen["limit_doser"] is True
    pool = stage.avi.named("pool", POOL)
    assert (pool["description"], pool["max_concurrent_connections_per_server"]) == ("hands off", 7)
    assert stage.avi.named("pool", "unrelated")


def test_an_operators_policy_beside_our_redirect_survives(stage: Stage, ako: Running) -> None:
    """Our own policy set comes and goes; theirs keeps its place."""
    stage.avi.create("httppolicyset", POLICY)
    attached = {"index": 5, "http_policy_set_ref": f"/api/httppolicyset/?name={POLICY['name']}"}
    stage.avi.edit("virtualservice", SHARED, http_policies=[attached])
    after_full_syncs(ako)
    stage.put("cert", tls_secret("cert", "shop.com"))
    stage.put("shop", ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "cert"}))

    def policies() -> list[str]:
        found = stage.avi.named("virtualservice", SHARED).get("http_policies", ())
        return sorted(entry["http_policy_set_ref"].rpartition("#")[2] for entry in found)

    eventually(lambda: policies() == [SHARED, "operators-policy"], "both policies")
    stage.put("shop", ingress("shop", ("shop.com", "/", "web:80")))
    eventually(lambda: policies() == ["operators-policy"], "theirs alone")


def test_what_an_operator_attached_a_moment_ago_survives(stage: Stage) -> None:
    """No full sync has seen it: the list is read before it is written."""
    stage.configure(AKOSettings={"fullSyncFrequency": 0})
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: f"virtualservice/{SHARED}" in stage.avi.ours(), "shop.com served")
        stage.avi.create("httppolicyset", POLICY)
        attached = {"index": 5, "http_policy_set_ref": f"/api/httppolicyset/?name={POLICY['name']}"}
        stage.avi.edit("virtualservice", SHARED, http_policies=[attached])
        stage.put("cert", tls_secret("cert", "shop.com"))
        stage.put("shop", ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "cert"}))

        def policies() -> str:
            return str(stage.avi.named("virtualservice", SHARED)["http_policies"])

        eventually(lambda: f"#{SHARED}" in policies(), "our redirect")
        assert "operators-policy" in policies()


def test_nothing_is_written_when_nothing_drifted(stage: Stage, ako: Running) -> None:
    mark = stage.avi.mark()
    after_full_syncs(ako)
    assert stage.avi.writes_since(mark) == []


def test_what_was_refused_is_still_ours_to_do_when_drift_is_only_reported(stage: Stage) -> None:
    """A change that the Controller did not take is not an edit by somebody else."""
    stage.configure(ako={"drift": {"policy": "report"}}, AKOSettings={"fullSyncFrequency": 1})
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: POOL_KEY in stage.avi.ours(), "shop.com served")
        refusal = {"match": {"model": "pool", "method": "PATCH"}, "status": 403, "body": {"error": "no"}, "times": 1}
        stage.avi.misbehave(refusal)
        stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.7"))
        eventually(lambda: stage.avi.named("pool", POOL)["servers"][0]["ip"]["addr"] == "10.0.0.7", "tried again")
        assert "by somebody else" not in ako.err


def test_another_controller_is_filled_when_drift_is_only_reported(stage: Stage) -> None:
    """All that it lacks is ours to bring: nobody took it away."""
    stage.configure(ako={"drift": {"policy": "report"}})
    here = stage.controller_url
    with Simulator() as there, AviControl(there.url) as other:
        stage.put("config", config_map(here))
        with stage.start() as ako:
            ako.becomes_ready()
            eventually(lambda: POOL_KEY in stage.avi.ours(), "shop.com served")
            stage.put("config", config_map(there.url))
            eventually(lambda: other.ours().keys() == stage.avi.ours().keys(), "the other one is filled")


def test_what_is_under_way_to_one_controller_says_nothing_about_the_next(stage: Stage) -> None:
    with Simulator() as here, AviControl(here.url) as left, Simulator() as there, AviControl(there.url) as other:
        stage.put("config", config_map(here.url))
        with stage.start() as ako:
            ako.becomes_ready()
            eventually(lambda: POOL_KEY in left.ours(), "shop.com served")
            left.misbehave({"match": {"method": "POST", "model": "pool"}, "delay_ms": 3_600_000, "times": 1})
            stage.put("third", ingress("third", ("third.com", "/", "web:80")))
            eventually(left.has_struck, "a write under way")
            stage.put("config", config_map(there.url))
            eventually(lambda: other.pool_of("third.com"), "the other one is filled, and nobody waited for")
            ako.becomes_ready()
            stage.comes_in_line()
            assert other.pool_of("shop.com")
            here.stop()
            ako.stop()
        assert [write for write in other.writes_since(0) if write.status >= 400] == []


def config_map(url: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "avi-k8s-config", "namespace": "avi-system"},
        "data": {"controllerIP": url},
    }


def test_what_is_refused_hides_no_edit_beside_it(stage: Stage) -> None:
    """They share a virtual service: the one is ours to do, the other somebody else's doing."""
    stage.configure(ako={"drift": {"policy": "report"}}, AKOSettings={"fullSyncFrequency": 1})
    stage.avi.misbehave(
        {"match": {"method": "POST", "model": "pool", "name": "c--h31.com_-default-bad"}, "status": 400}
    )
    stage.put("bad", ingress("bad", ("h31.com", "/", "web:80")))
    with stage.start() as ako:
        eventually(lambda: POOL_KEY in stage.avi.ours(), "shop.com served")
        ako.says("h31.com")
        edited = [{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}]
        stage.avi.edit("pool", POOL, servers=edited)
        ako.says(f"pool {POOL} was changed (servers) by somebody else; left as it is")
        after_full_syncs(ako)
        assert stage.avi.named("pool", POOL)["servers"][0]["ip"]["addr"] == "9.9.9.9"
        stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.7"))
        eventually(lambda: stage.avi.named("pool", POOL)["servers"][0]["ip"]["addr"] == "10.0.0.7", "ours to change")
