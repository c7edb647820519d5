"""The whole Kubernetes side against the API stand-in: watches and settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.core.engine.changes import Upserted
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig, in_cluster
from ako.core.kube.errors import KubeError, KubeRefused, KubeUnreachable
from ako.testing import KubeApi
from ako.testing.kube_api.route import ROUTE_CRD
from tests.core.kube.api_stage import Clock, ingress
from tests.core.kube.records import CLASSES, INGRESSES, ROUTES, SERVICES, Ingress
from tests.core.kube.watching import Sink, Waits, ends, timing, watcher
from tests.waiting import PATIENCE


def test_several_kinds_are_listed_in_pages_and_watched(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> None:
    kube.apply(*(ingress(f"i{number}") for number in range(5)))
    kube.apply(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "avi-lb"},
            "spec": {"controller": "ako.vmware.com/avi-lb"},
        }
    )
    cluster.start([INGRESSES, SERVICES, CLASSES, ROUTES], sink)
    told = sink.until(lambda lines: len(lines) == 4)
    assert sorted(told) == [
        "Ingress listed default/i0 default/i1 default/i2 default/i3 default/i4",
        "IngressClass listed avi-lb",
        "Route not served",
        "Service listed",
    ]


def test_changes_come_as_they_are_made(kube: KubeApi, started: ApiCluster, sink: Sink) -> None:
    kube.apply(ingress("other"))
    kube.apply(ingress("other", host="new.example.com"))
    kube.delete("Ingress", "default", "other")
    told = sink.until(lambda lines: lines[-1] == "Ingress removed default/other")
    assert told[1] == "Ingress upserted default/other"
    last = [change for change in sink.changes if isinstance(change, Upserted)][-1].records[Ingress]
    assert isinstance(last, Ingress)
    assert last.hosts == ("new.example.com",)


def test_deletions_missed_while_history_was_forgotten_are_found(kube: KubeApi, started: ApiCluster, sink: Sink) -> None:
    kube.down()
    kube.delete("Ingress", "default", "shop")
    kube.apply(ingress("other"))
    kube.compact()
    kube.up()
    sink.until_told("Ingress listed default/shop", "Ingress listed default/other")


def test_an_outage_is_not_an_empty_cluster(kube: KubeApi, started: ApiCluster, sink: Sink, waits: Waits) -> None:
    kube.down()
    waits.until(len(waits.seconds) + 3)
    assert sink.lines == ["Ingress listed default/shop"]
    kube.apply(ingress("other"))
    kube.up()
    sink.until_told("Ingress listed default/shop", "Ingress listed default/other default/shop")


def test_broken_watches_go_on_without_a_new_list(kube: KubeApi, started: ApiCluster, sink: Sink) -> None:
    kube.break_watches()
    kube.apply(ingress("other"))
    sink.until_told("Ingress listed default/shop", "Ingress upserted default/other")
    assert [r.is_watch for r in kube.requests] == [False, True, True]


def test_a_forbidden_kind_is_unknown_until_it_is_allowed(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> None:
    refusal = kube.forbid("list", "ingresses")
    cluster.start([INGRESSES], sink)
    sink.until_told("Ingress unknown")
    assert 'cannot list resource "ingresses"' in str(sink.changes[0])
    refusal.clear()
    sink.until_told("Ingress unknown", "Ingress listed")


def test_a_kind_is_gone_a_minute_after_its_definition(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, clock: Clock, waits: Waits
) -> None:
    kube.apply(ROUTE_CRD)
    cluster.start([ROUTES], sink)
    sink.until_told("Route listed")
    kube.delete("CustomResourceDefinition", "", ROUTE_CRD["metadata"]["name"])
    kube.break_watches()
    sink.until_told("Route listed", "Route unknown")
    waits.until(len(waits.seconds) + 1)
    clock.seconds += 60
    sink.until_told("Route listed", "Route unknown", "Route not served")
    kube.apply(ROUTE_CRD)
    sink.until_told("Route listed", "Route unknown", "Route not served", "Route listed")


def test_a_new_token_in_the_kubeconfig_is_taken_up(kube: KubeApi, sink: Sink, waits: Waits, kubeconfig: Path) -> None:
    kube.set_token("first")
    kube.apply(ingress("shop"))
    cluster = ApiCluster(from_kubeconfig(kube.write_kubeconfig(kubeconfig)), timing=timing(waits))
    cluster.start([INGRESSES], sink)
    sink.until_told("Ingress listed default/shop")
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    kube.set_token("second")
    kube.write_kubeconfig(kubeconfig)
    kube.break_watches()
    kube.apply(ingress("other"))
    sink.until_told("Ingress listed default/shop", "Ingress upserted default/other")
    cluster.stop()


def test_stop_does_not_wait_for_a_server_that_hangs(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> None:
    with kube.fault("/apis", hang=True) as fault:
        cluster.start([INGRESSES, SERVICES], sink)
        assert kube.wait_for(lambda: fault.hits > 0 and kube.open_watches == ["Service"], PATIENCE)
        hanging = watcher()
        cluster.stop()
        assert hanging.is_alive(), "it still waits for its answer"
    assert ends(hanging)
    told = sink.lines
    kube.apply(ingress("late"))
    assert sink.lines == told == ["Service listed"]


def test_settings_are_read_before_the_start(kube: KubeApi, cluster: ApiCluster) -> None:
    settings = {"name": "avi-k8s-config", "namespace": "avi-system"}
    kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": settings, "data": {"controllerIP": "10.0.0.9"}})
    kube.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {**settings, "name": "avi-secret"},
            "data": {"username": "YWRtaW4="},
        }
    )
    assert cluster.read_config_map("avi-system", "avi-k8s-config") == {"controllerIP": "10.0.0.9"}
    assert cluster.read_secret("avi-system", "avi-secret") == {"username": "admin"}
    assert cluster.read_secret("avi-system", "nope") is None
    with kube.fault("/api/v1", status=403, message="may not"), pytest.raises(KubeRefused, match="may not"):
        cluster.read_secret("avi-system", "avi-secret")


def test_settings_of_a_server_that_is_away_are_not_absent(kube: KubeApi, cluster: ApiCluster) -> None:
    kube.down()
    asked = "GET /api/v1/namespaces/avi-system/configmaps/avi-k8s-config"
    with pytest.raises(KubeUnreachable, match=rf"{asked} failed: 127\.0\.0\.1:\d+: Failed to establish"):
        cluster.read_config_map("avi-system", "avi-k8s-config")


@pytest.mark.parametrize("text", [None, "", "clusters: [", "clusters: []"], ids=["missing", "empty", "no YAML", "bare"])
def test_a_kubeconfig_that_cannot_be_used_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)
    with pytest.raises(KubeError, match=f"the Kubernetes configuration cannot be loaded: {path}: "):
        ApiCluster(from_kubeconfig(path))


def test_where_there_is_no_kubeconfig_it_is_said_what_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    with pytest.raises(KubeError, match=r"of KUBECONFIG or ~/.kube/config: .*--kubeconfig FILE, .* --manifests DIR\."):
        ApiCluster(from_kubeconfig(None))


def test_outside_of_a_pod_there_is_no_service_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(KubeError, match="Service host/port is not set"):
        ApiCluster(in_cluster)
