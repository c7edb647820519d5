"""What is written to the API server: statuses and Events."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ako.core.base.refs import Kind, ObjectRef
from ako.core.base.secrecy import MASK, Secrecy
from ako.core.engine.changes import Listed, Upserted
from ako.core.kube.api import ApiCluster
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.connection import Connection, from_kubeconfig
from ako.core.kube.lease import Claim
from ako.core.kube.lease_lock import LeaseLock
from ako.core.kube.rights import Right
from ako.testing import KubeApi
from tests.core.kube.api_stage import Clock, ingress
from tests.core.kube.records import INGRESS_KIND, INGRESSES, SERVICES, Ingress, IngressStatus, name
from tests.core.kube.watching import Sink, Waits, timing
from tests.waiting import PATIENCE

SHOP = ObjectRef(INGRESS_KIND, "default", "shop")
STATUS = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": "shop.example.com"}]}}
TAKEN = Event(type="Warning", reason="DuplicateHostPath", message="shop.example.com/ is taken by default/other")


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


def test_a_password_that_is_a_word_of_host_names_does_not_change_them(
    kube: KubeApi, kubeconfig: Path, sink: Sink
) -> None:
    kube.apply(ingress("shop"))
    api = ApiCluster(from_kubeconfig(kubeconfig), secrecy=Secrecy("production", "10.1.2.3", "networking"))
    host = {"ip": "10.1.2.30", "hostname": "shop.production.example.com", "of": "networking.k8s.io/v1"}
    said = {"message": "no production today", "code": "x=production", "word": "production"}
    api.start([INGRESSES], sink)
    sink.until_told("Ingress listed default/shop")
    try:
        assert api.write_status(SHOP, {"loadBalancer": {"ingress": [host]}, **said}).outcome is WriteOutcome.DONE
    finally:
        api.stop()
    (write,) = (request for request in kube.requests if request.method == "PATCH")
    sent = json.loads(write.body or b"")["status"]
    assert sent.pop("loadBalancer") == {"ingress": [host]}
    assert sent == {"message": f"no {MASK} today", "code": f"x={MASK}", "word": MASK}


def test_a_password_that_is_a_name_itself_does_not_keep_anything_from_being_found(
    kube: KubeApi, kubeconfig: Path, sink: Sink
) -> None:
    password = "production"
    secrecy, load = Secrecy(password), from_kubeconfig(kubeconfig)
    kube.apply({**ingress("any"), "metadata": {"name": password, "namespace": password}})
    ref = SHOP._replace(namespace=password, name=password)
    status = {"loadBalancer": {"ingress": [{"hostname": password}]}, "note": password}
    event = Event(type="Warning", reason="Odd", message=f"said {password}")
    lock = LeaseLock(lambda: Connection(load, pool_size=1, secrecy=secrecy), password)
    api = ApiCluster(load, secrecy=secrecy)
    api.start([INGRESSES], sink)
    sink.until_told("Ingress listed production/production")
    try:
        assert api.write_status(ref, status).outcome is WriteOutcome.DONE
        assert api.write_event(ref, event) is WriteOutcome.DONE
        assert api.may(Right("", password, "get", "to try", password, password))
        assert lock.write(Claim("ako-0_1", 15, None, "2026-01-01T00:00:00.000000Z", 1), None, PATIENCE)
    finally:
        lock.close()
        api.stop()
    writes = [request for request in kube.requests if request.body]
    sent = {write.path.rpartition("/")[2]: json.loads(write.body or b"") for write in writes}
    assert sent["status"]["status"] == {**status, "note": MASK}
    assert sent["events"]["metadata"]["namespace"] == password
    assert sent["events"]["involvedObject"]["name"] == password
    assert sent["events"]["message"] == f"said {MASK}"
    asked = sent["selfsubjectaccessreviews"]["spec"]["resourceAttributes"]
    assert [asked[field] for field in ("resource", "namespace", "name")] == [password] * 3
    assert sent["leases"]["metadata"]["namespace"] == password


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


def test_a_status_of_an_old_version_is_outdated(kube: KubeApi, started: ApiCluster) -> None:
    version = (kube.get("Ingress", "default", "shop") or {})["metadata"]["resourceVersion"]
    kube.apply(ingress("shop", "other.example.com"))
    mark = len(kube.requests)
    result = started.write_status(SHOP, STATUS, version)
    assert result.outcome is WriteOutcome.OUTDATED
    assert [request.method for request in kube.requests[mark:] if not request.is_watch] == ["PATCH"], "once"
    now = (kube.get("Ingress", "default", "shop") or {})["metadata"]["resourceVersion"]
    assert started.write_status(SHOP, STATUS, now).outcome is WriteOutcome.DONE


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
    told = Sink()
    restarted.start([INGRESSES], told)
    told.until(bool)
    restarted.write_event(SHOP, TAKEN)
    restarted.stop()
    (event,) = kube.events()
    assert (event["count"], event["firstTimestamp"], event["lastTimestamp"]) == (
        3,
        "2026-01-02T12:00:00Z",
        "2026-01-02T13:00:00Z",
    )


def test_another_message_or_a_new_object_is_another_event(kube: KubeApi, started: ApiCluster, sink: Sink) -> None:
    started.write_event(SHOP, TAKEN)
    started.write_event(SHOP, Event(type="Normal", reason="Synced", message="served"))
    kube.delete("Ingress", "default", "shop")
    kube.apply(ingress("shop"))
    sink.until(lambda lines: lines[-2:] == ["Ingress removed default/shop", "Ingress upserted default/shop"])
    started.write_event(SHOP, TAKEN)
    assert [event["count"] for event in kube.events()] == [1, 1, 1]


def test_of_an_object_that_goes_with_its_namespace_nothing_is_said(
    kube: KubeApi, started: ApiCluster, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "leaving", "finalizers": ["a.com/b"]}})
    kept = {"name": "shop", "namespace": "leaving", "finalizers": ["a.com/b"]}
    kube.apply({**ingress("shop"), "metadata": kept})
    sink.until(lambda lines: lines[-1] == "Ingress upserted leaving/shop")
    shop = SHOP._replace(namespace="leaving")
    assert started.write_event(shop, TAKEN) is WriteOutcome.DONE
    kube.delete("Namespace", "", "leaving")
    odd = Event(type="Warning", reason="BackendNotFound", message="service leaving/web does not exist")
    assert started.write_event(shop, odd) is WriteOutcome.GONE
    assert caplog.text == ""
    kube.forbid("create", "events")
    assert started.write_event(SHOP, odd) is WriteOutcome.REFUSED


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
    written = [record for record in caplog.records if record.name.endswith("events")]
    assert [(vars(record)["object"], record.message.split(": ")[0]) for record in written] == [
        ("Ingress/default/shop", "the Event DuplicateHostPath was refused"),
        ("Ingress/default/shop", "the Event DuplicateHostPath was not written"),
    ]
