"""What waits is shown with why, and with what ends it; what somebody else changed, with what was done about it."""

from __future__ import annotations

from typing import Any

import pytest

from ako.core.engine.changes import Listed
from ako.plugins.ingress.records import INGRESS
from tests.builders import ingress
from tests.core.control.running import POOL, SHOP, Running
from tests.core.control.test_fields import full_sync
from tests.core.control.viewing import Watched
from tests.e2e.stage import AviControl
from tests.waiting import eventually

Json = dict[str, Any]


def waits(page: Watched, what: str) -> Json:
    """Wait until something waits, and give it."""
    return eventually(
        lambda: next((wait for wait in page.look().json["waits"] if wait["what"] == what), None), f"{what} waits"
    )


def test_deletions_that_are_held_are_shown_with_what_confirms_them(avi: AviControl, url: str) -> None:
    more = [ingress(f"shop{number}", (f"h{number}.com", "/", "web:80")) for number in range(4)]
    with Watched(Running(url, manifests=(*SHOP, *more))) as page:
        page.shows("h3.com", state="live")
        page.ako.comes_to_rest()
        page.ako.cluster.tell(Listed(INGRESS, {}))
        held = waits(page, "deletions")
        assert held["id"] == page.ako.controller.state.held.id
        assert held["why"].startswith(f"plan {held['id']} would leave 5 hosts and Services without service")
        assert f"annotation ako.vmware.com/confirm-deletion: {held['id']}" in held["ends"]
        assert "annotation" not in held["why"]
        assert page.rows()["h3.com"]["state"] == "kept"


def test_a_controller_that_does_not_answer_keeps_everything_waiting() -> None:
    with Watched(Running("http://127.0.0.1:1")) as page:
        assert "http://127.0.0.1:1" in waits(page, "the full sync")["why"]
        assert page.look().json["rows"] == []


def test_what_the_controller_refuses_waits_by_its_name(avi: AviControl, url: str) -> None:
    avi.misbehave({"match": {"method": "POST", "name": POOL}, "status": 400, "body": {"error": "not this one"}})
    with Watched(Running(url)) as page:
        refused = waits(page, f"pool {POOL}")
        assert "not this one" in refused["why"]
        assert refused["ends"] == "tried again when the object changes and at each full sync"
        picture = page.look().json
        assert sum(one["failed"] for one in picture["passes"]) == 1
        assert (picture["problems"][0]["reason"], picture["problems"][0]["hosts"]) == ("Rejected", ["shop.com"])


@pytest.mark.parametrize(("policy", "what"), [("repair", "repaired"), ("report", "left")])
def test_what_somebody_else_changed_is_shown(avi: AviControl, url: str, policy: str, what: str) -> None:
    with Watched(Running(url, ako__drift__policy=policy)) as page:
        page.shows("shop.com", state="live")
        page.ako.comes_to_rest()
        with page.viewer() as viewer:
            avi.edit("pool", POOL, fail_action={"type": "FAIL_ACTION_CLOSE_CONN"}, servers=[])
            full_sync(page.ako)
            told = next(data["drift"] for _, data in viewer.events() if data.get("drift"))
        (drift,) = told
        assert (drift["object"], drift["fields"], drift["what"]) == (f"pool {POOL}", ["servers"], what)
        assert "by somebody else" in drift["words"]
