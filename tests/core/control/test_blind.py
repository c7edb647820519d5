"""A controller that hears nothing says so: readiness, metrics, and an Event once it hears again."""

from __future__ import annotations

from queue import SimpleQueue

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ako.core.base.refs import Kind
from ako.core.control.checks import kubernetes_check
from ako.core.control.figures import Scrape
from ako.core.control.metrics import Metrics
from ako.core.control.state import State
from ako.core.control.world import Message
from ako.core.kube.sight import End, WatchReport
from ako.testing.rehearsal import ref_of
from tests.builders import service
from tests.core.control.running import SHOP, Running
from tests.waiting import eventually

SERVICES, SECRETS = Kind("", "v1", "Service"), Kind("", "v1", "Secret")
UP = WatchReport(kind=SECRETS, is_up=True, heard_at=1767355200.0, lists=2, ends={End.EXPIRED: 1})


def lost(seconds: float) -> WatchReport:
    return WatchReport(
        kind=SERVICES, heard_at=5.0, lost_at=1767355200.0, lost_seconds=seconds, reason="refused", lists=1
    )


@pytest.mark.parametrize(
    ("reports", "is_met", "says"),
    [
        pytest.param((UP,), True, "", id="all is heard of"),
        pytest.param((), True, "", id="a folder"),
        pytest.param(
            (lost(30),),
            True,
            "the Kubernetes API server has not been heard of since 2026-01-02T12:00:00Z (30 s): v1/Service: refused; "
            "what is known is served; not ready after 600 s (ako.watch.blindReadySeconds)",
            id="not for long",
        ),
        pytest.param((lost(600),), False, "not ready, for that is longer than ako.watch.blindReadySeconds", id="long"),
        pytest.param((lost(30), UP), True, "nothing has been heard since 2026-01-02T12:00:00Z (30 s)", id="one"),
        pytest.param(
            (lost(601), UP), False, "nothing has been heard since 2026-01-02T12:00:00Z (601 s)", id="one, long"
        ),
    ],
)
def test_readiness_names_since_when_and_what(reports: tuple[WatchReport, ...], is_met: bool, says: str) -> None:
    check = kubernetes_check((), reports, 600.0)
    assert check.is_met is is_met
    assert says in check.detail
    assert check.is_urgent is bool(says), "it is told to who asks for no details"


def test_what_was_never_read_is_not_ready_however_patient() -> None:
    check = kubernetes_check(("v1/Secret: not listed yet",), (), 600.0)
    assert (check.is_met, check.detail) == (False, "v1/Secret: not listed yet")


def test_a_patience_of_zero_has_none() -> None:
    assert not kubernetes_check((), (lost(0.0),), 0.0).is_met


def test_each_watch_has_its_metrics() -> None:
    exposition = Metrics().exposition(Scrape(state=State(watches=(UP, lost(30)))))
    families = list(text_string_to_metric_families(exposition.decode()))
    values = {
        (sample.name, sample.labels["kind"], sample.labels.get("reason", "")): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("ako_watch_")
    }
    assert values["ako_watch_up", "v1/Secret", ""] == 1
    assert values["ako_watch_up", "v1/Service", ""] == 0
    assert values["ako_watch_lost_timestamp_seconds", "v1/Service", ""] == 1767355200
    assert values["ako_watch_lost_timestamp_seconds", "v1/Secret", ""] == 0
    assert values["ako_watch_last_heard_timestamp_seconds", "v1/Secret", ""] == 1767355200
    assert values["ako_watch_lists_total", "v1/Secret", ""] == 2
    assert values["ako_watch_restarts_total", "v1/Secret", "expired"] == 1
    assert values["ako_watch_restarts_total", "v1/Secret", "silent"] == 0
    assert {f.name: f.type for f in families}["ako_watch_restarts"] == "counter"


def test_an_outage_is_told_on_the_config_map_once_it_is_over(url: str) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()

    def hears(report: WatchReport) -> None:
        ako.cluster.reports = (report,)
        inbox.put(lambda: None)
        eventually(lambda: ako.controller.state.watches == (report,), "the report")

    with Running(url, inbox=inbox) as ako:
        ako.comes_to_rest()
        for report in (lost(5), UP, lost(5), lost(42), lost(43)):
            hears(report)
        assert told(ako) == [], "neither of what was short, nor before it is over"
        hears(UP)
        eventually(lambda: told(ako), "the Event")
        assert told(ako) == [
            "Kubernetes was not heard of since 2026-01-02T12:00:00Z, for 43 s or more; all is followed again."
        ]


def test_a_status_that_a_server_with_older_data_does_not_have_is_written_again(url: str) -> None:
    """It was written, and lost with that server, before it was seen on the object: the list shows what we knew."""
    with Running(url) as ako:
        shop = ref_of(SHOP[-1])
        eventually(lambda: shop in ako.cluster.statuses, "the status")
        ako.comes_to_rest()
        ako.cluster.statuses.clear()
        ako.cluster.list_anew()
        eventually(lambda: shop in ako.cluster.statuses, "the status, once more")
        ako.comes_to_rest()
        ako.cluster.statuses.clear()
        ako.cluster.declare(service("other"))
        ako.comes_to_rest()
        assert not ako.cluster.statuses, "not for nothing"


def told(ako: Running) -> list[str]:
    return [event.message for _, event in ako.cluster.events if event.reason == "KubernetesUnheard"]
