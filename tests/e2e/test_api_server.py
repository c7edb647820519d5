"""The Kubernetes API server refuses, forgets or is away: what is programmed stays, and all goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ako.testing import KubeApi
from ako.testing.kube_api.route import ROUTE_CRD
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import FULL_SYNCS, Stage
from tests.plugins.openshift_route.worlds import route
from tests.waiting import eventually

POOL = "pool/c--shop.com_-default-shop"
CHILD = "virtualservice/c--bank.com"
STATEFUL_SET = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "ako", "namespace": "avi-system"},
    "spec": {"serviceName": "ako", "selector": {}, "template": {}},
}
WAY = "pool/c--way.com-default-way-web"


def apply(cluster: KubeApi, *manifests: Manifest) -> None:
    cluster.apply(*map(dict, manifests))


@pytest.fixture
def cluster(kube: KubeApi) -> Iterator[KubeApi]:
    apply(
        kube,
        CLASS,
        service("web"),
        endpoints("web", "10.0.0.1", "10.0.0.2"),
        ingress("shop", ("shop.com", "/", "web:80")),
        tls_secret("cert", "bank.com"),
        ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"}),
    )
    yield kube
    kube.clear_faults()


def programmed(stage: Stage, kubeconfig: Path) -> dict[str, Any]:
    """Have everything programmed by one run, and give it."""
    stage.converge(kubeconfig=kubeconfig)
    found = stage.avi.ours()
    assert {POOL, CHILD} <= found.keys()
    return found


@pytest.mark.parametrize("resource", ["ingresses", "secrets", "services", "endpointslices"])
def test_a_kind_that_cannot_be_listed_at_start_takes_nothing_away(
    stage: Stage, cluster: KubeApi, kubeconfig: Path, resource: str
) -> None:
    before = programmed(stage, kubeconfig)
    mark = stage.avi.mark()
    refusal = cluster.forbid("list", resource)
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: ako.get("/readyz").status_code == 503, "not ready")
        eventually(lambda: resource in ako.get("/readyz?verbose").text.lower(), "the reason")
        ako.says("orbidden")
        apply(cluster, ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: f"{FULL_SYNCS} 1.0" in ako.get("/metrics").text, "a full sync")
        assert ako.get("/healthz").status_code == 200
        assert not [w for w in stage.avi.writes_since(mark) if w.method == "DELETE"]
        after = stage.avi.ours()
        assert {name: after[name] for name in (POOL, CHILD)} == {name: before[name] for name in (POOL, CHILD)}
        refusal.clear()
        ako.becomes_ready()
        eventually(lambda: "pool/c--third.com_-default-third" in stage.avi.ours(), "third.com served")
        ako.stop()
    after = stage.avi.ours()
    assert before.keys() <= after.keys()


@pytest.mark.parametrize("resource", ["ingresses", "secrets"])
def test_a_kind_that_cannot_be_read_later_takes_nothing_away(
    stage: Stage, cluster: KubeApi, kubeconfig: Path, resource: str
) -> None:
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        eventually(lambda: {POOL, CHILD} <= stage.avi.ours().keys(), "both served")
        mark = stage.avi.mark()
        refusal = cluster.forbid("*", resource)
        cluster.break_watches(resource)
        ako.says("orbidden")
        apply(cluster, service("api"), endpoints("web", "10.0.0.9"))
        eventually(lambda: len(stage.avi.ours()[POOL]["servers"]) == 1, "the new servers")
        assert not [w for w in stage.avi.writes_since(mark) if w.method == "DELETE"]
        refusal.clear()
        apply(cluster, ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: "pool/c--third.com_-default-third" in stage.avi.ours(), "third.com served")
        ako.becomes_ready()
        ako.stop()


def test_a_group_that_is_registered_anew_takes_nothing_away(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    """For a moment an API server answers 404 to everything of it."""
    cluster.apply(ROUTE_CRD, route("way", "way.com", "web"))
    stage.converge(kubeconfig=kubeconfig)
    before = stage.avi.ours()
    assert WAY in before
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        with cluster.fault("/apis/route.openshift.io", status=404) as fault:
            cluster.break_watches("routes")
            eventually(lambda: fault.hits >= 6, "several answers")  # a list and a look at discovery each time
            ako.says("v1/Route for now (discovery lists route.openshift.io/v1); trying again")
            ako.becomes_unready()
            assert "does not serve" in ako.checks()["kubernetes"]
            assert stage.avi.ours() == before
        ako.becomes_ready()
        assert stage.avi.ours() == before
        ako.stop()


def test_a_group_that_answers_404_at_the_start_takes_nothing_away(
    stage: Stage, cluster: KubeApi, kubeconfig: Path
) -> None:
    """An aggregated API does while its server starts; here few virtual services serve all hosts."""
    stage.configure(L7Settings={"shardVSSize": "MEDIUM"})
    cluster.apply(ROUTE_CRD, *(route(f"way{number}", f"way{number}.com", "web") for number in range(20)))
    stage.converge(kubeconfig=kubeconfig)
    before = stage.avi.ours()
    assert len([name for name in before if name.startswith("pool/c--way")]) == 20
    assert POOL not in before, "Routes replace Ingresses"
    mark = stage.avi.mark()
    with cluster.fault("/apis/route.openshift.io", status=404) as fault, stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: f"{FULL_SYNCS} 1.0" in ako.get("/metrics").text, "a full sync")
        eventually(lambda: fault.hits >= 6, "several answers")  # a list and a look at discovery each time
        ako.becomes_unready()
        assert "does not serve route.openshift.io/v1/Route for now" in ako.checks()["kubernetes"]
        assert stage.avi.writes_since(mark) == []
        assert stage.avi.ours() == before
        # Afterwards all goes on: what was there stays as it is, and what came meanwhile is served.
        cluster.apply(route("new", "new.com", "web"))
        fault.clear()
        ako.becomes_ready()
        eventually(lambda: "pool/c--new.com-default-new-web" in stage.avi.ours(), "new.com served")
        ako.stop()
    after = stage.avi.ours()
    assert before.keys() <= after.keys()
    assert not [write for write in stage.avi.writes_since(mark) if write.method == "DELETE"]


def test_routes_that_are_not_there_cost_a_plain_cluster_nothing(
    stage: Stage, cluster: KubeApi, kubeconfig: Path
) -> None:
    """They are known not to be there from the first look at discovery: Ingresses are served, and it is ready."""
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        eventually(lambda: {POOL, CHILD} <= stage.avi.ours().keys(), "both served")
        asked = [request.path for request in cluster.requests if request.path.startswith("/apis/route.openshift.io")]
        assert asked == ["/apis/route.openshift.io/v1/routes", "/apis/route.openshift.io/v1"]
        ako.stop()


def test_the_api_server_goes_and_comes_back(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    before, mark = programmed(stage, kubeconfig), stage.avi.mark()
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        cluster.down()
        apply(cluster, ingress("third", ("third.com", "/", "web:80")))
        cluster.delete("Ingress", "default", "shop")
        assert ako.get("/healthz").status_code == 200
        eventually(lambda: "API server has not been heard of since" in ako.get("/readyz").text, "how blind it is")
        told = ako.get("/readyz")
        assert told.status_code == 200, "it serves what it knows"
        assert all(kind in told.text for kind in ("v1/Ingress,", "v1/Secret,", "v1/Service:"))
        assert ako.metric('ako_watch_up{kind="v1/Secret"}') == 0
        assert ako.metric('ako_watch_lost_timestamp_seconds{kind="v1/Secret"}') > 0
        assert [ako.metric(f"ako_{name}") for name in ("hosts_served", "avi_up", "changes_waiting")] == [2, 1, 0]
        assert stage.avi.writes_since(mark) == []
        assert stage.avi.ours() == before
        cluster.up()
        eventually(lambda: "pool/c--third.com_-default-third" in stage.avi.ours(), "third.com served")
        eventually(lambda: POOL not in stage.avi.ours(), "shop.com gone")
        ako.becomes_ready()
        eventually(lambda: ako.get("/readyz").text == "ready\n", "all heard of")
        assert ako.metric('ako_watch_lost_timestamp_seconds{kind="v1/Secret"}') == 0
        assert ako.metric("ako_hosts_served") == 2
        lists = 'ako_programming_duration_seconds_count{source="networking.k8s.io/v1/Ingress"}'
        assert ako.metric(lists) == 1, "a list, in which one is new and one lacks"
        assert "trying again" not in ako.err, "not one line for each kind and try"
        ako.stop()


def test_the_api_server_is_down_at_start(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    before = programmed(stage, kubeconfig)
    mark = stage.avi.mark()
    cluster.down()
    with stage.start(kubeconfig=kubeconfig) as ako:
        assert ako.get("/healthz").status_code == 200
        assert ako.get("/readyz").status_code == 503
        assert stage.avi.writes_since(mark) == []
        said = [line for line in ako.err.splitlines() if "going on without ConfigMap and Secret for now" in line]
        assert [line.split()[1] for line in said] == ["WARN"], "as every line of the log, and once"
        cluster.up()
        ako.becomes_ready()
        ako.stop()
    assert stage.avi.ours() == before


def test_history_that_is_gone_is_listed_anew(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    programmed(stage, kubeconfig)
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        mark = stage.avi.mark()
        with cluster.fault("/apis/networking.k8s.io", watch=True, status=503):
            cluster.break_watches("ingresses")
            apply(cluster, ingress("third", ("third.com", "/", "web:80")))
            cluster.delete("Ingress", "default", "shop")
            cluster.compact()
        eventually(lambda: "pool/c--third.com_-default-third" in stage.avi.ours(), "third.com served")
        eventually(lambda: POOL not in stage.avi.ours(), "shop.com gone")
        touched = [w.name for w in stage.avi.writes_since(mark) if "bank.com" in w.name]
        assert touched == []
        ako.stop()


def entries(cluster: KubeApi, name: str = "shop") -> list[Any]:
    """Give the addresses in the status of an Ingress."""
    found = cluster.get("Ingress", "default", name) or {}
    entries: list[Any] = found.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    return entries


def test_statuses_that_cannot_be_written_harm_nothing_and_come_later(
    stage: Stage, cluster: KubeApi, kubeconfig: Path
) -> None:
    refusal = cluster.forbid("*", "ingresses/status")
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: {POOL, CHILD} <= stage.avi.ours().keys(), "both served")
        eventually(lambda: ako.err.count("status not written") == 2, "both are told")
        assert not entries(cluster)
        refusal.clear()
        eventually(lambda: entries(cluster) and entries(cluster, "bank"), "the statuses")
        assert ako.err.count("status not written") == 2
        ako.stop()


def test_a_run_that_ends_by_itself_does_not_wait_for_refused_statuses(
    stage: Stage, cluster: KubeApi, kubeconfig: Path
) -> None:
    cluster.forbid("*", "ingresses/status")
    assert "status not written" in stage.converge(kubeconfig=kubeconfig).stderr


def test_a_run_that_ends_by_itself_waits_for_its_events(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    """More of them than are written at a time, and nothing else to do: some still wait when all is in line."""
    stage.converge(kubeconfig=kubeconfig)
    apply(cluster, *(ingress(f"bad{number}", (f"bad{number}.org", "/", "web:80")) for number in range(20)))
    with cluster.fault("/api/v1/namespaces/default/events", "POST", delay=0.2):
        stage.converge(kubeconfig=kubeconfig)
    told = [event["involvedObject"]["name"] for event in cluster.events()]
    assert sorted(told) == sorted(f"bad{number}" for number in range(20))


def test_a_restart_says_nothing_that_events_say_already(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    """Twenty problems stand; the second run looks once, and writes the Event of the one that is new."""
    apply(cluster, *(ingress(f"bad{number}", (f"bad{number}.org", "/", "web:80")) for number in range(20)))
    stage.converge(kubeconfig=kubeconfig)
    assert len(cluster.events()) == 20
    apply(cluster, ingress("new", ("new.org", "/", "web:80")))
    mark = len(cluster.requests)
    stage.converge(kubeconfig=kubeconfig)
    asked = [(request.method, request.path) for request in cluster.requests[mark:] if "/events" in request.path]
    assert asked == [("GET", "/api/v1/events"), ("POST", "/api/v1/namespaces/default/events")]


def test_the_condition_of_a_deletion_is_written_however_often_it_takes(
    stage: Stage, cluster: KubeApi, kubeconfig: Path
) -> None:
    """Once it is there it comes back if somebody takes it away."""
    cluster.apply(STATEFUL_SET)
    refusal = cluster.forbid("*", "statefulsets/status")
    stage.configure(AKOSettings={"deleteConfig": True})

    def condition() -> Any:
        found = cluster.get("StatefulSet", "avi-system", "ako") or {}
        return [entry["reason"] for entry in found.get("status", {}).get("conditions", ())]

    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.says("status not written")
        assert condition() == []
        refusal.clear()
        eventually(lambda: condition() == ["Done"], "the condition")
        cluster.apply({**STATEFUL_SET, "status": {"conditions": []}})
        eventually(lambda: condition() == ["Done"], "the condition again")
        ako.stop()


@pytest.mark.as_typed
def test_status_and_events_reach_the_cluster(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    apply(cluster, ingress("bad", ("bad.org", "/", "web:80")))
    with stage.start(kubeconfig=kubeconfig) as ako:
        (entry,) = eventually(lambda: entries(cluster), "a status")
        assert entry["hostname"] == "shop.com"
        assert entry["ip"]
        told = eventually(
            lambda: [e for e in cluster.events() if "find match" in str(e.get("message", e.get("note")))], "an Event"
        )
        assert len(told) == 1
        ako.stop()


def test_a_kubeconfig_that_is_not_there(stage: Stage, tmp_path: Path) -> None:
    done = stage.ako("plan", kubeconfig=tmp_path / "nowhere")
    assert done.returncode in {1, 64}
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr
