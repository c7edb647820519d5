"""The whole Kubernetes side against the API stand-in: watches, statuses, Events, settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ako.core.kinds import Listed, Upserted
from ako.core.kube.api import ApiCluster
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.connection import from_kubeconfig, in_cluster
from ako.core.kube.errors import KubeError, KubeRefused, KubeUnreachable
from ako.core.refs import Kind, ObjectRef
from ako.testing import KubeApi
from ako.testing.kube_api.resources import ROUTE_CRD
from tests.kube.records import CLASSES, INGRESS_KIND, INGRESSES, ROUTES, SERVICES, Ingress, IngressStatus, name
from tests.kube.watching import Sink, Waits, timing

SHOP = ObjectRef(INGRESS_KIND, "default", "shop")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
STATUS = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": "shop.example.com"}]}}
TAKEN = Event(type="Warning", reason="DuplicateHostPath", message="shop.example.com/ is taken by default/other")


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as kube:
        yield kube


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def kubeconfig(kube: KubeApi, tmp_path: Path) -> Path:
    return kube.write_kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def cluster(kubeconfig: Path, clock: Clock, waits: Waits) -> Iterator[ApiCluster]:
    cluster = ApiCluster(from_kubeconfig(kubeconfig), timing=timing(waits, page_size=2, clock=clock), now=lambda: NOON)
    yield cluster
    cluster.stop()


@pytest.fixture
def started(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> ApiCluster:
    """Give a cluster that has listed one Ingress and watches."""
    kube.apply(ingress("shop"))
    cluster.start([INGRESSES], sink)
    sink.until_told("Ingress listed default/shop")
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"])
    return cluster


def ingress(name: str, host: str = "shop.example.com") -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "rules": [
                {
                    "host": host,
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "web", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ]
        },
    }


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
    sink.until_told("Ingress listed default/shop", "Ingress upserted default/other")


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


def test_a_new_token_in_the_kubeconfig_is_taken_up(
    kube: KubeApi, started: ApiCluster, sink: Sink, kubeconfig: Path
) -> None:
    kube.set_token("second")
    kube.write_kubeconfig(kubeconfig)
    kube.break_watches()
    kube.apply(ingress("other"))
    sink.until_told("Ingress listed default/shop", "Ingress upserted default/other")


def test_stop_is_quick_even_if_the_server_hangs(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> None:
    with kube.fault("/apis", hang=True) as fault:
        cluster.start([INGRESSES, SERVICES], sink)
        assert kube.wait_for(lambda: fault.hits > 0 and kube.open_watches == ["Service"])
        began = time.monotonic()
        cluster.stop()
        assert time.monotonic() - began < 3.0
    told = sink.lines
    kube.apply(ingress("late"))
    assert sink.lines == told == ["Service listed"]


def test_a_status_is_a_merge_patch_of_the_status_subresource(kube: KubeApi, started: ApiCluster, sink: Sink) -> None:
    assert started.write_status(SHOP, STATUS).outcome is WriteOutcome.DONE
    request = kube.requests[-1]
    assert (request.method, request.path, request.content_type, request.body) == (
        "PATCH",
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses/shop/status",
        "application/merge-patch+json",
        b'{"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": "shop.example.com"}]}}}',
    )
    sink.until_told("Ingress listed default/shop", "Ingress upserted default/shop")
    change = sink.changes[-1]
    assert isinstance(change, Upserted)
    assert change.records[IngressStatus] == IngressStatus(STATUS)
    listed = sink.changes[0]
    assert isinstance(listed, Listed)
    assert change.records[Ingress] == listed.objects[name("default/shop")][Ingress]


def test_no_status_clears_it(kube: KubeApi, started: ApiCluster) -> None:
    started.write_status(SHOP, STATUS)
    assert started.write_status(SHOP, None).outcome is WriteOutcome.DONE
    shop = kube.get("Ingress", "default", "shop")
    assert shop is not None
    assert not shop["status"].get("loadBalancer")


def test_a_status_of_what_is_gone_is_gone(started: ApiCluster) -> None:
    result = started.write_status(SHOP._replace(name="nope"), STATUS)
    assert result.outcome is WriteOutcome.GONE
    assert '"nope" not found' in result.message


def test_a_refused_status_says_why(kube: KubeApi, started: ApiCluster) -> None:
    kube.forbid("patch", "ingresses/status")
    result = started.write_status(SHOP, STATUS)
    assert result.outcome is WriteOutcome.REFUSED
    assert 'cannot patch resource "ingresses/status"' in result.message


def test_a_conflict_is_tried_once_more(kube: KubeApi, started: ApiCluster) -> None:
    with kube.fault("/apis", "PATCH", status=409, times=1) as fault:
        assert started.write_status(SHOP, STATUS).outcome is WriteOutcome.DONE
        assert fault.hits == 1
    with kube.fault("/apis", "PATCH", status=409) as fault:
        assert started.write_status(SHOP, STATUS).outcome is WriteOutcome.RETRY
        assert fault.hits == 2


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_busy_server_is_worth_another_try(kube: KubeApi, started: ApiCluster, status: int) -> None:
    with kube.fault("/apis", "PATCH", status=status):
        assert started.write_status(SHOP, STATUS).outcome is WriteOutcome.RETRY


def test_a_server_that_is_away_is_worth_another_try(kube: KubeApi, started: ApiCluster) -> None:
    with kube.fault("/apis", "PATCH", drop="before"):
        assert started.write_status(SHOP, STATUS).outcome is WriteOutcome.RETRY
    kube.down()
    result = started.write_status(SHOP, STATUS)
    assert result.outcome is WriteOutcome.RETRY
    assert "PATCH /apis/networking.k8s.io/v1/namespaces/default/ingresses/shop/status failed" in result.message


def test_an_undeclared_kind_has_no_status(started: ApiCluster) -> None:
    with pytest.raises(LookupError, match="no plugin declares v1/Service"):
        started.write_status(ObjectRef(SERVICES.kind, "default", "web"), {})


def test_statuses_may_be_written_from_many_threads(kube: KubeApi, started: ApiCluster) -> None:
    kube.apply(*(ingress(f"i{number}") for number in range(16)))
    outcomes: list[WriteOutcome] = []

    def write(number: int) -> None:
        outcomes.append(started.write_status(SHOP._replace(name=f"i{number}"), STATUS).outcome)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [WriteOutcome.DONE] * 16
    assert all(found["status"] == STATUS for found in kube.list("Ingress") if found["metadata"]["name"] != "shop")


def test_an_event_shows_in_describe(kube: KubeApi, started: ApiCluster) -> None:
    started.write_event(SHOP, TAKEN)
    (event,) = kube.events()
    shop = kube.get("Ingress", "default", "shop")
    assert shop is not None
    assert event["involvedObject"] == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "namespace": "default",
        "name": "shop",
        "uid": shop["metadata"]["uid"],
    }
    assert (event["type"], event["reason"], event["message"]) == ("Warning", "DuplicateHostPath", TAKEN.message)
    assert event["source"] == {"component": "avi-kubernetes-operator"}
    assert (event["count"], event["firstTimestamp"]) == (1, "2026-01-02T12:00:00Z")


def test_a_repeated_event_counts_up_also_after_a_restart(
    kube: KubeApi, started: ApiCluster, kubeconfig: Path, waits: Waits
) -> None:
    started.write_event(SHOP, TAKEN)
    started.write_event(SHOP, TAKEN)
    later = datetime(2026, 1, 2, 13, 0, tzinfo=UTC)
    restarted = ApiCluster(from_kubeconfig(kubeconfig), timing=timing(waits), now=lambda: later)
    restarted.start([INGRESSES], Sink())
    restarted.write_event(SHOP, TAKEN)
    restarted.stop()
    (event,) = kube.events()
    assert (event["count"], event["firstTimestamp"], event["lastTimestamp"]) == (
        3,
        "2026-01-02T12:00:00Z",
        "2026-01-02T13:00:00Z",
    )


def test_another_message_or_a_new_object_is_another_event(kube: KubeApi, started: ApiCluster) -> None:
    started.write_event(SHOP, TAKEN)
    started.write_event(SHOP, Event(type="Normal", reason="Synced", message="served"))
    kube.delete("Ingress", "default", "shop")
    kube.apply(ingress("shop"))
    started.write_event(SHOP, TAKEN)
    assert [event["count"] for event in kube.events()] == [1, 1, 1]


def test_events_of_one_object_are_limited(kube: KubeApi, started: ApiCluster, clock: Clock) -> None:
    kube.apply(ingress("other"))
    for number in range(40):
        started.write_event(SHOP, Event(type="Warning", reason="Odd", message=f"number {number}"))
    assert len(kube.events()) == 25
    started.write_event(SHOP._replace(name="other"), TAKEN)
    assert len(kube.events()) == 26
    clock.seconds += 300.0
    started.write_event(SHOP, TAKEN)
    started.write_event(SHOP, TAKEN)
    assert len(kube.events()) == 27


def test_an_event_of_an_undeclared_or_cluster_scoped_object_lands_somewhere(kube: KubeApi, started: ApiCluster) -> None:
    started.write_event(ObjectRef(Kind("", "v1", "Pod"), "kube-system", "ako-0"), TAKEN)
    started.write_event(ObjectRef(Kind("", "v1", "Node"), "", "worker"), TAKEN)
    assert [event["metadata"]["namespace"] for event in kube.events()] == ["kube-system", "default"]


def test_an_event_that_fails_is_only_logged(
    kube: KubeApi, started: ApiCluster, caplog: pytest.LogCaptureFixture
) -> None:
    kube.forbid("create", "events")
    started.write_event(SHOP, TAKEN)
    kube.down()
    started.write_event(SHOP, TAKEN)
    written = [record.message for record in caplog.records if record.name.endswith("events")]
    assert [line.split(": ")[:2] for line in written] == [
        ["Ingress/default/shop", "the Event DuplicateHostPath was refused"],
        ["Ingress/default/shop", "the Event DuplicateHostPath was not written"],
    ]


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
    with pytest.raises(KubeUnreachable, match="GET /api/v1/namespaces/avi-system/configmaps/avi-k8s-config failed"):
        cluster.read_config_map("avi-system", "avi-k8s-config")


@pytest.mark.parametrize("text", [None, "", "clusters: [", "clusters: []"], ids=["missing", "empty", "no YAML", "bare"])
def test_a_kubeconfig_that_cannot_be_used_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)
    with pytest.raises(KubeError, match=f"the Kubernetes configuration cannot be loaded: {path}: "):
        ApiCluster(from_kubeconfig(path))


def test_outside_of_a_pod_there_is_no_service_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(KubeError, match="Service host/port is not set"):
        ApiCluster(in_cluster)
