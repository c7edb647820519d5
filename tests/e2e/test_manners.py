"""How the process behaves: signals, its HTTP server, its silence, its report."""

from __future__ import annotations

import json
import re
import signal
import socket

import pytest

from ako.core.base.version import version
from tests.builders import ingress
from tests.e2e.stage import FULL_SYNCS, Running, Stage
from tests.waiting import eventually

POOL = "c--shop.com_-default-shop"


def serving(stage: Stage, ako: Running) -> None:
    ako.becomes_ready()
    eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")


@pytest.mark.as_typed
def test_sigterm_ends_soon_and_finishes_the_write_in_hand(stage: Stage) -> None:
    with stage.start() as ako:
        serving(stage, ako)
        mark = stage.avi.mark()
        stage.avi.misbehave({"match": {"method": "POST"}, "delay_ms": 500, "times": 1})
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(stage.avi.has_struck, "a write in hand")
        ako.process.send_signal(signal.SIGTERM)
        assert ako.ends() == 0
        writes = stage.avi.writes_since(mark)
        assert writes
        assert all(write.status in range(200, 300) for write in writes)
        assert ako.err == ""
    stage.converge()
    assert stage.ako("plan").returncode == 0


def test_sigterm_while_the_controller_is_away(stage: Stage) -> None:
    stage.avi.misbehave({"unreachable": True})
    with stage.start() as ako:
        ako.says("Avi Controller")
        ako.process.send_signal(signal.SIGTERM)
        assert ako.ends() == 0


@pytest.mark.as_typed
def test_a_second_signal_ends_at_once(stage: Stage) -> None:
    with stage.start() as ako:
        serving(stage, ako)
        stage.avi.misbehave({"match": {"method": "POST"}, "delay_ms": 3_600_000, "times": 1})
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(stage.avi.has_struck, "a write in hand")
        ako.process.send_signal(signal.SIGTERM)
        ako.explains("[-] shutdown")
        ako.process.send_signal(signal.SIGTERM)
        assert ako.ends() == -signal.SIGTERM


@pytest.mark.as_typed
def test_sigint_is_as_good(stage: Stage) -> None:
    with stage.start() as ako:
        serving(stage, ako)
        ako.process.send_signal(signal.SIGINT)
        assert ako.ends() == 0
        assert "Traceback" not in ako.err


@pytest.mark.as_typed
def test_a_crash_says_where_each_thread_was(stage: Stage) -> None:
    with stage.start() as ako:
        serving(stage, ako)
        ako.process.send_signal(signal.SIGSEGV)
        assert ako.ends() == -signal.SIGSEGV
        assert "Fatal Python error: Segmentation fault" in ako.err
        assert "loop.py" in ako.err


def test_what_the_server_tells_from_start_to_loss(stage: Stage) -> None:
    stage.avi.delay(3000)
    with stage.start() as ako:
        assert ako.get("/healthz").text == "ok\n"
        starting = ako.get("/readyz")
        assert starting.status_code == 503
        assert "not ready" in starting.text
        assert told_as_ako_does(ako) == (503, "INITIATING", 0)
        stage.avi.delay(0)
        serving(stage, ako)
        assert ako.get("/readyz").text == "ready\n"
        assert set(ako.checks()) >= {"kubernetes", "avi", "guard", "full sync"}
        assert {text[0] for text in ako.checks().values()} == {"+"}
        assert told_as_ako_does(ako) == (200, "CONNECTED", 0)
        stage.avi.misbehave({"unreachable": True})
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        ako.becomes_unready()
        status, connection, errors = told_as_ako_does(ako)
        assert (status, connection) == (503, "DISCONNECTED")
        assert 1 <= errors <= 10
        assert ako.get("/healthz").status_code == 200
        assert ako.checks()["avi"].startswith("-")
        assert ako.get("/nowhere").status_code == 404
        stage.avi.misbehave(None)
        ako.becomes_ready()
        assert told_as_ako_does(ako)[:2] == (200, "CONNECTED")
        assert told_as_ako_does(ako)[2] >= errors, "what was is remembered"
        ako.stop()


def told_as_ako_does(ako: Running) -> tuple[int, str, int]:
    """Give status, connection and number of errors of `/api/status`."""
    answer = ako.get("/api/status")
    told = answer.json()
    assert told.keys() == {"avi_api", "version"}
    assert told["version"] == version()
    assert all(error.keys() == {"error", "timestamp"} for error in told["avi_api"]["errors"])
    return answer.status_code, told["avi_api"]["connection_status"], len(told["avi_api"]["errors"])


def test_metrics_tell_what_is_there_without_being_primed(stage: Stage) -> None:
    stage.put("bad", ingress("bad", ("*x.com", "/", "web:80")))
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        wanted = (
            'ako_avi_objects{type="pool"} 1.0',
            'ako_problems{reason="WildcardHost"} 1.0',
            f"{FULL_SYNCS} 1.0",
            'ako_avi_requests_total{method="POST",status="201",type="pool"} 1.0',
        )
        eventually(lambda: all(line in ako.get("/metrics").text for line in wanted), ako.get("/metrics").text)
        stage.remove("bad")
        stage.remove("shop")
        eventually(lambda: "ako_problems{" not in ako.get("/metrics").text, "no problems")
        eventually(lambda: 'ako_avi_objects{type="pool"}' not in ako.get("/metrics").text, "no pools")
        ako.stop()


@pytest.mark.as_typed
def test_it_is_silent_when_nothing_happens(stage: Stage) -> None:
    stage.configure(AKOSettings={"fullSyncFrequency": 1})
    with stage.start() as ako:
        serving(stage, ako)
        eventually(lambda: f"{FULL_SYNCS} 3.0" in ako.get("/metrics").text, "full syncs")
        ako.stop()
        assert re.fullmatch(
            r"listening on http://127\.0\.0\.1:(\d+) \((\[::\]:\1, IPv4 and IPv6|0\.0\.0\.0:\1, IPv4 only)\)\n", ako.out
        )
        assert ako.err == ""


def test_the_report_has_one_line_for_each_status_and_event(stage: Stage) -> None:
    stage.put("bad", ingress("bad", ("*x.com", "/", "web:80")))
    stage.converge("--report", str(stage.report))
    lines = list(stage.reported())
    (status,) = [line for line in lines if "status" in line]
    assert status["object"] == "networking.k8s.io/v1/Ingress/default/shop"
    (entry,) = status["status"]["loadBalancer"]["ingress"]
    assert entry["hostname"] == "shop.com"
    assert entry["ip"]
    (event,) = [line for line in lines if "event" in line]
    assert event["object"] == "networking.k8s.io/v1/Ingress/default/bad"
    assert event["event"].items() >= {"type": "Warning", "reason": "WildcardHost"}.items()


def test_the_log_can_be_json(stage: Stage) -> None:
    stage.configure(ako={"logFormat": "json"})
    stage.put("bad", ingress("bad", ("*x.com", "/", "web:80")))
    done = stage.ako("run", "--once")
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert any("wildcard" in line["msg"] and line["key"] == "Ingress/default/bad" for line in lines), lines


@pytest.mark.as_typed
def test_a_process_that_is_killed_leaves_nothing_to_mend(stage: Stage) -> None:
    stage.avi.delay(50)
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "something written")
        ako.process.kill()
        ako.process.wait()
    stage.avi.delay(0)
    stage.converge()
    created = [(w.model, w.name) for w in stage.avi.writes_since(0) if w.method == "POST" and w.status == 201]
    assert len(created) == len(set(created))
    assert stage.ako("plan").returncode == 0


def test_a_port_that_is_taken_is_said(stage: Stage) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        stage.configure(AKOSettings={"apiServerPort": port})
        done = stage.ako("run")
    assert done.returncode == 1
    assert done.stderr == (
        f"ako: AKOSettings.apiServerPort: cannot listen on port {port}: Address already in use. "
        "Set another, or free it.\n"
    )


def test_a_report_that_cannot_be_written_is_said(stage: Stage) -> None:
    report = stage.folder / "nowhere" / "report"
    done = stage.ako("plan", "--report", str(report))
    assert done.returncode == 1
    assert done.stderr == f"ako: --report {report}: No such file or directory; name a file that can be written.\n"
