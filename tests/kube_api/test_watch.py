"""Watches: order, versions, bookmarks, ends, and what a client sees when history is gone."""

from __future__ import annotations

import http.client
import threading

import pytest

from ako.testing import KubeApi
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.kube_api.stream import INGRESSES, Stream
from tests.waiting import PATIENCE


def test_a_watch_without_a_version_begins_with_what_is_there(kube: KubeApi) -> None:
    kube.apply(ingress("a"), ingress("b"))
    with Stream(kube) as stream:
        assert stream.next_names(2) == [("ADDED", "a"), ("ADDED", "b")]
        kube.delete("Ingress", "shop", "a")
        assert stream.next_names(1) == [("DELETED", "a")]


def test_a_watch_goes_on_from_its_version_and_misses_nothing(kube: KubeApi) -> None:
    kube.apply(ingress("a"))
    mark = kube.mark()
    kube.apply(ingress("b"), ingress("c"))
    kube.apply(ingress("b", labels={"x": "y"}))
    with Stream(kube, resourceVersion=mark) as stream:
        assert stream.next_names(3) == [("ADDED", "b"), ("ADDED", "c"), ("MODIFIED", "b")]


def test_objects_of_a_stream_carry_their_kind_and_those_of_a_list_do_not(kube: KubeApi) -> None:
    kube.apply(ingress("a"))
    with Stream(kube) as stream:
        shown = stream.next()["object"]
    assert (shown["kind"], shown["apiVersion"]) == ("Ingress", "networking.k8s.io/v1")
    item = send(kube, "GET", INGRESSES)[2]["items"][0]
    assert {**item, "kind": "Ingress", "apiVersion": "networking.k8s.io/v1"} == shown


def test_namespace_and_labels_narrow_a_watch(kube: KubeApi) -> None:
    mark = kube.mark()
    path = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"
    with Stream(kube, path, labelSelector="tier in (front,edge)", resourceVersion=mark) as stream:
        kube.apply(ingress("elsewhere", "other", labels={"tier": "front"}), ingress("plain"))
        kube.apply(ingress("plain", labels={"tier": "front"}))
        kube.apply(ingress("plain", labels={"tier": "back"}))
        assert stream.next_names(2) == [("ADDED", "plain"), ("DELETED", "plain")]


def test_a_stream_ends_cleanly_when_its_time_is_up(kube: KubeApi) -> None:
    with Stream(kube, resourceVersion=kube.mark(), timeoutSeconds=1) as stream:
        assert stream.rest() == b""
    assert kube.open_watches == []


def test_bookmarks_come_on_request_and_carry_the_present_version(kube: KubeApi) -> None:
    with (
        Stream(kube, resourceVersion=kube.mark(), allowWatchBookmarks="true") as willing,
        Stream(kube, resourceVersion=kube.mark(), timeoutSeconds=1) as unwilling,
    ):
        kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "unrelated"}})
        kube.send_bookmarks()
        bookmark = willing.next()
        assert bookmark["type"] == "BOOKMARK"
        assert bookmark["object"]["metadata"] == {"resourceVersion": str(kube.mark())}
        assert unwilling.rest() == b""


def test_a_version_before_a_compaction_is_an_error_event_and_the_end(kube: KubeApi) -> None:
    mark = kube.mark()
    kube.apply(ingress("a"))
    kube.compact()
    with Stream(kube, resourceVersion=mark) as stream:
        assert stream.status == 200
        event = stream.next()
        assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
        assert stream.next() is None
    with Stream(kube, resourceVersion=kube.mark(), timeoutSeconds=1) as stream:
        assert stream.rest() == b""


def test_a_long_history_is_forgotten_from_its_far_end(kube: KubeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ako.testing.kube_api.store.LOG_LIMIT", 20)
    kube.apply(ingress())
    oldest = kube.mark()
    with Stream(kube, resourceVersion=oldest) as follower:
        for n in range(50):
            kube.apply(ingress(labels={"n": str(n)}))
            assert follower.next()["object"]["metadata"]["labels"] == {"n": str(n)}
    with Stream(kube, resourceVersion=oldest) as late:
        assert late.next()["object"]["code"] == 410
    with Stream(kube, resourceVersion=kube.mark() - 5) as recent:
        assert [recent.next()["object"]["metadata"]["labels"]["n"] for _ in range(5)] == ["45", "46", "47", "48", "49"]


def test_an_open_watch_outlives_a_compaction(kube: KubeApi) -> None:
    with Stream(kube, resourceVersion=kube.mark()) as stream:
        kube.compact()
        kube.apply(ingress("a"))
        assert stream.next_names(1) == [("ADDED", "a")]


def test_broken_watches_end_without_a_last_chunk(kube: KubeApi) -> None:
    with Stream(kube, resourceVersion=kube.mark()) as stream:
        kube.break_watches("Ingress")
        with pytest.raises(http.client.IncompleteRead):
            stream.rest()


def test_a_client_that_leaves_is_noticed(kube: KubeApi) -> None:
    with Stream(kube, resourceVersion=kube.mark()):
        assert kube.open_watches == ["Ingress"]
    assert kube.wait_for(lambda: kube.open_watches == [], PATIENCE)


def test_many_watchers_see_every_change_in_order(kube: KubeApi) -> None:
    seen: list[list[tuple[str, str]]] = []

    def follow() -> None:
        with Stream(kube, resourceVersion=mark) as stream:
            seen.append(stream.next_names(200))

    mark = kube.mark()
    watchers = [threading.Thread(target=follow) for _ in range(20)]
    for watcher in watchers:
        watcher.start()
    kube.apply(*(ingress(f"i{n % 50}", labels={"n": str(n)}) for n in range(200)))
    for watcher in watchers:
        watcher.join(timeout=PATIENCE)
    expected = [("ADDED" if n < 50 else "MODIFIED", f"i{n % 50}") for n in range(200)]
    assert seen == [expected] * 20


def test_deleting_a_definition_ends_its_watches_after_the_deletions() -> None:
    with KubeApi(serve_routes=True) as kube:
        route = {"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "r", "namespace": "shop"}}
        kube.apply({**route, "spec": {"to": {"name": "web"}}})
        path = "/apis/route.openshift.io/v1/routes"
        with Stream(kube, path, resourceVersion=kube.mark()) as stream:
            kube.delete("CustomResourceDefinition", "", "routes.route.openshift.io")
            assert stream.next_names(1) == [("DELETED", "r")]
            assert stream.next() is None
        assert send(kube, "GET", path)[0] == 404
        assert send(kube, "GET", "/apis/route.openshift.io/v1")[0] == 404
        with pytest.raises(LookupError, match="Route"):
            kube.list("Route")
