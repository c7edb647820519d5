"""The Avi Controller does not answer, or not as it should: nothing ends, and all goes on by itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.builders import endpoints, ingress
from tests.e2e.stage import Stage
from tests.waiting import eventually

POOL = "c--shop.com_-default-shop"


def servers_of(pool: dict[str, Any] | None) -> list[str]:
    return sorted(server["ip"]["addr"] for server in (pool or {}).get("servers", ()))


@pytest.mark.as_typed
def test_unreachable_at_start(stage: Stage) -> None:
    stage.avi.misbehave({"unreachable": True})
    with stage.start() as ako:
        assert not ako.is_ready()
        ako.says("Avi Controller")
        assert ako.get("/healthz").status_code == 200
        ako.explains("Avi Controller")
        assert stage.avi.ours() == {}
        stage.avi.misbehave(None)
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        ako.stop()


def test_unreachable_later_ends_with_one_write_for_each_changed_object(stage: Stage) -> None:
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.avi.misbehave({"unreachable": True})
        for last in range(3, 9):
            stage.put("base-2", endpoints("api", f"10.0.0.{last}"))
            stage.put("shop", ingress("shop", ("shop.com", "/", "web:80"), (f"h{last}.com", "/", "web:80")))
        stage.put("marker", ingress("marker", ("marker.com", "/", "missing:80")))
        ako.says("missing")  # so that all of it was taken in
        ako.becomes_unready()
        assert ako.get("/healthz").status_code == 200
        mark = stage.avi.mark()
        stage.avi.misbehave(None)
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("h8.com") and stage.avi.pool_of("marker.com"), "the last changes")
        ako.stop()
        writes = Counter((w.model, w.name) for w in stage.avi.writes_since(mark) if w.status in range(200, 300))
        writes = Counter({key: count for key, count in writes.items() if key[1].startswith("c--")})
        assert set(writes.values()) == {1}, writes
        hosts = {name for name in stage.avi.ours() if name.startswith("pool/")}
        assert hosts == {f"pool/{POOL}", "pool/c--h8.com_-default-shop", "pool/c--marker.com_-default-marker"}


def test_a_wrong_password_is_said_and_mended_while_running(stage: Stage) -> None:
    stage.avi.misbehave({"match": {"path": "/login"}, "status": 401, "body": {"error": "Invalid credentials"}})
    with stage.start() as ako:
        ako.says("Avi Controller")
        assert not ako.is_ready()
        ako.explains("Invalid credentials")
        assert ako.get("/healthz").status_code == 200
        stage.avi.misbehave(None)
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        ako.stop()


def test_a_wrong_password_ends_run_once_with_1(stage: Stage) -> None:
    stage.configure(avicredentials={"password": "hunter2"})
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    assert "Invalid credentials" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert stage.avi.ours() == {}


def test_errors_of_the_server_pass(stage: Stage) -> None:
    stage.avi.misbehave({"match": {"method": "POST", "model": "pool"}, "status": 503, "times": 2})
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        ako.becomes_ready()
        ako.stop()


def test_a_connection_that_breaks_after_the_request_was_carried_out(stage: Stage) -> None:
    stage.avi.misbehave({"match": {"method": "POST", "model": "pool"}, "drop": True, "when": "after", "times": 1})
    with stage.start() as ako:
        stage.comes_in_line()
        ako.becomes_ready()
        ako.stop()
    made = [w for w in stage.avi.writes_since(0) if (w.method, w.model) == ("POST", "pool") and w.status == 201]
    assert len(made) <= 1
    assert len([name for name in stage.avi.ours() if name.startswith("pool/")]) == 1


def test_what_is_said_to_be_gone_and_is_not_goes_after_all(stage: Stage) -> None:
    """An object restored from a backup has another UUID: the one we know is gone, its name is not."""
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.avi.misbehave({"match": {"method": "DELETE", "model": "pool"}, "status": 404, "times": 1})
        stage.remove("shop")
        eventually(lambda: not stage.avi.pool_of("shop.com"), "the pool of shop.com gone")
        ako.stop()


def test_what_is_said_to_be_gone_for_ever_and_is_not_is_given_up(stage: Stage) -> None:
    """It is asked for with growing pauses, and not as fast as it can be."""
    stage.converge()
    stage.avi.misbehave({"match": {"method": "DELETE", "model": "pool"}, "status": 404})
    stage.remove("shop")
    mark = stage.avi.mark()
    assert stage.ako("run", "--once").returncode == 1
    assert len([write for write in stage.avi.writes_since(mark) if write.model == "pool"]) == 3


def test_what_is_refused_is_said_in_the_controllers_words_and_harms_nobody(stage: Stage) -> None:
    stage.put("bad", ingress("bad", ("bad.com", "/", "web:80")))
    refusal = {"match": {"method": "POST", "model": "pool", "name": "c--bad.com_-default-bad"}, "status": 400}
    stage.avi.misbehave({**refusal, "body": {"error": "no such thing as that"}})
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert done.returncode == 1
    assert "no such thing as that" in done.stderr
    assert stage.avi.pool_of("shop.com") is not None
    events = [line for line in stage.reported() if "event" in line]
    assert {line["object"].rpartition("/")[2] for line in events} == {"bad"}
    assert any("no such thing as that" in line["event"]["message"] for line in events)


def test_a_session_that_expires_is_opened_again(stage: Stage) -> None:
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.avi.expire_sessions()
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        ako.stop()
