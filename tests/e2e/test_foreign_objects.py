"""What is not ours is never touched; what is ours is taken on, whoever made it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import ingress
from tests.e2e.stage import Stage
from tests.waiting import eventually

POOL = "c--shop.com_-default-shop"
BODY: dict[str, Any] = {
    "name": POOL,
    "tenant_ref": "/api/tenant/?name=admin",
    "cloud_ref": "/api/cloud/?name=Default-Cloud",
    "lb_algorithm": "LB_ALGORITHM_RANDOM",
}


def test_an_object_of_somebody_else_with_our_name_is_left_alone(stage: Stage) -> None:
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    stage.avi.create("pool", {**BODY, "created_by": "somebody"})
    before = stage.avi.named("pool", POOL)
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert done.returncode == 1
    assert "is not ours (created by somebody)" in done.stderr
    assert stage.avi.named("pool", POOL) == before
    assert stage.avi.pool_of("third.com") is not None
    events = [line for line in stage.reported() if "event" in line]
    assert {line["object"].rpartition("/")[2] for line in events} == {"shop"}
    assert "exists and is not ours" in events[0]["event"]["message"]


def test_what_looks_like_ours_but_is_not_stays(stage: Stage) -> None:
    names = {"c--old-pool": "ako-d", "c-pool": "ako-c", "d--pool": "ako-c", "c--unowned": None}
    for name, creator in names.items():
        stage.avi.create("pool", {**BODY, "name": name, **({"created_by": creator} if creator else {})})
    before = {name: stage.avi.named("pool", name) for name in names}
    stage.converge()
    stage.remove("shop")
    stage.converge()
    assert {name: stage.avi.named("pool", name) for name in names} == before


@pytest.mark.parametrize("cluster", ["c", "another"])
def test_a_vsvip_belongs_to_the_cluster_that_its_marker_names(stage: Stage, cluster: str) -> None:
    """It has no `created_by`, and a name may begin like ours by chance."""
    markers = [{"key": "clustername", "values": [cluster]}]
    stage.avi.create("vsvip", {"name": "c--left-over", "cloud_ref": BODY["cloud_ref"], "markers": markers})
    stage.converge()
    assert ("vsvip/c--left-over" in stage.avi.ours()) is (cluster == "another")


def test_what_is_ours_and_unwanted_goes(stage: Stage) -> None:
    stage.avi.create("pool", {**BODY, "name": "c--left-over", "created_by": "ako-c"})
    stage.converge()
    assert "pool/c--left-over" not in stage.avi.ours()


def test_one_of_ours_that_is_there_at_start_is_updated(stage: Stage) -> None:
    stage.avi.create("pool", {**BODY, "created_by": "ako-c"})
    uuid = stage.avi.named("pool", POOL)["uuid"]
    stage.converge()
    found = stage.avi.named("pool", POOL)
    assert found["uuid"] == uuid
    assert len(found["servers"]) == 2


def test_one_of_ours_that_appears_between_reading_and_writing_is_adopted(stage: Stage) -> None:
    """The Controller answers 409: the object is read, and is ours."""
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        name = "c--third.com_-default-third"
        stage.avi.create("pool", {**BODY, "name": name, "created_by": "ako-c"})
        uuid = stage.avi.named("pool", name)["uuid"]
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: len(stage.avi.named("pool", name).get("servers", ())) == 2, "the pool adopted")
        assert stage.avi.named("pool", name)["uuid"] == uuid
        attempts = [w.status for w in stage.avi.writes_since(0) if (w.method, w.name) == ("POST", name)]
        assert 409 in attempts
        ako.becomes_ready()
        stage.comes_in_line()
        ako.stop()
