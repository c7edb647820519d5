"""SARIF for code hosts and JUnit for CI systems, of the same findings."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.cli.check.running import check

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
MESSAGES = {"type": "array", "items": {"type": "object", "required": ["message"], "properties": {"message": TEXT}}}
ARTIFACT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"uri": {"type": "string", "format": "uri-reference"}, "uriBaseId": {"type": "string"}},
}
REGION = {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}}
PHYSICAL = {"type": "object", "properties": {"artifactLocation": ARTIFACT, "region": REGION}}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "items": {"type": "object", "properties": {"physicalLocation": PHYSICAL}}},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
RULE = {"type": "object", "required": ["id"], "properties": {"shortDescription": TEXT, "help": TEXT}}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "rules": {"type": "array", "uniqueItems": True, "items": RULE}},
}
INVOCATION = {
    "type": "object",
    "required": ["executionSuccessful"],
    "properties": {"executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": MESSAGES},
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
        "originalUriBaseIds": {"type": "object", "additionalProperties": ARTIFACT},
        "invocations": {"type": "array", "items": INVOCATION},
        "results": {"type": "array", "items": RESULT},
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
}
"""What the schema of SARIF 2.1.0 says of the parts that are written."""

SHOP = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
  - host: shop_.com
  - host: shop.com
    http:
      paths:
      - backend: {service: {name: web, port: {number: 80}}}
"""
WEB = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 81}]}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "apps" / "my shop"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(SHOP)
    (folder / "web.yaml").write_text(WEB)
    (folder / "bad.yaml").write_text("- 1\n---\n- 1\n")
    return tmp_path


def run_of(folder: Path, *arguments: str) -> Any:
    log = json.loads(check(folder, *arguments, "--format", "sarif").out)
    jsonschema.validate(log, SARIF, format_checker=jsonschema.FormatChecker())
    return log["runs"][0]


def test_sarif_names_files_from_the_root_of_the_repository(repo: Path) -> None:
    run = run_of(repo / "apps", "my shop")
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places] == [
        ("apps/my%20shop/bad.yaml", 1),
        ("apps/my%20shop/bad.yaml", 3),
        ("apps/my%20shop/shop.yaml", 10),
    ]
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{repo.as_uri()}/"
    (repo.parent / "elsewhere.yaml").write_text("- 1\n")
    first, *_, last = run_of(repo / "apps", "../../elsewhere.yaml", "my shop/bad.yaml")["results"]
    outside, inside = (one["locations"][0]["physicalLocation"]["artifactLocation"] for one in (first, last))
    assert inside["uriBaseId"] == "%SRCROOT%"
    assert "uriBaseId" not in outside
    assert outside["uri"].endswith("/elsewhere.yaml")


def test_sarif_has_a_rule_for_each_reason_with_the_remedy_as_its_help(repo: Path) -> None:
    run = run_of(repo, "apps")
    rules = {rule["id"]: rule["help"]["text"] for rule in run["tool"]["driver"]["rules"]}
    assert rules.keys() == {"InvalidObject", "PortNotFound"}
    assert rules["PortNotFound"] == "Name one that it has, or add the port to it."
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert notes[0].startswith("any host is assumed")


def prints_of(folder: Path) -> list[str]:
    return [result["partialFingerprints"]["akoProblem/v1"] for result in run_of(folder, "apps")["results"]]


def test_a_finding_keeps_its_fingerprint_when_lines_move(repo: Path) -> None:
    (repo / "apps" / "again.yaml").write_text(WEB)
    before = prints_of(repo)
    assert len(before) == len(set(before)) == 4
    for file in repo.rglob("*.yaml"):
        file.write_text("# by us\n\n" + file.read_text())
    assert prints_of(repo) == before


def test_sarif_of_what_is_in_no_file_has_no_location(repo: Path) -> None:
    (setting, *_) = run_of(repo, "apps", "--set", "L7Settings.shardVSSize=HUGE")["results"]
    assert setting["ruleId"] == "InvalidSettings"
    assert setting["locations"] == []


def test_junit_has_a_case_for_each_object_and_one_failure_with_all_that_is_wrong(repo: Path) -> None:
    (repo / "apps" / "lb.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: lb}\n"
        'spec: {type: LoadBalancer, loadBalancerIP: "\\a", ports: [{port: 80}]}\n'
    )
    suite = ET.fromstring(check(repo, "apps", "--format", "junit").out)[0]
    assert {key: suite.attrib[key] for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "3",
        "errors": "0",
        "skipped": "1",
    }
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    assert cases["Service/default/web"].find("skipped") is not None
    assert [failure.attrib["type"] for failure in cases["Ingress/default/shop"]] == ["PortNotFound"]
    assert len(cases["apps/my shop/bad.yaml"].findtext("failure", "").splitlines()) == 2
    assert cases["Service/default/lb"].find("failure") is not None
    assert "any host is assumed" in (suite.findtext("system-out") or "")


def test_a_report_in_a_file_leaves_the_text_on_the_screen(repo: Path) -> None:
    done = check(repo, "apps", "--format", "sarif", "--output", "found.sarif")
    assert done.code == 3
    assert done.lines[-1].startswith("3 problems in 2 files")
    assert json.loads((repo / "found.sarif").read_text())["version"] == "2.1.0"
    assert check(repo, "apps", "--output", "found.txt").code == 3
    assert (repo / "found.txt").read_text().startswith("apps/my shop/bad.yaml:1: InvalidObject")


def test_whatever_a_file_is_called_ends_no_line_and_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "k8s").mkdir()
    for name in (b"a\n::error::b.yaml", b"\xff.yaml", b"a b#%41.yaml"):
        Path(os.fsdecode(os.fsencode(tmp_path / "k8s") + b"/" + name)).write_text("- 1\n", encoding="utf-8")
    for form in ("text", "json", "sarif", "junit"):
        done = check(tmp_path, "k8s", "--format", form)
        assert (done.code, done.err) == (3, ""), form
        assert not any(line.startswith("::") for line in done.lines), form
    found = json.loads(check(tmp_path, "k8s", "--format", "sarif").out)["runs"][0]["results"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in found}
    assert uris == {"k8s/a%0A%3A%3Aerror%3A%3Ab.yaml", "k8s/%FF.yaml", "k8s/a%20b%23%2541.yaml"}
