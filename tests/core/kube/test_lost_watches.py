"""What becomes of watches that die without a word, and of what happened meanwhile, against the API stand-in."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.core.kube.sight import End, WatchReport
from ako.testing import KubeApi
from ako.testing.kube_api.route import ROUTE_CRD
from tests.core.kube.api_stage import ingress
from tests.core.kube.records import INGRESSES, ROUTES, SERVICES
from tests.core.kube.watching import Sink, Waits, timing
from tests.waiting import PATIENCE, eventually

SILENCE = 0.15
"""Seconds without a byte after which a watch counts as dead here."""


@pytest.fixture
def impatient(kubeconfig: Path, waits: Waits) -> Iterator[ApiCluster]:
    """Build a cluster that soon takes a silent watch for dead."""
    quick = dataclasses.replace(timing(waits, page_size=2, clock=time.monotonic), silence_seconds=SILENCE)
    cluster = ApiCluster(from_kubeconfig(kubeconfig), timing=quick)
    yield cluster
    cluster.stop()


def report(cluster: ApiCluster) -> WatchReport:
    (found,) = cluster.watch_reports()
    return found


def hears_bookmarks(kube: KubeApi, cluster: ApiCluster, seconds: float) -> bool:
    """Send one after another for some seconds, each when the last has come; false if they came too late for a watch."""
    last = end = time.monotonic()
    while last < end + seconds:
        sent = time.time()
        kube.send_bookmarks()
        eventually(lambda: report(cluster).heard_at > sent - 0.001, "the bookmark", interval=0.002)  # noqa: B023
        before, last = last, time.monotonic()
        if last - before > SILENCE / 2:
            return False
    return True


def comes(sink: Sink, line: str) -> None:
    """Wait until the last thing that was told is this."""
    sink.until(lambda lines: lines[-1:] == [line])


def test_what_a_silent_connection_hides_is_found(kube: KubeApi, impatient: ApiCluster, sink: Sink) -> None:
    """Neither bytes nor an end come of it: to us it looks as a quiet one does."""
    kube.apply(ingress("shop"), ingress("gone"))
    impatient.start([INGRESSES], sink)
    comes(sink, "Ingress listed default/gone default/shop")
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    kube.silence_watches()
    kube.delete("Ingress", "default", "gone")
    comes(sink, "Ingress removed default/gone")
    assert report(impatient).ends[End.SILENT] >= 1
    assert report(impatient).lists == 1, "the server was there when it was asked again"
    assert report(impatient).is_up
    assert not report(impatient).lost_at


def test_a_quiet_watch_with_bookmarks_is_left_alone(kube: KubeApi, impatient: ApiCluster, sink: Sink) -> None:
    kube.apply(ingress("shop"))
    impatient.start([INGRESSES], sink)
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    before = (len(kube.requests), dict(report(impatient).ends))
    while not hears_bookmarks(kube, impatient, 4 * SILENCE):
        assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
        before = (len(kube.requests), dict(report(impatient).ends))
    assert (len(kube.requests), dict(report(impatient).ends)) == before


def test_a_quiet_watch_without_bookmarks_is_not_opened_in_a_tight_loop(
    kube: KubeApi, impatient: ApiCluster, sink: Sink
) -> None:
    """Not every server sends some: each time costs a whole silence and a watch, and no list."""
    began = time.monotonic()
    impatient.start([INGRESSES], sink)
    eventually(lambda: report(impatient).ends.get(End.SILENT, 0) >= 4, "four silences")
    assert time.monotonic() - began >= 4 * SILENCE
    assert len(kube.requests) <= report(impatient).ends[End.SILENT] + 3
    assert report(impatient).lists == 1
    assert set(sink.lines) == {"Ingress listed"}


def test_a_server_that_comes_back_with_older_data_is_believed(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits
) -> None:
    """Its resourceVersions begin again below the one we had: a watch from there would say nothing for long."""
    kube.apply(ingress("shop"), ingress("old"))
    backup = kube.back_up()
    kube.delete("Ingress", "default", "old")
    kube.apply(*(ingress(f"new{number}") for number in range(3)))
    cluster.start([INGRESSES], sink)
    comes(sink, "Ingress listed default/new0 default/new1 default/new2 default/shop")
    kube.down()
    waits.until(1)
    kube.restore(backup)
    kube.up()
    comes(sink, "Ingress listed default/old default/shop")
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    kube.apply(ingress("later"))
    comes(sink, "Ingress upserted default/later")


def test_a_server_with_another_past_whose_versions_have_overtaken_ours_is_believed(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits
) -> None:
    """A watch from our version would be taken, and never tell what that server does not have."""
    kube.apply(ingress("shop"))
    backup = kube.back_up()
    kube.apply(ingress("gone"))
    cluster.start([INGRESSES], sink)
    comes(sink, "Ingress listed default/gone default/shop")
    kube.down()
    waits.until(1)
    kube.restore(backup)
    kube.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{n}"}} for n in range(9)))
    kube.up()
    comes(sink, "Ingress listed default/shop")


def test_a_watch_that_broke_and_can_be_opened_at_once_goes_on(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits
) -> None:
    """Proxies cut connections by the minute; the server was there all the while, and a list is dear."""
    kube.apply(ingress("shop"))
    cluster.start([INGRESSES], sink)
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    kube.break_watches()
    kube.delete("Ingress", "default", "shop")
    sink.until_told("Ingress listed default/shop", "Ingress removed default/shop")
    assert (report(cluster).lists, report(cluster).ends[End.BROKEN], waits.seconds) == (1, 1, [])


@pytest.mark.parametrize("asked", ["inf", "1e300", "nan", "-1", "86400"])
def test_a_server_that_asks_for_too_long_a_pause_is_asked_again_within_a_minute(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits, asked: str
) -> None:
    fault = kube.fault("/apis", status=429, times=1)
    fault.effect["retry_after"] = cast("int", asked)
    cluster.start([INGRESSES], sink)
    comes(sink, "Ingress listed")
    assert 0 < waits.seconds[0] <= 60


def test_a_right_that_is_lost_and_given_back_is_told_once_and_nothing_is_lost(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    kube.apply(ingress("shop"), ingress("gone"))
    cluster.start([INGRESSES], sink)
    comes(sink, "Ingress listed default/gone default/shop")
    refusal = kube.forbid("*", "ingresses")
    kube.break_watches()
    kube.delete("Ingress", "default", "gone")
    waits.until(6)
    assert set(sink.lines) == {"Ingress listed default/gone default/shop", "Ingress unknown"}
    assert (report(cluster).is_up, report(cluster).lost_at) == (False, 0.0), "the server is there"
    refusal.clear()
    comes(sink, "Ingress listed default/shop")
    assert report(cluster).is_up
    told = [record.message.partition(";")[0] for record in caplog.records if "forbidden" in record.message]
    assert len(told) == len(set(told)) <= 2, "once that it cannot be watched, and once that it cannot be listed"


def test_a_kind_that_comes_later_is_followed_from_then_on(
    kube: KubeApi, cluster: ApiCluster, sink: Sink, waits: Waits
) -> None:
    cluster.start([ROUTES], sink)
    comes(sink, "Route not served")
    waits.until(2)
    assert (report(cluster).is_up, report(cluster).lost_at) == (False, 0.0)
    kube.apply(ROUTE_CRD)
    comes(sink, "Route listed")
    assert report(cluster).is_up


def test_an_outage_is_one_line_for_all_kinds_and_its_end_another(
    kube: KubeApi, sink: Sink, kubeconfig: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However many kinds there are, and however often each is tried."""
    caplog.set_level(logging.INFO, "ako")
    waits = Waits()
    all_lost = threading.Event()

    def until_all_are_lost(stopped: threading.Event, seconds: float) -> None:
        """Let no time pass for one watch before the other has noticed too: both break in one moment."""
        assert all_lost.wait(PATIENCE) or stopped.is_set()
        waits(stopped, seconds)

    given = dataclasses.replace(timing(waits), wait=until_all_are_lost)  # time passes by the waits
    cluster = ApiCluster(from_kubeconfig(kubeconfig), timing=given)
    cluster.start([INGRESSES, SERVICES], sink)
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress", "Service"], PATIENCE)
    kube.down()
    eventually(lambda: all(found.lost_at for found in cluster.watch_reports()), "that both are lost")
    all_lost.set()
    waits.until(len(waits.seconds) + 30)
    kube.up()
    eventually(lambda: all(found.lists == 2 for found in cluster.watch_reports()), "both lists")
    eventually(lambda: any(found.levelno == logging.INFO for found in caplog.records), "that all is heard again")
    cluster.stop()
    lines = [(found.levelno, found.message) for found in caplog.records]
    assert [level for level, _ in lines] == [logging.WARNING, logging.INFO]
    assert "has not been heard of since" in lines[0][1]
    assert "networking.k8s.io/v1/Ingress, v1/Service" in lines[0][1]
    assert lines[1][1].startswith("Kubernetes is heard of again")
