"""How many requests Events cost: what is said already is not said again, and all of them together have a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ako.core.base.refs import ObjectRef
from ako.core.kube.api import ApiCluster
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.connection import from_kubeconfig
from ako.testing import KubeApi
from tests.core.kube.api_stage import NOON, ingress
from tests.core.kube.records import INGRESS_KIND, INGRESSES
from tests.core.kube.watching import Sink, Waits, timing

SHOP = ObjectRef(INGRESS_KIND, "default", "shop")
ODD = Event(type="Warning", reason="Odd", message="something is wrong")
OTHER = Event(type="Warning", reason="Odd", message="something else is wrong")
FINE = Event(type="Normal", reason="Fine", message="nothing is wrong any more")
LIST = "GET /api/v1/events"

Start = Callable[..., "Run"]


class Run:
    """One life of the program, from its first look at the cluster."""

    def __init__(self, kube: KubeApi, kubeconfig: Path, time: datetime) -> None:
        self._kube = kube
        self.waits = Waits(free=10_000)
        self.sink = Sink()
        self.cluster = ApiCluster(from_kubeconfig(kubeconfig), timing=timing(self.waits), now=lambda: time)
        self.cluster.start([INGRESSES], self.sink)
        self.sink.until(bool)
        self._mark = len(kube.requests)

    def requests(self) -> list[str]:
        """Give the requests since this was asked last, but for those of watches."""
        seen, self._mark = self._kube.requests[self._mark :], len(self._kube.requests)
        return [f"{r.method} {r.path.partition('/events/')[0]}" for r in seen if not r.is_watch]


@pytest.fixture
def start(kube: KubeApi, kubeconfig: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def start(after: timedelta = timedelta(0)) -> Run:
            run = Run(kube, kubeconfig, NOON + after)
            stack.callback(run.cluster.stop)
            return run

        kube.apply(ingress("shop"))
        yield start


POST, PATCH = "POST /api/v1/namespaces/default/events", "PATCH /api/v1/namespaces/default"


def test_an_event_costs_one_request_and_a_repeat_another(start: Start) -> None:
    run = start()
    run.cluster.write_event(SHOP, ODD)
    assert run.requests() == [LIST, POST]
    run.cluster.write_event(SHOP, ODD)
    run.cluster.write_event(SHOP, FINE)
    assert run.requests() == [PATCH, POST]


def test_what_an_event_says_already_is_not_said_again_after_a_restart(kube: KubeApi, start: Start) -> None:
    """Two thousand problems stand: a restart reads their Events, page by page, and writes none."""
    shops = [SHOP._replace(name=f"shop-{number}") for number in range(2000)]
    kube.apply(*(ingress(shop.name) for shop in shops))
    before = start()
    for shop in shops:
        before.cluster.write_event(shop, ODD)
    assert before.requests() == [LIST, *[POST] * 2000]
    after = start(timedelta(minutes=59))
    for shop in shops:
        after.cluster.write_event(shop, ODD)
    assert after.requests() == [LIST] * 4
    assert {event["count"] for event in kube.events()} == {1}
    after.cluster.write_event(SHOP._replace(name="shop-7"), ODD)
    assert after.requests() == [PATCH], "what happens again later is counted"
    assert after.waits.seconds == []


def test_another_problem_after_a_restart_is_told(start: Start) -> None:
    start().cluster.write_event(SHOP, ODD)
    after = start()
    after.cluster.write_event(SHOP, OTHER)
    assert after.requests() == [LIST, POST]


def test_an_event_that_is_about_to_be_forgotten_is_counted_up(kube: KubeApi, start: Start) -> None:
    start().cluster.write_event(SHOP, ODD)
    after = start(timedelta(hours=1))
    after.cluster.write_event(SHOP, ODD)
    assert after.requests() == [LIST, PATCH]
    assert [event["count"] for event in kube.events()] == [2]


def test_the_same_problem_of_a_new_object_is_told(kube: KubeApi, start: Start) -> None:
    start().cluster.write_event(SHOP, ODD)
    kube.delete("Ingress", "default", "shop")
    kube.apply(ingress("shop"))
    after = start()
    after.cluster.write_event(SHOP, ODD)
    assert after.requests() == [LIST, POST]


def test_a_warning_that_something_normal_followed_is_told_again(start: Start) -> None:
    start().cluster.write_event(SHOP, ODD)
    start(timedelta(minutes=1)).cluster.write_event(SHOP, FINE)
    after = start(timedelta(minutes=2))
    after.cluster.write_event(SHOP, ODD)
    after.cluster.write_event(SHOP, FINE)
    assert after.requests() == [LIST, PATCH, PATCH]


def test_an_event_that_is_gone_is_made_anew(kube: KubeApi, start: Start) -> None:
    run = start()
    run.cluster.write_event(SHOP, ODD)
    (event,) = kube.events()
    kube.delete(event)
    run.cluster.write_event(SHOP, ODD)
    assert run.requests() == [LIST, POST, PATCH, POST]
    assert [event["count"] for event in kube.events()] == [1]


def test_who_may_not_read_events_says_them_again(kube: KubeApi, start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    kube.forbid("list", "events")
    kube.forbid("get", "events")
    start().cluster.write_event(SHOP, ODD)
    after = start(timedelta(minutes=1))
    after.cluster.write_event(SHOP, ODD)
    after.cluster.write_event(SHOP, ODD)
    assert after.requests() == [LIST, POST, PATCH, PATCH]
    (event,) = kube.events()
    assert event["lastTimestamp"] == "2026-01-02T12:01:00Z"
    assert caplog.text.count("the Events of an earlier run are not known") == 2, "once for each run"


def test_what_is_said_of_an_object_that_goes_with_its_namespace_is_no_failure(
    kube: KubeApi, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    held = ingress("late")
    held["metadata"] |= {"namespace": "going", "finalizers": ["example.com/hold"]}
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}}, held)
    run = start()
    kube.delete("Namespace", name="going")
    assert run.cluster.write_event(SHOP._replace(namespace="going", name="late"), ODD) is WriteOutcome.GONE
    assert run.requests() == [LIST, POST.replace("default", "going")]
    assert not caplog.records
    kube.forbid("create", "events")
    assert run.cluster.write_event(SHOP, ODD) is WriteOutcome.REFUSED
    assert "the Event Odd was refused" in caplog.text


def test_a_server_that_is_busy_is_asked_again(kube: KubeApi, start: Start) -> None:
    start().cluster.write_event(SHOP, ODD)
    after = start()
    with kube.fault("/api/v1/events", status=503, times=1):
        after.cluster.write_event(SHOP, OTHER)
    after.cluster.write_event(SHOP, ODD)
    assert after.requests() == [LIST, POST, LIST]


def test_all_objects_together_have_a_limit(kube: KubeApi, start: Start) -> None:
    """A hundred at once, then fifty a second; none is lost."""
    shops = [SHOP._replace(name=f"shop-{number}") for number in range(300)]
    kube.apply(*(ingress(shop.name) for shop in shops))
    run = start()
    for shop in shops:
        run.cluster.write_event(shop, ODD)
    assert len(kube.events()) == 300
    assert run.waits.elapsed() == pytest.approx((300 - 100) / 50)
