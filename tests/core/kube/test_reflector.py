"""List and watch over the wire: what is asked, what is told, when it waits."""

from __future__ import annotations

import itertools
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from kubernetes.config import incluster_config

from ako.core.engine.changes import AvailabilityChanged, Change, Listed, Unreadable, Upserted
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig, in_cluster
from tests.core.kube.records import INGRESSES, ROUTES, SERVICES, Ingress, Named, name
from tests.core.kube.scripted import EXPIRED, Asked, Reply, ScriptedApi, bookmark, event, failure, item, page, stream
from tests.core.kube.watching import Sink, Waits, ends, timing, watcher
from tests.waiting import PATIENCE

Watching = Callable[..., "Scene"]

SERVING = Reply(body={"kind": "APIResourceList", "resources": [{"name": "routes"}, {"name": "routes/status"}]})
SERVING_OTHERS = Reply(body={"kind": "APIResourceList", "resources": [{"name": "routers"}]})
GROUPS = Reply(body={"groups": [{"name": "apps"}, {"name": "route.openshift.io", "versions": [{"version": "v1"}]}]})
NO_GROUPS = Reply(body={"groups": [{"name": "apps", "versions": [{"version": "v1"}]}]})

ABSENT = [pytest.param((failure(404), NO_GROUPS), id="its group"), pytest.param((SERVING_OTHERS,), id="the kind alone")]
"""What discovery answers when a kind is not served."""
IN_DOUBT = [
    pytest.param((SERVING,), "lists it", id="the kind is there all the while"),
    pytest.param((failure(404), GROUPS), "lists route.openshift.io/v1", id="the group is there, its version not yet"),
    pytest.param((failure(404), failure(404)), "cannot be read: no (404)", id="all is 404"),
    pytest.param((failure(503),), "cannot be read: no (503)", id="the group does not answer"),
    pytest.param((failure(403, "hidden"),), "cannot be read: hidden (403)", id="nobody may look at it"),
    pytest.param((Reply(body=b"<html>"),), "cannot be read: JSON is malformed", id="no discovery document"),
]
"""What it answers when that is not certain, and what is made of it."""


class Scene:
    """A scripted API server and a cluster that watches one kind of it."""

    def __init__(self, api: ScriptedApi, cluster: ApiCluster, waits: Waits) -> None:
        self.api = api
        self.cluster = cluster
        self.waits = waits
        self.sink = Sink()


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    with ExitStack() as stack:

        def scene(
            *replies: Reply | Callable[[Asked], Reply],
            kinds: tuple[WatchedKind, ...] = (INGRESSES,),
            page_size: int = 500,
            free_waits: int = 1000,
            clock: Callable[[], float] | None = None,
        ) -> Scene:
            api = stack.enter_context(ScriptedApi(*replies))
            load = from_kubeconfig(api.write_kubeconfig(tmp_path / "kubeconfig"))
            waits = Waits(free_waits)
            scene = Scene(api, ApiCluster(load, timing=timing(waits, page_size=page_size, clock=clock)), waits)
            stack.callback(scene.cluster.stop)
            scene.cluster.start(kinds, scene.sink)
            return scene

        yield scene


def test_a_list_comes_page_by_page_and_is_told_at_once(watching: Watching) -> None:
    scene = watching(page(item("d/a"), item("d/b"), token="t/2+="), page(item("d/c")), page_size=2)
    scene.sink.until_told("Ingress listed d/a d/b d/c")
    scene.api.until_asked(3)
    assert scene.api.asked[0].path == "/apis/networking.k8s.io/v1/ingresses"
    assert scene.api.queries() == [
        {"limit": "2"},
        {"limit": "2", "continue": "t/2+="},
        {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": "10"},
    ]
    assert scene.api.asked[2].query["timeoutSeconds"] == "600"


def test_events_are_told_in_their_order(watching: Watching) -> None:
    events = (event("ADDED", "d/a", "11"), event("MODIFIED", "d/a", "12"), event("DELETED", "d/a", "13"))
    scene = watching(page(), stream(*events, hold=True))
    scene.sink.until_told("Ingress listed", "Ingress upserted d/a", "Ingress upserted d/a", "Ingress removed d/a")


def test_lines_cut_anywhere_are_put_together(watching: Watching) -> None:
    first = b'{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"11"}}}\n'
    second = first.replace(b'"a"', b'"b"')
    pieces = (first[:9], first[9:30], first[30:] + second[:20], second[20:-1], b"\n")
    scene = watching(page(), stream(*pieces, hold=True))
    scene.sink.until_told("Ingress listed", "Ingress upserted a", "Ingress upserted b")


def test_a_watch_goes_on_from_the_last_event_or_bookmark(watching: Watching) -> None:
    scene = watching(page(), stream(event("ADDED", "d/a", "11")), stream(bookmark("20")))
    scene.api.until_asked(4)
    assert [query.get("resourceVersion") for query in scene.api.queries()] == [None, "10", "11", "20"]
    assert scene.sink.lines == ["Ingress listed", "Ingress upserted d/a"]


@pytest.mark.parametrize(
    "gone", [pytest.param(stream(EXPIRED), id="in the stream"), pytest.param(failure(410), id="as a status")]
)
def test_a_version_too_old_leads_to_a_new_list(watching: Watching, gone: Reply) -> None:
    scene = watching(page(item("d/a"), item("d/b")), gone, page(item("d/b"), version="30"))
    scene.sink.until_told("Ingress listed d/a d/b", "Ingress listed d/b")
    scene.api.until_asked(4)
    assert [query.get("resourceVersion") for query in scene.api.queries()] == [None, "10", None, "30"]


def test_a_stream_given_up_is_not_used_again(watching: Watching) -> None:
    scene = watching(page(item("d/a")), stream(EXPIRED, hold=True), page(item("d/b")))
    scene.sink.until_told("Ingress listed d/a", "Ingress listed d/b")
    assert scene.waits.seconds == [0.5]


def test_a_list_that_expires_between_its_pages_starts_over(watching: Watching) -> None:
    scene = watching(page(item("d/a"), token="t"), failure(410), page(item("d/b")))
    scene.sink.until_told("Ingress unknown", "Ingress listed d/b")
    assert [query.get("continue") for query in scene.api.queries()[:3]] == [None, "t", None]


def test_pages_that_expire_again_and_again_are_read_in_one_piece(watching: Watching) -> None:
    """Where history is forgotten faster than all pages are read, no list by pages would ever be whole."""
    scene = watching(page(item("d/a"), token="t"), failure(410), page(item("d/b")), stream(EXPIRED), page(token="u"))
    scene.sink.until_told("Ingress unknown", "Ingress listed d/b")
    scene.api.until_asked(5)
    asked = [(query.get("limit"), query.get("continue")) for query in scene.api.queries()]
    assert asked[:5] == [("500", None), ("500", "t"), (None, None), (None, None), ("500", None)]


def test_delays_grow_to_a_ceiling_and_start_over_after_a_success(watching: Watching) -> None:
    replies = [failure(500)] * 8 + [page(), stream(event("ADDED", "d/a", "11")), failure(500), failure(500)]
    scene = watching(*replies, free_waits=9)
    assert scene.waits.until(10)[:8] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert scene.waits.seconds[8:] == [0.5, 1.0]


def test_a_server_that_says_when_is_obeyed(watching: Watching) -> None:
    scene = watching(failure(429, Retry_After="17"), free_waits=0)
    assert scene.waits.until(1) == [17.0]


def test_watches_that_end_at_once_are_not_opened_in_a_tight_loop(watching: Watching) -> None:
    scene = watching(page(), stream(), stream(), stream(), free_waits=2)
    assert scene.waits.until(3) == [0.5, 1.0, 2.0]
    assert scene.sink.lines == ["Ingress listed"]


def test_a_watch_that_ends_in_its_time_is_opened_again_at_once(watching: Watching) -> None:
    scene = watching(page(), stream(), stream(), clock=itertools.count(0.0, 400.0).__next__)
    scene.api.until_asked(4)
    assert scene.waits.seconds == []


def test_what_is_forbidden_is_unknown_and_tried_again(watching: Watching) -> None:
    scene = watching(failure(403, "may not list"), failure(403, "may not list"), page(item("d/a")))
    scene.sink.until_told("Ingress unknown", "Ingress listed d/a")
    (unknown, _) = scene.sink.changes
    assert isinstance(unknown, AvailabilityChanged)
    assert (unknown.reason, unknown.is_forbidden) == ("may not list (403)", True)


def test_what_fails_otherwise_is_unknown_and_not_for_want_of_a_right(watching: Watching) -> None:
    scene = watching(failure(500, "not now"), page(item("d/a")))
    scene.sink.until_told("Ingress unknown", "Ingress listed d/a")
    (unknown, _) = scene.sink.changes
    assert isinstance(unknown, AvailabilityChanged)
    assert not unknown.is_forbidden


def test_what_becomes_forbidden_is_unknown_until_listed_again(watching: Watching) -> None:
    scene = watching(page(item("d/a")), failure(403, "no more"), failure(403, "no more"), page(item("d/a")))
    scene.sink.until_told("Ingress listed d/a", "Ingress unknown", "Ingress listed d/a")


@pytest.mark.parametrize("discovered", ABSENT)
def test_an_optional_kind_that_discovery_lacks_at_the_start_is_not_served_at_once(
    watching: Watching, discovered: tuple[Reply, ...]
) -> None:
    """Nothing is waited for before that is told; then it is asked for again once a minute."""
    gone = Reply(404, b"404 page not found\n")
    scene = watching(gone, *discovered, gone, page(item("d/r")), kinds=(ROUTES,))
    scene.sink.until_told("Route not served", "Route listed d/r")
    assert scene.waits.seconds[:2] == [60.0, 60.0]
    begun = [asked.path for asked in scene.api.asked[: 1 + len(discovered)]]
    assert begun == ["/apis/route.openshift.io/v1/routes", "/apis/route.openshift.io/v1", "/apis"][: len(begun)]


@pytest.mark.parametrize(("discovered", "doubt"), IN_DOUBT)
def test_a_404_that_discovery_does_not_bear_out_says_nothing_at_the_start(
    watching: Watching, discovered: tuple[Reply, ...], doubt: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is unknown, with the reason, and asked for soon; how long that goes on makes no difference."""
    scene = watching(*(failure(404), *discovered) * 9, page(item("d/r")), kinds=(ROUTES,))
    scene.sink.until_told("Route unknown", "Route listed d/r")
    assert scene.waits.seconds[:9] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    (unknown, _) = scene.sink.changes
    assert isinstance(unknown, AvailabilityChanged)
    reason = f"the API server does not serve route.openshift.io/v1/Route for now (discovery {doubt}"
    assert unknown.reason.startswith(reason)
    assert f"routes: {reason}" in caplog.text


def test_a_kind_in_doubt_at_the_start_is_not_served_as_soon_as_discovery_lacks_it(watching: Watching) -> None:
    scene = watching(*(failure(404), failure(503)) * 2, failure(404), SERVING_OTHERS, failure(404), kinds=(ROUTES,))
    scene.sink.until_told("Route unknown", "Route not served")
    assert scene.waits.until(3)[:3] == [0.5, 1.0, 60.0]


@pytest.mark.parametrize(("discovered", "doubt"), IN_DOUBT)
def test_a_404_that_discovery_does_not_bear_out_takes_nothing_away(
    watching: Watching, discovered: tuple[Reply, ...], doubt: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene = watching(page(item("d/r")), *(failure(404), *discovered) * 9, page(item("d/r")), kinds=(ROUTES,))
    scene.sink.until_told("Route listed d/r", "Route unknown", "Route listed d/r")
    assert scene.waits.elapsed() > 120
    assert f"does not serve route.openshift.io/v1/Route for now (discovery {doubt}" in caplog.text


@pytest.mark.parametrize("discovered", ABSENT)
def test_an_optional_kind_that_discovery_lacks_for_a_minute_is_not_served(
    watching: Watching, discovered: tuple[Reply, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """It is soon looked for again: whoever replaces a definition deletes it first."""
    probes = (failure(404), *discovered) * 8
    scene = watching(page(item("d/r")), *probes, *[failure(404)] * 3, page(item("d/r")), kinds=(ROUTES,))
    scene.sink.until_told("Route listed d/r", "Route unknown", "Route not served", "Route listed d/r")
    assert scene.waits.seconds == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 0.5, 1.0, 2.0, 4.0]
    assert "its objects count as gone after 60 s; trying again in 0.5 s" in caplog.text
    assert "does not serve route.openshift.io/v1/Route any more: its objects count as gone" in caplog.text


def test_the_minute_starts_over_when_discovery_fails_in_between(watching: Watching) -> None:
    absent, in_doubt = (failure(404), SERVING_OTHERS), (failure(404), failure(503))
    probes = (*absent * 7, *in_doubt, *absent * 2, page(item("d/r")))
    scene = watching(page(item("d/r")), *probes, kinds=(ROUTES,))
    scene.sink.until_told("Route listed d/r", "Route unknown", "Route listed d/r")


def test_a_kind_that_has_to_be_there_is_unknown_when_it_is_not(watching: Watching) -> None:
    scene = watching(failure(404), page())
    scene.sink.until_told("Ingress unknown", "Ingress listed")


@pytest.mark.parametrize("answer", [500, 502, 503, 504])
def test_an_outage_tells_nothing_and_ends_with_a_list(watching: Watching, answer: int) -> None:
    """A version means nothing to a server that comes back with older data."""
    outage = (Reply(lines=(b"{",)), failure(answer), failure(answer))
    scene = watching(page(item("d/a")), *outage, page(item("d/b")), stream(hold=True))
    scene.sink.until_told("Ingress listed d/a", "Ingress listed d/b")


@pytest.mark.parametrize("answer", [401, 429])
def test_a_server_that_is_there_all_the_while_is_not_asked_for_a_list(watching: Watching, answer: int) -> None:
    scene = watching(page(item("d/a")), *[failure(answer)] * 2, stream(event("ADDED", "d/b", "11"), hold=True))
    scene.sink.until_told("Ingress listed d/a", "Ingress upserted d/b")


def test_a_stream_that_makes_no_sense_leads_to_a_new_list(watching: Watching) -> None:
    scene = watching(page(item("d/a")), stream(b"<html>\n"), page(item("d/a")))
    scene.sink.until_told("Ingress listed d/a", "Ingress listed d/a")


def test_a_list_that_makes_no_sense_is_no_empty_list(watching: Watching) -> None:
    scene = watching(Reply(body=b"<html>"), Reply(body={"items": [{"metadata": {}}]}), page(item("d/a")))
    scene.sink.until(lambda lines: "Ingress listed d/a" in lines)
    assert [type(change) for change in scene.sink.changes].count(Listed) == 1


def test_one_object_that_does_not_decode_hides_no_other(watching: Watching) -> None:
    odd = item("d/odd", spec={"rules": "none"})
    later = event("MODIFIED", "d/a", "11", spec={"rules": [{"host": 1}]})
    scene = watching(page(item("d/a", spec={"rules": [{"host": "a"}]}), odd), stream(later, hold=True))
    scene.sink.until_told("Ingress listed d/a d/odd", "Ingress upserted d/a")
    listed, upserted = scene.sink.changes
    assert isinstance(listed, Listed)
    assert isinstance(upserted, Upserted)
    good = listed.objects[name("d/a")][Ingress]
    assert isinstance(good, Ingress)
    assert good.hosts == ("a",)
    assert listed.objects[name("d/odd")][Ingress] == Unreadable("spec.rules: Expected array, got str")
    assert upserted.records[Ingress] == Unreadable("spec.rules[0].host: Expected str, got int")


def test_two_declarations_of_a_kind_share_one_watch(watching: Watching) -> None:
    other = WatchedKind(kind=INGRESSES.kind, plural="ingresses", record=Named, field_selector="metadata.name=x")
    scene = watching(page(item("d/a"), item("d/x")), kinds=(INGRESSES, other))
    scene.sink.until_told("Ingress listed d/a d/x")
    scene.api.until_asked(2)
    (listed,) = scene.sink.changes
    assert isinstance(listed, Listed)
    assert set(listed.objects[name("d/x")]) == {Ingress, INGRESSES.status, Named}
    assert set(listed.objects[name("d/a")]) == {Ingress, INGRESSES.status}, "the other is for `x` only"
    assert [query.get("fieldSelector") for query in scene.api.queries()] == [None, None]


def test_a_field_selector_goes_with_list_and_watch(watching: Watching) -> None:
    one = WatchedKind(kind=SERVICES.kind, plural="services", record=Named, field_selector="metadata.name=web")
    scene = watching(page(item("d/web")), kinds=(one,))
    scene.api.until_asked(2)
    assert [query["fieldSelector"] for query in scene.api.queries()] == ["metadata.name=web"] * 2
    assert scene.api.asked[0].path == "/api/v1/services"


def test_a_blocked_watch_stops_at_once(watching: Watching) -> None:
    scene = watching(page(item("d/a")), stream(hold=True))
    scene.api.until_asked(2)
    blocked = watcher()
    scene.cluster.stop()
    assert ends(blocked), "though the server holds its stream open"
    assert scene.sink.lines == ["Ingress listed d/a"]


def test_an_answer_that_comes_after_the_stop_is_not_told(watching: Watching) -> None:
    let_go = threading.Event()

    def late(asked: Asked) -> Reply:
        assert let_go.wait(PATIENCE)
        return page(item("d/a"))

    scene = watching(late)
    scene.api.until_asked(1)
    waiting = watcher()
    scene.cluster.stop()
    let_go.set()
    assert ends(waiting)
    assert scene.sink.lines == []


def test_a_blocked_watch_over_tls_stops_at_once(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    sink = Sink()
    with ScriptedApi(page(item("d/a")), stream(event("ADDED", "d/b", "11"), hold=True), tls=tls) as api:
        load = from_kubeconfig(api.write_kubeconfig(tmp_path / "kubeconfig", ca=tmp_path / "ca.pem"))
        cluster = ApiCluster(load, timing=timing(Waits()))
        cluster.start([INGRESSES], sink)
        sink.until_told("Ingress listed d/a", "Ingress upserted d/b")
        blocked = watcher()
        cluster.stop()
        assert ends(blocked), "though the server holds its stream open"


def test_a_pod_reads_its_rotated_token_and_authority_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    token = tmp_path / "token"
    token.write_text("first\n")

    def rotated(asked: Asked) -> Reply:
        token.write_text("second\n")
        return failure(401, "Unauthorized")

    sink = Sink()
    with ScriptedApi(rotated, page(item("d/a")), tls=tls) as api:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(api.port))
        monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
        monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
        cluster = ApiCluster(in_cluster, timing=timing(Waits()))
        cluster.start([INGRESSES], sink)
        sink.until_told("Ingress listed d/a")
        cluster.stop()
        assert [asked.token for asked in api.asked[:2]] == ["bearer first", "bearer second"]


def test_a_server_of_another_authority_is_not_believed(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    sink = Sink()
    with ScriptedApi(page(item("d/a")), tls=tls) as api:
        load = from_kubeconfig(api.write_kubeconfig(tmp_path / "kubeconfig", ca=tmp_path / "ca.pem"))
        cluster = ApiCluster(load, timing=timing(Waits(free=0)))
        cluster.start([INGRESSES], sink)
        sink.until_told("Ingress unknown")
        assert "CERTIFICATE_VERIFY_FAILED" in str(sink.changes[0])
        cluster.stop()


def test_a_watch_that_waits_to_try_again_stops_at_once(watching: Watching) -> None:
    scene = watching(failure(500), free_waits=0)
    scene.waits.until(1)
    waiting = watcher()
    scene.cluster.stop()
    assert ends(waiting)


def test_refused_credentials_are_loaded_anew(watching: Watching, tmp_path: Path) -> None:
    def refuse(asked: Asked) -> Reply:
        scripts[0].api.write_kubeconfig(tmp_path / "kubeconfig", token="fresh\n")
        return failure(401, "Unauthorized")

    let_through = threading.Event()
    scripts: list[Scene] = []

    def later(asked: Asked) -> Reply:
        assert let_through.wait(PATIENCE)
        return refuse(asked)

    scripts.append(watching(later, page(item("d/a"))))
    let_through.set()
    scripts[0].sink.until_told("Ingress listed d/a")
    assert [asked.token for asked in scripts[0].api.asked[:2]] == ["Bearer secret", "Bearer fresh"]


def test_credentials_that_stay_refused_are_said_and_tried_again(watching: Watching) -> None:
    scene = watching(*[failure(401, "Unauthorized")] * 4, page())
    scene.sink.until_told("Ingress unknown", "Ingress listed")
    assert scene.waits.seconds[:2] == [0.5, 1.0]


def test_a_sink_that_fails_once_does_not_end_the_watch(tmp_path: Path) -> None:
    sink, calls = Sink(), itertools.count()

    def fails_first(change: Change) -> None:
        if next(calls) == 0:
            raise RuntimeError
        sink(change)

    with ScriptedApi(page(item("d/a")), page(item("d/a"))) as api:
        cluster = ApiCluster(from_kubeconfig(api.write_kubeconfig(tmp_path / "kubeconfig")), timing=timing(Waits()))
        cluster.start([INGRESSES], fails_first)
        sink.until_told("Ingress listed d/a")
        cluster.stop()
