"""`run --once` and `plan`: what they change, what they print, how they end."""

from __future__ import annotations

import json

import pytest

from tests.builders import certificate_for, ingress, tls_secret
from tests.e2e.stage import Stage


def test_a_second_run_writes_nothing(stage: Stage) -> None:
    stage.put(
        "bank", tls_secret("cert", "bank.com"), ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})
    )
    stage.converge()
    before, mark = stage.avi.ours(), stage.avi.mark()
    assert {name.partition("/")[0] for name in before} >= {"virtualservice", "vsvip", "pool", "sslkeyandcertificate"}
    stage.converge()
    assert stage.avi.writes_since(mark) == []
    assert stage.avi.ours() == before


@pytest.mark.as_typed
def test_plan_changes_nothing_and_says_what_run_would_do(stage: Stage) -> None:
    planned = stage.ako("plan")
    assert planned.returncode == 2
    assert "+ create pool c--shop.com_-default-shop" in planned.stdout
    assert stage.avi.ours() == {}
    stage.converge()
    done = stage.ako("plan")
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing to do\n", "")


def test_plan_shows_an_update_field_by_field(stage: Stage) -> None:
    stage.converge()
    one = {"ip": {"addr": "10.0.0.1", "type": "V4"}, "port": 8080}
    stage.avi.edit("pool", "c--shop.com_-default-shop", servers=[one])
    planned = stage.ako("plan", "--format", "json")
    assert planned.returncode == 2
    (operation,) = json.loads(planned.stdout)["operations"]
    assert (operation["action"], operation["type"]) == ("update", "pool")
    (change,) = operation["changes"]
    assert change["field"] == "servers"
    assert [[server["ip"]["addr"] for server in change[side]] for side in ("old", "new")] == [
        ["10.0.0.1"],
        ["10.0.0.1", "10.0.0.2"],
    ]


def test_plan_as_json_masks_keys(stage: Stage) -> None:
    _, key = certificate_for("bank.com")
    stage.put(
        "bank", tls_secret("cert", "bank.com"), ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})
    )
    planned = stage.ako("plan", "--format", "json")
    assert planned.returncode == 2
    operations = {(op["type"], op["name"]): op for op in json.loads(planned.stdout)["operations"]}
    certificate = operations["sslkeyandcertificate", "c--bank.com"]
    assert certificate["fields"]["key"] == "***"
    secret_lines = [line for line in key.splitlines() if "-----" not in line]
    assert not any(line in planned.stdout + planned.stderr for line in secret_lines)


def test_plan_without_a_controller_fails(stage: Stage) -> None:
    stage.avi.misbehave({"unreachable": True})
    planned = stage.ako("plan")
    assert planned.returncode == 1
    assert "Avi Controller" in planned.stderr
    assert "Traceback" not in planned.stderr


def test_run_once_without_a_controller_fails(stage: Stage) -> None:
    stage.avi.misbehave({"unreachable": True})
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    assert "not in line: Avi Controller" in done.stderr
    assert "Traceback" not in done.stderr
