"""What the log says of a run: each line that the page shows comes in one, and is one line in either form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service
from tests.contract.third_party import install_by_hand
from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually

PAGE = Path(__file__).parents[2] / "docs" / "logs.md"
POOL = "c--shop.com_-default-shop"
REFUSED = 12

_VARYING = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z": r"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z",
    r"\b\d[\d.]* (ms|s|min)( \d+ s)?(?=[ ;,)]|$)": r"\\d[\\d.]* (ms|s|min)( \\d+ s)?",
    r"\(plan [0-9a-f]{12}\)": r"\\(plan [0-9a-f]{12}\\)",
    r"http://[\d.:]+\d": r"http://[\\d.:]+\\d",
    r"\d+ objects of ours found": r"\\d+ objects of ours found",
    r"(?<=ms )\(\d+ pool[^)]*\)": r"\\([^)]*\\)",
    r"v1/ConfigMap, v1/Service: .* … Connection refused": r".*Connection refused",
    r"Ingress/default/b\d+, Ingress/default/b\d+, Ingress/default/b\d+": r"(Ingress/default/b\\w+(, )?){3}",
    r"-L7-\d+, shard \d+": r"-L7-\\d+, shard \\d+",
    r"Rejected: \d+ more": r"Rejected: \\d+ more",
    r"and \d+ more; each": r"and \\d+ more; each",
}
"""What differs from run to run, as it is on the page, and as it may be in a run."""


def examples(language: str) -> list[str]:
    """Give the lines that the page shows."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def pattern(line: str) -> re.Pattern[str]:
    """Give what a line of the page looks like in any run."""
    parts: list[str] = []
    found = re.compile("|".join(f"(?P<v{number}>{varying})" for number, varying in enumerate(_VARYING)))
    end = 0
    for match in found.finditer(line):
        number = next(int(name[1:]) for name, text in match.groupdict().items() if text is not None)
        parts += [re.escape(line[end : match.start()]), list(_VARYING.values())[number].replace("\\\\", "\\")]
        end = match.end()
    return re.compile("".join([*parts, re.escape(line[end:])]))


def is_about_kubernetes(line: str) -> bool:
    return bool(re.search(r"Kubernetes|services: ", line))


def is_about_plugins(line: str) -> bool:
    return "plugin" in line


def scene(stage: Stage) -> str:
    """Have something of each kind happen; give the log."""
    stage.put("config", config_map())
    with stage.start() as ako:
        ako.becomes_ready()
        ako.says("full sync: ")
        both = ingress("more", ("more.com", "/", "web:80")), ingress("most", ("most.com", "/", "web:80"))
        stage.put("more", *both)
        ako.says("for 2 hosts, because of Ingress/default/more")
        stage.put("more", both[1])
        ako.says("deleted in")
        stage.put("lost", ingress("lost", ("lost.com", "/", "nowhere:80")), ingress("dup", ("shop.com", "/", "web:80")))
        ako.says("BackendNotFound")
        ako.says("Duplicate")
        stage.avi.edit("pool", POOL, enabled=False, servers=[])
        ako.says("drift repaired")
        stage.avi.misbehave({"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {"error": "no room"}})
        stage.put("bad", ingress("bad", ("bad.com", "/", "web:80")))
        ako.says("refused pool c--bad.com_-default-bad: no room")
        stage.put("b", *(ingress(f"b{n}", (f"b{n}.com", "/", "web:80")) for n in range(REFUSED)))
        eventually(lambda: ako.err.count("Rejected: the Avi Controller refused") > REFUSED, "all told, at DEBUG too")
        stage.avi.misbehave(None)
        stage.avi.misbehave({"unreachable": True})
        ako.says("lost the")
        stage.avi.misbehave(None)
        ako.says("answers again")
        stage.put("config", config_map(None, shardVSSize="HUGE"))
        ako.says("in force stay")
        stage.put("config", config_map())
        ako.says("can be used again")
        ako.stop()
        return ako.err


@pytest.mark.long
def test_each_line_of_the_page_comes_in_a_run(stage: Stage) -> None:
    stage.configure(AKOSettings={"logLevel": "DEBUG", "fullSyncFrequency": 2})
    log = scene(stage)
    lines = [line for line in examples("text") if not is_about_kubernetes(line) and not is_about_plugins(line)]
    assert len(lines) > 15
    for line in lines:
        assert pattern(line).search(log), f"not in the log: {line}\n{log[-20000:]}"
    assert "Traceback" not in log


def test_each_object_of_the_page_comes_in_a_run(stage: Stage) -> None:
    stage.configure(AKOSettings={"logLevel": "INFO"}, ako={"logFormat": "json"})
    stage.put("lost", ingress("lost", ("lost.com", "/", "nowhere:80")))
    log = [json.loads(line) for line in stage.converge().stderr.splitlines() if line.startswith("{")]
    shown: list[dict[str, Any]] = [json.loads(line) for line in examples("json")]
    assert {line["reason"] for line in shown} == {"BackendNotFound", "Programmed"}
    for line in shown:
        (found,) = [one for one in log if one.get("reason") == line["reason"]]
        assert found.keys() == line.keys()
        assert {name: type(value) for name, value in found.items()} == {name: type(line[name]) for name in line}
        same = ("level", "logger", "reason", *({"object", "remedy", "msg"} & line.keys() if "object" in line else ()))
        assert [found[name] for name in same] == [line[name] for name in same]
    assert {"ts", "level", "logger", "msg"} <= set.intersection(*(set(line) for line in log))


SITES = """
from collections.abc import Iterable
import threading
import ako
import msgspec

class Site(msgspec.Struct, frozen=True):
    metadata: ako.Metadata

@ako.hookimpl
def ako_kinds():
    kind = ako.Kind("example.org", "v1", "Site")
    return [ako.WatchedKind(kind=kind, plural="sites", record=Site, is_source=True)]

@ako.hookimpl
def ako_discover(source):
    name = source.record.metadata.name
    if name == "shop":
        return 1 / 0
    if name == "big":
        threading.Lock().acquire() and threading.Event().wait()
    backends = (ako.Backend("default", "web"),)
    rules = tuple(ako.PathRule(path, ako.PathType.PREFIX, backends) for path in ("/", 7))
    return ako.Discovery((ako.HostClaim(source.ref, source.record.metadata.created, "old.com", rules),))
"""
"""A plugin whose objects fail it, each in a way of its own."""


def site(name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "example.org/v1", "kind": "Site", "metadata": metadata}


@pytest.mark.campaign  # it has to be late, and to be asked again
def test_each_line_about_plugins_comes_in_a_run(stage: Stage, tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "ako-sites", "1.0", "sites = ako_sites", {"ako_sites": SITES})
    stage.variables["PYTHONPATH"] = str(tmp_path / "site")
    plugins = {"enabled": ["+sites"], "hookLimitSeconds": 3}
    stage.configure(AKOSettings={"logLevel": "INFO"}, ako={"plugins": plugins})
    with stage.start() as ako:
        ako.becomes_ready()
        stage.put("sites", site("shop"), site("old"))
        ako.says("its answer: ")
        stage.put("big", site("big"))
        ako.says("is suspended: ")
        stage.remove("big")
        ako.says("answers in time again")
        ako.stop()
    lines = [line for line in examples("text") if is_about_plugins(line)]
    assert len(lines) == 5
    for line in lines:
        assert pattern(line).search(ako.err), f"not in the log: {line}\n{ako.err}"


@pytest.fixture
def cluster(kube: KubeApi) -> Iterator[KubeApi]:
    kube.apply(
        *map(dict, (CLASS, service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("a.com", "/", "web:80"))))
    )
    yield kube
    kube.clear_faults()


@pytest.mark.campaign
def test_an_api_server_that_goes_is_two_lines(stage: Stage, cluster: KubeApi, kubeconfig: Path) -> None:
    stage.configure(AKOSettings={"logLevel": "INFO"})
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        ako.says("full sync: ")
        before = len(ako.err.splitlines())
        cluster.down()
        ako.says("has not been heard of since")
        cluster.up()
        ako.says("Kubernetes is heard of again")
        ako.becomes_ready()
        assert len(ako.err.splitlines()) == before + 2, ako.err
        refusal = cluster.forbid("*", "services")
        cluster.break_watches("services")
        ako.says("cannot list resource")
        refusal.clear()
        ako.says("services: can be read again, after ")
        ako.stop()
    for line in filter(is_about_kubernetes, examples("text")):
        assert pattern(line).search(ako.err), f"not in the log: {line}\n{ako.err}"


def _refusing(status: int) -> dict[str, Any]:
    return {"match": {"method": "POST", "path": "/api/"}, "status": status, "body": {"error": "no"}}


OUTAGES = {
    "60 refused": (60, _refusing(400)),
    "refused": (300, _refusing(400)),
    "forbidden": (300, _refusing(403)),
    "busy": (300, _refusing(503)),
    "away": (300, {"unreachable": True}),
}


@pytest.mark.parametrize(
    "outage", [pytest.param(name, marks=() if name == "60 refused" else pytest.mark.campaign) for name in OUTAGES]
)
def test_hundreds_of_ingresses_in_an_outage_are_a_handful_of_lines(stage: Stage, outage: str) -> None:
    """Something is wrong from the start, then the Controller is away, then it is back."""
    count, fault = OUTAGES[outage]
    stage.configure(AKOSettings={"logLevel": "INFO"})
    stage.avi.misbehave(fault)
    stage.put("many", *(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(count)))
    with stage.start() as ako:
        ako.says("Avi Controller")
        eventually(lambda: len(stage.avi.requests_since(0)) > 50 or outage == "away", "tries")
        stage.avi.misbehave({"unreachable": True})
        ako.becomes_unready()
        stage.avi.misbehave(None)
        eventually(lambda: stage.avi.pool_of(f"h{count - 1}.com"), "all served")
        ako.stop()
    lines = [line for line in ako.err.splitlines() if " WARN " in line]
    assert 1 <= len(lines) <= 14, ako.err
    assert "ERROR" not in ako.err
