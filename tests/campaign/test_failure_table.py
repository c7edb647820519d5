"""Every row of the failure table, injected: what is in trouble comes right by itself, what is not never notices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.builders import certificate_for, ingress, secret
from tests.campaign.life import Life
from tests.campaign.scene import CALM, CALM_POOL, NEIGHBOUR, TROUBLED, TROUBLED_POOL, TROUBLED_TREE, Scene
from tests.campaign.schedule import LONG_MS
from tests.campaign.world import CLUSTER, PREFIX, World
from tests.plugins.clusterip_routes.worlds import node
from tests.waiting import SETTLING, eventually, wait_until

Json = dict[str, Any]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with World() as world:
        made = Scene(world)
        try:
            yield made
            assert world.touched() == []
        finally:
            world.avi.misbehave(None)
            made.life.kill()


TEMPORARY: dict[str, Json] = {
    "429": {"status": 429},
    "500": {"status": 500},
    "503 after it was carried out": {"status": 503, "when": "after"},
    "504 after it was carried out": {"status": 504, "when": "after"},
    "the connection breaks": {"drop": True},
    "the connection breaks after it was carried out": {"drop": True, "when": "after"},
    "no answer in time, carried out nevertheless": {"delay_ms": LONG_MS},
    "404": {"status": 404, "body": {"error": "Pool object not found!"}},
    "409": {"status": 409},
    "412": {"status": 412},
}
REFUSED: dict[str, Json] = {
    str(status): {"status": status, "body": {"error": "not today"}} for status in (400, 403, 422)
}


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY.keys())
def test_an_update_that_fails_for_a_while(scene: Scene, fault: Json) -> None:
    mark = scene.avi.mark()
    scene.misbehave({"method": "PATCH", "name": TROUBLED_POOL}, **fault)
    scene.move_both("10.0.0.7")
    scene.attempted(mark, TROUBLED_POOL, 2 if fault.get("when") != "after" and "delay_ms" not in fault else 1)
    assert [write.status for write in scene.writes(mark, CALM_POOL)] == [200]
    scene.move_both("10.0.0.8")
    scene.avi.misbehave(None)
    scene.follows(TROUBLED_POOL, "10.0.0.8")
    assert scene.ingress_status("troubled") == [TROUBLED]


@pytest.mark.parametrize("fault", [*TEMPORARY.values()], ids=TEMPORARY.keys())
def test_a_creation_that_fails_for_a_while_makes_one_object(scene: Scene, fault: Json) -> None:
    name = f"{PREFIX}foo.com_new-default-troubled"
    mark = scene.avi.mark()
    scene.misbehave({"method": "POST", "name": name}, **fault)
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80"), (TROUBLED, "/new", "t:80")))
    scene.attempted(mark, name)
    scene.move_both("10.0.0.7")
    scene.avi.misbehave(None)
    eventually(lambda: scene.servers(name) == ["10.0.0.7"], "the new pool")
    scene.eventually_rests()
    members = scene.world.ours()[f"poolgroup/{TROUBLED_TREE}"]["members"]
    assert len(members) == 2
    assert len([write for write in scene.writes(mark, name) if write.status == 201]) <= 1


@pytest.mark.parametrize("fault", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_object_is_told_to_its_owner_and_tried_again_at_a_full_sync(scene: Scene, fault: Json) -> None:
    mark = scene.avi.mark()
    scene.avi.misbehave({"match": {"method": "PATCH", "name": TROUBLED_POOL}, **fault})
    scene.move_both("10.0.0.7")
    eventually(lambda: any("not today" in message for message in scene.events_of("troubled")), "an Event")
    scene.eventually_rests()
    assert len(scene.writes(mark, TROUBLED_POOL)) == 1, "the same body is not sent again"
    assert scene.events_of("calm") == []
    scene.avi.misbehave(None)
    assert scene.life.syncs_fully()
    scene.follows(TROUBLED_POOL, "10.0.0.7")


@pytest.mark.parametrize("fault", REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_object_is_tried_again_when_its_input_changes(scene: Scene, fault: Json) -> None:
    scene.avi.misbehave({"match": {"method": "PATCH", "name": TROUBLED_POOL}, **fault, "times": 1})
    scene.move_both("10.0.0.7")
    eventually(scene.avi.has_struck, "the refusal")
    scene.move_both("10.0.0.8")
    scene.follows(TROUBLED_POOL, "10.0.0.8")


def test_a_newcomer_that_spoils_a_shared_object_stays_out_alone(scene: Scene) -> None:
    scene.avi.misbehave(
        {
            "match": {"method": "PUT", "model": "vsvip", "name": TROUBLED_TREE},
            "status": 400,
            "body": {"error": "too bad"},
        }
    )
    scene.world.declare(ingress("newcomer", (NEIGHBOUR, "/", "t:80"), (CALM, "/new", "c:80")))
    scene.move_both("10.0.0.7")
    eventually(lambda: any("too bad" in message for message in scene.events_of("newcomer")), "an Event")
    scene.follows(TROUBLED_POOL, "10.0.0.7")
    assert scene.ingress_status("troubled") == [TROUBLED]
    assert scene.events_of("troubled") == []
    assert CALM in scene.ingress_status("newcomer")


def test_what_was_deleted_meanwhile_needs_no_deletion(scene: Scene) -> None:
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80"), (TROUBLED, "/old", "t:80")))
    scene.eventually_rests()
    name = f"{PREFIX}foo.com_old-default-troubled"
    eventually(lambda: scene.servers(name), "the pool")
    scene.eventually_rests()
    path = f"/api/pool/{scene.avi.named('pool', name)['uuid']}"
    scene.avi.delete("pool", name, force=True)
    mark = scene.avi.mark()
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80")))
    eventually(lambda: [w.status for w in scene.avi.writes_since(mark) if w.path == path] == [404], "the answer 404")
    scene.eventually_rests()
    assert scene.life.controller.shortcomings() == ()
    assert f"pool/{name}" not in scene.world.ours()


def test_a_write_that_is_carried_out_long_after_it_was_given_up(scene: Scene) -> None:
    """It overtakes the one after it; no full sync is needed to find that."""
    mark = scene.avi.mark()
    scene.misbehave({"method": "PATCH", "name": TROUBLED_POOL}, delay_ms=LONG_MS, times=1)
    scene.move("t", "10.0.0.7")
    eventually(scene.avi.has_struck, "the slow write")
    scene.move("t", "10.0.0.8")
    scene.attempted(mark, TROUBLED_POOL, 3)
    scene.follows(TROUBLED_POOL, "10.0.0.8")


def test_a_name_that_somebody_else_has_is_a_problem_of_its_owner(scene: Scene) -> None:
    name = f"{PREFIX}foo.com_new-default-troubled"
    body = {"name": name, "cloud_ref": "/api/cloud/?name=Default-Cloud", "created_by": "somebody"}
    scene.avi.create("pool", body)
    before = scene.avi.named("pool", name)
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80"), (TROUBLED, "/new", "t:80")))
    eventually(lambda: any("not ours" in message for message in scene.events_of("troubled")), "an Event")
    scene.move_both("10.0.0.7")
    scene.follows(TROUBLED_POOL, "10.0.0.7")
    assert scene.avi.named("pool", name) == before


def test_a_name_that_is_ours_already_is_adopted(scene: Scene) -> None:
    name = f"{PREFIX}foo.com_new-default-troubled"
    body = {"name": name, "cloud_ref": "/api/cloud/?name=Default-Cloud", "created_by": f"ako-{CLUSTER}"}
    scene.avi.create("pool", body)
    uuid = scene.avi.named("pool", name)["uuid"]
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80"), (TROUBLED, "/new", "t:80")))
    eventually(lambda: scene.servers(name) == ["10.0.0.1"], "the pool adopted")
    assert scene.avi.named("pool", name)["uuid"] == uuid


def test_a_vsvip_that_somebody_changed_is_read_again(scene: Scene) -> None:
    mark = scene.avi.mark()
    scene.avi.edit("vsvip", TROUBLED_TREE, markers=[{"key": "clustername", "values": [CLUSTER]}, {"key": "theirs"}])
    scene.world.declare(ingress("troubled", (TROUBLED, "/", "t:80"), (NEIGHBOUR, "/", "t:80")))
    eventually(lambda: len(scene.ingress_status("troubled")) == 2, "both hosts served")
    scene.move_both("10.0.0.7")
    statuses = [write.status for write in scene.writes(mark, TROUBLED_TREE) if write.model == "vsvip"]
    assert statuses == [412, 200]
    markers = scene.avi.named("vsvip", TROUBLED_TREE)["markers"]
    assert markers == [
        {"key": "clustername", "values": [CLUSTER]},
        {"key": "cluster_uid", "values": [scene.world.uid]},
    ]


def test_retry_after_is_kept(scene: Scene) -> None:
    fault = {"match": {"name": TROUBLED_POOL}, "status": 429, "headers": {"Retry-After": "600"}, "times": 1}
    scene.avi.misbehave(fault)
    mark = scene.avi.mark()
    scene.move_both("10.0.0.7")
    scene.attempted(mark, TROUBLED_POOL)
    scene.move_both("10.0.0.8")
    scene.life.clock.go_on(300)
    scene.move_both("10.0.0.9")
    assert len(scene.writes(mark, TROUBLED_POOL)) == 1, "not yet"
    scene.life.clock.go_on(300)
    scene.move("c", "10.0.0.10")
    scene.follows(TROUBLED_POOL, "10.0.0.9")
    assert [write.status for write in scene.writes(mark, TROUBLED_POOL)] == [429, 200]


LOST: dict[str, Callable[[Scene], None]] = {
    "expired": lambda scene: scene.avi.expire_sessions(),
    "401": lambda scene: scene.avi.misbehave({"status": 401, "times": 1}),
    "401 twice": lambda scene: scene.avi.misbehave({"match": {"path": "/api/pool"}, "status": 401, "times": 2}),
    "419": lambda scene: scene.avi.misbehave({"status": 419, "times": 1}),
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST.keys())
def test_a_lost_session_is_renewed(scene: Scene, lose: Callable[[Scene], None]) -> None:
    lose(scene)
    scene.move_both("10.0.0.7")
    scene.follows(TROUBLED_POOL, "10.0.0.7")
    assert len([r for r in scene.avi.requests_since(0) if r.path == "/login"]) >= 2


def test_a_wrong_password_changes_nothing_and_is_said(scene: Scene) -> None:
    mark = scene.avi.mark()
    scene.avi.misbehave({"match": {"path": "/login"}, "status": 401, "body": {"error": "Invalid credentials"}})
    scene.avi.expire_sessions()
    before = scene.world.ours()
    assert scene.life.controller.full_sync.failures == 0
    scene.life.ask_for_full_sync()
    eventually(lambda: scene.life.controller.full_sync.needs_mending, "it is said")
    assert "Invalid credentials" in scene.life.controller.full_sync.failure
    assert len([r for r in scene.avi.requests_since(mark) if r.path == "/login"]) == 1, "the account is not locked"
    assert scene.world.ours() == before


def test_an_outage_ends_with_one_write_for_each_changed_object(scene: Scene) -> None:
    scene.avi.misbehave({"unreachable": True})
    for last in range(2, 40):
        scene.move("t", f"10.0.0.{last}")
        scene.move("c", f"10.0.0.{last}")
    eventually(lambda: scene.life.controller.reconciler.dispatcher.failures > 3, "some retries")
    mark = scene.avi.mark()
    scene.avi.misbehave(None)
    scene.follows(TROUBLED_POOL, "10.0.0.39")
    scene.follows(CALM_POOL, "10.0.0.39")
    assert len(scene.writes(mark, TROUBLED_POOL)) == len(scene.writes(mark, CALM_POOL)) == 1


def test_a_tree_in_trouble_never_delays_another(scene: Scene) -> None:
    """Of many changes the calm tree takes every one at once, while the other one's first still waits."""
    scene.avi.misbehave({"match": {"name": TROUBLED_POOL}, "status": 503, "headers": {"Retry-After": "60"}})
    mark = scene.avi.mark()
    scene.move("t", "10.0.0.2")
    scene.attempted(mark, TROUBLED_POOL)
    for last in range(2, 12):
        scene.move("c", f"10.0.0.{last}")
        eventually(lambda last=last: scene.servers(CALM_POOL) == [f"10.0.0.{last}"], "the calm pool")  # type: ignore[misc]
    assert len(scene.writes(mark, TROUBLED_POOL)) == 1
    assert len(scene.writes(mark, CALM_POOL)) == 10


def test_history_that_is_gone(scene: Scene) -> None:
    scene.world.kube.compact()
    scene.world.kube.break_watches()
    scene.move_both("10.0.0.7")
    scene.follows(TROUBLED_POOL, "10.0.0.7")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_kind_that_cannot_be_read_for_a_while(scene: Scene, status: int) -> None:
    before = scene.world.ours().keys()
    with scene.world.kube.fault("/apis/networking.k8s.io/v1/ingresses", "GET", status=status) as fault:
        scene.world.kube.break_watches("Ingress")
        eventually(lambda: fault.hits > 2, "refusals")
        scene.move_both("10.0.0.7")
        scene.follows(TROUBLED_POOL, "10.0.0.7")
        assert scene.world.ours().keys() == before
        scene.world.kube.delete("Ingress", "default", "troubled")
    eventually(lambda: f"pool/{TROUBLED_POOL}" not in scene.world.ours(), "what was deleted meanwhile")


@pytest.mark.parametrize(
    "effect", [{"status": 409}, {"status": 503}, {"status": 429}, {"drop": "before"}, {"drop": "after"}]
)
def test_a_status_that_cannot_be_written_for_a_while(scene: Scene, effect: Json) -> None:
    path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/newcomer/status"
    with scene.world.kube.fault(path, "PATCH", **effect) as fault:
        scene.world.declare(ingress("newcomer", ("noo.com", "/", "t:80")))
        # Where it was carried out nevertheless, the watch says so and it is not sent again.
        eventually(lambda: fault.hits > (0 if effect == {"drop": "after"} else 3), "attempts")
        scene.world.declare(ingress("calm", (CALM, "/", "c:80"), (f"www.{CALM}", "/", "c:80")))
        eventually(lambda: len(scene.ingress_status("calm")) == 2, "the other status")
    eventually(lambda: scene.ingress_status("newcomer") == ["noo.com"], "the status")


def test_an_api_server_that_is_away(scene: Scene) -> None:
    mark = scene.avi.mark()
    scene.world.kube.down()
    scene.move("t", "10.0.0.7")
    assert scene.life.syncs_fully()
    scene.eventually_rests()
    assert scene.avi.writes_since(mark) == []
    scene.world.kube.up()
    scene.follows(TROUBLED_POOL, "10.0.0.7")


def test_a_secret_that_becomes_garbage_leaves_the_certificate_in_force(scene: Scene) -> None:
    scene.world.declare(
        secret("cert", *certificate_for("one.com")),
        ingress("troubled", (TROUBLED, "/", "t:80"), tls={TROUBLED: "cert"}),
    )
    name = f"sslkeyandcertificate/{PREFIX}{TROUBLED}"
    eventually(lambda: name in scene.world.ours(), "the certificate")
    scene.eventually_rests()
    before = scene.world.ours()[name]
    scene.world.declare(secret("cert", "garbage", "garbage"))
    eventually(lambda: scene.events_of("troubled"), "an Event")
    scene.move_both("10.0.0.7")
    scene.eventually_rests()
    assert scene.world.ours()[name] == before
    scene.world.declare(secret("cert", *certificate_for("two.com")))
    eventually(lambda: scene.world.ours()[name]["certificate"]["subject_alt_names"] == ["two.com"], "the new one")


def test_a_certificate_that_was_changed_while_nobody_looked(scene: Scene) -> None:
    """The Controller takes a certificate only together with its key, which it never gives back."""
    scene.world.declare(
        secret("cert", *certificate_for("one.com")),
        ingress("troubled", (TROUBLED, "/", "t:80"), tls={TROUBLED: "cert"}),
    )
    name = f"sslkeyandcertificate/{PREFIX}{TROUBLED}"
    eventually(lambda: name in scene.world.ours(), "the certificate")
    scene.life.end()
    scene.world.declare(secret("cert", *certificate_for("two.com")))
    scene.life = Life(scene.world, 2)
    eventually(lambda: scene.world.ours()[name]["certificate"]["subject_alt_names"] == ["two.com"], "the new one")
    assert scene.world.ours()[name]["key"] == certificate_for("two.com")[1]


def test_what_somebody_made_unreadable_is_repaired(scene: Scene) -> None:
    scene.world.declare(
        secret("cert", *certificate_for("one.com")),
        ingress("troubled", (TROUBLED, "/", "t:80"), tls={TROUBLED: "cert"}),
    )
    policy = f"{PREFIX}default-{TROUBLED}"
    eventually(lambda: f"httppolicyset/{policy}" in scene.world.ours(), "the policy set")
    scene.eventually_rests()
    wanted = scene.world.ours()[f"httppolicyset/{policy}"]["http_request_policy"]
    scene.avi.edit("httppolicyset", policy, http_request_policy={"rules": [{"name": "x", "index": 1}]})
    assert scene.life.syncs_fully()
    eventually(lambda: scene.world.ours()[f"httppolicyset/{policy}"]["http_request_policy"] == wanted, "the rules")
    scene.move_both("10.0.0.7")


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("requests", [1, 3, 10, 18, 20, 25])
def test_killed_and_started_again(scene: Scene, requests: int, answered: bool) -> None:
    scene.restart(kill=False)
    scene.life.mortality.die_in(requests, answered=answered)
    scene.world.declare(
        node("n1", "10.244.1.0/24"), ingress("newcomer", ("noo.com", "/", "t:80"), ("www.bar.com", "/", "c:80"))
    )
    scene.move("t", "10.0.0.7")
    addresses = itertools.cycle(f"10.0.1.{last}" for last in range(1, 200))
    while not wait_until(lambda: scene.life.mortality.is_dead.is_set() or None, SETTLING):
        scene.move("c", next(addresses))  # what came together made fewer requests than that
    scene.restart(kill=True)
    scene.follows(TROUBLED_POOL, "10.0.0.7")
    eventually(lambda: len(scene.ingress_status("newcomer")) == 2, "both hosts")
    made = [(r.model, r.name) for r in scene.avi.requests_since(0) if (r.method, r.status) == ("POST", 201) and r.model]
    assert len(made) == len(set(made))
