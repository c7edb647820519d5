"""The page's side of the health server: the picture of all hosts, what changes in it, and who may look."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from ako.core.control.views import MOST_VIEWERS
from tests.builders import ingress
from tests.core.control.running import Running
from tests.core.control.viewing import Viewer, Watched
from tests.e2e.stage import AviControl
from tests.waiting import eventually

SHARED = "c--Shared-L7-"


def test_a_host_has_a_row(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page:
        row = page.shows("shop.com", state="live")
        address = row.pop("addresses")
        assert row.pop("virtual_service") == f"{SHARED}{row['shard']}"
        assert len(address) == 1
        assert row == {
            "id": "shop.com",
            "host": "shop.com",
            "kind": "host",
            "state": "live",
            "namespaces": ["default"],
            "sources": ["Ingress/default/shop"],
            "tenant": "",
            "shard": row["shard"],
            "tls": "",
            "pools": 1,
            "servers": 1,
            "problems": 0,
        }


def test_the_picture_has_what_is_around_the_hosts(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page:
        page.shows("shop.com", state="live")
        picture = eventually(lambda: (found := page.look().json)["passes"] and found, "a pass told")
        (service,) = [one for one in picture["virtual_services"] if one["hosts"]]
        assert (service["state"], service["kind"], service["hosts"]) == ("live", "shared", 1)
        assert (picture["cluster"], picture["works"], picture["not_ours"]) == ("c", True, 0)
        assert picture["passes"][-1]["causes"] == ["the start"]
        assert picture["passes"][-1]["hosts"] == ["shop.com"]
        assert {check["name"] for check in picture["checks"]} >= {"kubernetes", "avi", "guard"}
        assert not picture["problems"]
        tree = page.look(f"/api/topology/tree?virtual_service={service['name']}").json
        assert [host["id"] for host in tree["hosts"]] == ["shop.com"]
        assert tree["hosts"][0]["rules"][0]["pools"] == [pool["name"] for pool in tree["pools"]]
        assert tree["pools"][0]["servers"][0]["address"] == "10.0.0.1"


def test_what_changes_is_told_as_it_happens_and_nothing_else(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page:
        page.shows("shop.com", state="live")
        page.ako.comes_to_rest()
        with page.viewer() as viewer:
            page.ako.cluster.declare(ingress("new", ("new.com", "/", "web:80")))
            rows = []
            for name, data in viewer.events():
                assert name == "change"
                rows += data["rows"]
                if any(row[0] == "new.com" and row[3] == "live" for row in rows):
                    break
        assert {row[0] for row in rows} == {"new.com"}


def test_a_fault_is_told_with_its_object_and_goes_with_it(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page:
        page.ako.comes_to_rest()
        with page.viewer() as viewer:
            page.ako.cluster.declare(ingress("lost", ("lost.com", "/", "nowhere:80")))
            told = next(data for _, data in viewer.events() if data.get("problems"))
            assert told["problems_of"] == ["Ingress/default/lost"]
            assert told["problems"][0]["reason"] == "BackendNotFound"
            assert told["problems"][0]["hosts"] == ["lost.com"]
            page.ako.cluster.declare(ingress("lost", ("lost.com", "/", "web:80")))
            told = next(data for _, data in viewer.events() if "problems" in data)
            assert (told["problems_of"], told["problems"]) == (["Ingress/default/lost"], [])


@pytest.mark.parametrize("seen", ["", "nonsense", "of-another-process:3", "{instance}:99999999"])
def test_whoever_has_seen_what_is_not_known_looks_at_the_whole_again(avi: AviControl, url: str, seen: str) -> None:
    with Watched(Running(url)) as page:
        page.shows("shop.com", state="live")
        instance = page.look().json["instance"]
        with Viewer(page.server.port, seen.format(instance=instance)) as viewer:
            assert next(viewer.events()) == ("reset", {})


def test_there_are_so_many_viewers_and_probes_are_answered_beside_them(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page, ExitStack() as viewers:
        page.shows("shop.com", state="live")
        for _ in range(MOST_VIEWERS):
            viewer = viewers.enter_context(page.viewer())
            assert (viewer.status, viewer.headers["Content-Type"]) == (200, "text/event-stream")
        with page.viewer() as late:
            assert (late.status, late.headers["Retry-After"]) == (503, "10")
        assert page.look("/healthz").status == 200
        viewers.close()
        eventually(lambda: _is_seated(page), "a seat for who comes later")


def _is_seated(page: Watched) -> bool:
    with page.viewer() as viewer:
        return viewer.status == 200


def test_viewers_are_let_go_when_the_program_ends(avi: AviControl, url: str) -> None:
    with Watched(Running(url)) as page:
        page.shows("shop.com", state="live")
        with page.viewer() as viewer:
            assert next(viewer.blocks()) == {"retry": "2000"}
            page.ako.controller.stop()
            assert all(block.get("event") != "reset" for block in viewer.blocks()), "and it comes to an end"


@pytest.mark.parametrize(
    "path", ["/ui", "/ui/app.js", "/api/topology", "/api/topology/events", "/api/explain?q=shop.com"]
)
def test_switched_off_it_says_so(avi: AviControl, url: str, path: str) -> None:
    with Watched(Running(url, ako__ui__enabled="false")) as page:
        answer = page.look(path)
        assert (answer.status, answer.text) == (404, "the page is switched off by the setting ako.ui.enabled\n")
        assert page.look("/healthz").status == 200
