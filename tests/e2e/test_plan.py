"""`ako plan`: for whom each operation is, what is wrong, what would wait; states that are kept and compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ako.core.base.log import told
from tests.builders import CLASS, Manifest, certificate_for, dated_certificate, endpoints, ingress, service, tls_secret
from tests.e2e.stage import Stage

OTHER = ingress("other", ("other.com", "/", "web:80"))
WRONG = ingress("wrong", ("wrong.com", "/", "missing:80"))
SECURE = ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})


def plan_of(stage: Stage, *arguments: str) -> dict[str, Any]:
    """Give what `ako plan` says as JSON."""
    planned = stage.ako("plan", "--format", "json", *arguments)
    found: dict[str, Any] = json.loads(planned.stdout)
    return found


def lines_of(stage: Stage, *arguments: str) -> list[str]:
    """Give what it says as text."""
    return stage.ako("plan", *arguments).stdout.splitlines()


def secret_until(year: int) -> Manifest:
    """Give a Secret with a certificate that is good until then."""
    certificate, key = dated_certificate(
        datetime(2020, 1, 1, tzinfo=UTC), datetime(year, 1, 1, tzinfo=UTC), "bank.com", common_name="bank.com"
    )
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cert", "namespace": "default"},
        "stringData": {"tls.crt": certificate, "tls.key": key},
    }


def test_each_host_has_its_operations_and_an_ingress_of_another_is_not_blamed(stage: Stage) -> None:
    stage.converge()
    stage.put("other", OTHER)
    lines = lines_of(stage)
    assert lines[:2] == [
        "host other.com (Ingress/default/other)",
        "  + create pool c--other.com_-default-other: 2 servers; from Service/default/web",
    ]
    assert "  for 1 host: other.com" in lines
    assert "shop" not in "\n".join(lines).replace("shop.com and", "")
    causes = [operation["cause"] for operation in plan_of(stage)["operations"]]
    assert {tuple(cause["sources"]) for cause in causes} == {("Ingress/default/other",)}
    assert {cause["share"] for cause in causes} == {"host", "shared"}


def test_what_goes_is_told_by_what_is_written_on_it(stage: Stage) -> None:
    stage.put("other", OTHER)
    stage.converge()
    stage.remove("other")
    lines = lines_of(stage)
    assert "host other.com (default/other)" in lines
    assert "  - delete pool c--other.com_-default-other: default/other is gone" in lines


def test_a_static_route_is_that_of_its_node(stage: Stage) -> None:
    stage.converge()
    stage.put(
        "node",
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "n1"},
            "spec": {"podCIDR": "10.9.0.0/24"},
            "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.9"}]},
        },
    )
    assert "  ~ update vrfcontext global: because of Node/n1" in lines_of(stage)
    stage.converge()
    stage.remove("node")
    assert "  ~ update vrfcontext global: no Node has 192.0.2.9 any more" in lines_of(stage)


def test_creations_are_shown_field_by_field_if_asked_for(stage: Stage) -> None:
    assert not any("lb_algorithm" in line or "servers:" in line for line in lines_of(stage))
    lines = lines_of(stage, "--fields")
    assert "      servers:" in lines
    assert '        + {"ip": "10.0.0.1", "port": 8080}' in lines
    assert '      created_by: "ako-c"' in lines


def test_certificates_are_told_by_subject_and_expiry_and_never_by_their_text(stage: Stage) -> None:
    stage.put("bank", secret_until(2100), SECURE)
    for arguments in (("--fields",), ("--format", "json")):
        said = stage.ako("plan", *arguments).stdout
        assert "bank.com, self-signed, valid until 2100-01-01T00:00:00Z" in said
        assert "-----" not in said
    stage.converge()
    stage.put("bank", secret_until(2101), SECURE)
    lines = lines_of(stage)
    until = "bank.com, self-signed, valid until"
    assert f'      certificate.certificate: "{until} 2100-01-01T00:00:00Z" -> "{until} 2101-01-01T00:00:00Z"' in lines
    assert "      key: changes" in lines
    assert "  ~ update sslkeyandcertificate c--bank.com: from Secret/default/cert" in lines
    changes = {change["field"]: change for change in plan_of(stage)["operations"][0]["changes"]}
    assert changes["key"] == {"field": "key", "old": None, "new": "***"}


def test_problems_of_all_objects_come_after_the_plan_as_run_tells_them(stage: Stage) -> None:
    stage.put("wrong", WRONG)
    planned = stage.ako("plan")
    assert planned.returncode == 2
    ran = stage.converge()
    again = stage.ako("plan", "--format", "json", "--problems", "strict")
    assert again.returncode == 3
    assert json.loads(again.stdout)["operations"] == []
    (fault,) = json.loads(again.stdout)["problems"]
    words = told(fault["reason"], fault["message"], fault["remedy"])
    assert fault["about"] == "Ingress/default/wrong"
    assert words in ran.stderr
    assert f"  ! Ingress/default/wrong: {words}" in planned.stdout.splitlines()
    assert "wrong: 1 BackendNotFound" in planned.stdout.splitlines()


def test_problems_count_more_than_changes_if_strict(stage: Stage) -> None:
    assert stage.ako("plan", "--problems", "strict").returncode == 2
    stage.put("wrong", WRONG)
    assert stage.ako("plan", "--problems", "strict").returncode == 3


def test_what_would_wait_has_its_hosts_and_how_to_confirm_it(stage: Stage) -> None:
    hosts = [f"h{number}.com" for number in range(3)]
    stage.put("many", *(ingress(f"i{host[1]}", (host, "/", "web:80")) for host in hosts))
    stage.converge()
    stage.remove("many")
    planned = stage.ako("plan")
    assert planned.returncode == 2
    assert planned.stdout.startswith("nothing to do before that is confirmed\n")
    held = plan_of(stage)["held"]
    assert held["served"] == hosts
    assert f"--confirm {held['id']}" in held["why"]
    assert f"would wait: {held['why']}" in planned.stdout.splitlines()
    state = stage.folder / "state.json"
    assert stage.ako("plan", "--save", str(state)).returncode == 2
    same = stage.ako("plan", "--against", str(state))
    assert (same.returncode, "would wait" in same.stdout) == (0, False)


def test_a_policy_that_leaves_edits_is_told(stage: Stage) -> None:
    stage.configure(ako={"drift": {"policy": {"pool": "report"}}, "api": {"retryCeilingSeconds": 1}})
    stage.converge()
    stage.avi.edit("pool", "c--shop.com_-default-shop", servers=[])
    assert any(line.startswith("ako.drift.policy is report for pool: ") for line in lines_of(stage))
    assert plan_of(stage)["reported"] == ["pool"]


def test_a_state_has_no_private_key_and_is_compared_without_a_controller(stage: Stage) -> None:
    stage.put("bank", tls_secret("cert", "bank.com"), SECURE)
    stage.converge()
    state = stage.folder / "state.json"
    assert stage.ako("plan", "--save", str(state)).returncode == 0
    stage.avi.misbehave({"unreachable": True})
    same = stage.ako("plan", "--against", str(state))
    assert (same.returncode, same.stderr) == (0, "")
    text, (_, key) = state.read_text(encoding="utf-8"), certificate_for("bank.com")
    assert "c--bank.com" in text
    assert "PRIVATE" not in text
    assert not any(line in text for line in key.splitlines() if "-----" not in line)
    assert same.stdout == f"nothing to do\ncompared with {state}; no Avi Controller was asked\n"
    stage.put("other", OTHER, WRONG)
    stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.1", "10.0.0.3"))
    changed = stage.ako("plan", "--against", str(state), "--problems", "strict")
    assert changed.returncode == 3
    assert "host other.com (Ingress/default/other)" in changed.stdout
    assert '        + {"ip": "10.0.0.3", "port": 8080}' in changed.stdout
    other_mode = stage.ako("plan", "--against", str(state), "--set", "L7Settings.shardVSSize=SMALL")
    assert other_mode.returncode == 2
    assert 'setting: L7Settings.shardVSSize from its default to "SMALL"' in other_mode.stdout.splitlines()
    stage.remove("shop")
    gone = json.loads(stage.ako("plan", "--against", str(state), "--format", "json").stdout)
    deleted = [operation for operation in gone["operations"] if operation["action"] == "delete"]
    assert {operation["cause"]["why"] for operation in deleted} == {"default/shop is gone"}


ANOTHER = {"form": 1, "made_by": "", "cluster": "another", "cloud": {}, "wanted": [], "there": []}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory; name a file that `ako plan --save` wrote"),
        ("{", "is no saved state"),
        ('{"form": 0}', "has the form 0, and this version reads 1"),
        (json.dumps(ANOTHER), "is a state of 'another'"),
    ],
)
def test_what_cannot_be_compared_says_why(stage: Stage, content: str | None, why: str) -> None:
    state = stage.folder / "state.json"
    if content is not None:
        state.write_text(content, encoding="utf-8")
    done = stage.ako("plan", "--against", str(state))
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stdout == ""


def test_a_state_that_cannot_be_written_is_told(stage: Stage) -> None:
    done = stage.ako("plan", "--save", str(stage.folder / "missing" / "state.json"))
    assert done.returncode == 1
    assert "name a file that can be written" in done.stderr
