"""`ako explain`: whoever knows most answers; what is asked of a cluster, a folder and a controller says the same."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ako.cli import explain
from ako.cli.main import build_parser, main
from ako.cli.wiring import given, wire
from ako.core.settings import SettingsError
from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service
from tests.e2e.stage import LISTENING, Stage

LEASE = "/apis/coordination.k8s.io/v1/namespaces/avi-system/leases/ako-leader"
PROXY = "/api/v1/namespaces/avi-system/pods/ako-1:8080/proxy/api/explain"
LIVE = "shop.com  served at "


def test_a_folder_and_an_avi_controller_are_asked_and_nothing_is_written(stage: Stage) -> None:
    asked = stage.ako("explain", "shop.com")
    assert asked.returncode == 0
    assert asked.stdout.startswith("answered by  the manifests in ")
    assert "shop.com  not on the Avi Controller yet: to be served over plain HTTP" in asked.stdout
    unknown = stage.ako("explain", "shp.com")
    assert unknown.returncode == 1
    assert "shp.com  nothing of that name is known; there is:\n  shop.com\n" in unknown.stdout
    assert stage.avi.ours() == {}


def test_without_an_avi_controller_all_is_told_up_to_the_plan(stage: Stage) -> None:
    asked = stage.ako("explain", "shop.com", "--set", "ControllerSettings.controllerHost=http://127.0.0.1:9")
    assert asked.returncode == 0
    assert "to be served over plain HTTP. The Avi Controller was not asked what is there" in asked.stdout
    assert "no Avi Controller was asked: " in asked.stdout
    assert asked.stderr == ""


def test_a_fault_of_settings_is_told_and_no_controller_is_missed_that_is_not_needed(stage: Stage) -> None:
    where = ("--manifests", str(stage.manifests))
    wrong = ("--set", "L7Settings.shardVSSize=HUGE")
    arguments = build_parser("explain").parse_args(["explain", "shop.com", *where, *wrong])
    with pytest.raises(SettingsError) as told:
        given(arguments)
    assert [fault.key for fault in told.value.faults] == ["L7Settings.shardVSSize"]
    run = build_parser("run").parse_args(["run", *where, *wrong])
    with pytest.raises(SettingsError) as told:
        wire(run, follows=False)
    assert "ControllerSettings.controllerHost" in [fault.key for fault in told.value.faults]


def test_a_fault_is_told_with_its_remedy_in_data_too(stage: Stage) -> None:
    stage.put("bank", ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"}))
    asked = stage.ako("explain", "ing/default/bank", "--format", "json")
    told = json.loads(asked.stdout)
    (problem,) = told["sources"][0]["problems"]
    assert problem["reason"] == "SecretNotFound"
    assert problem["remedy"].startswith("Create the TLS Secret")
    lines = json.loads(stage.ako("explain", "bank.com", "--format", "outline").stdout)
    assert "bank.com" in [line["label"] for line in lines]


def test_a_running_controller_is_asked_at_its_port(stage: Stage) -> None:
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        listening = LISTENING.search(ako.out)
        assert listening is not None
        told = stage.without_cluster("explain", "shop.com", "--controller", listening[1])
        assert told.stdout.startswith("answered by  the controller of cluster c, http://127.0.0.1:")
        assert LIVE in told.stdout


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9", "does not answer: [Errno 111] Connection refused"),
        ("http://127.0.0.1:99999", "is no address: write http://HOST:PORT."),
        ("ftp://127.0.0.1", "is no address: write http://HOST:PORT."),
    ],
)
def test_an_address_where_nobody_is_is_told(
    url: str, why: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "configure_logging", lambda *_: None)  # that of this process stays as it is
    assert main(["explain", "shop.com", "--controller", url]) == 1
    assert capsys.readouterr() == ("", f"ako: {url} {why}\n")


@pytest.mark.parametrize("question", ["", " ", os.fsdecode(b"caf\xe9.com")])
def test_a_question_says_something(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", question])
    assert ended.value.code == 64
    assert "QUESTION" in capsys.readouterr().err


ANSWER = {"question": "shop.com", "hosts": [{"host": "shop.com", "state": "live", "verdict": "served at 10.0.0.7"}]}
HOLDER = {"spec": {"holderIdentity": "ako-1_0123456789ab"}}


def test_through_the_api_server_the_replica_that_works_is_asked(stage: Stage, tmp_path: Path) -> None:
    stage.configure(AKOSettings={"apiServerPort": 8080})
    with api_server({LEASE: HOLDER, PROXY: {"answer": ANSWER}}) as server:
        asked = stage.ako("explain", "shop.com", kubeconfig=kubeconfig_for(server.url, tmp_path))
    assert asked.stdout == "answered by  pod avi-system/ako-1\nshop.com  served at 10.0.0.7\n"
    assert server.asked == ["shop.com"]


def test_a_cluster_in_which_no_controller_runs_is_looked_at_from_here(
    stage: Stage, kube: KubeApi, kubeconfig: Path
) -> None:
    stage.configure(AKOSettings={"apiServerPort": 8080})
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    kube.apply(*map(dict, (CLASS, service("web"), endpoints("web", "10.0.0.1"), shop)))
    told = stage.ako("explain", "shop.com", kubeconfig=kubeconfig).stdout
    assert told.startswith(f"answered by  the cluster {kube.url} and the Avi Controller {stage.controller_url}, at ")
    assert "to be served over plain HTTP" in told
    assert "note  no running controller was asked: " in told


class ApiServer:
    """Answers what it was given, and 404 to all else."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.asked: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                owner.asked += parse_qs(parts.query).get("q", [])
                status = 200 if parts.path in answers else 404
                body = json.dumps(answers.get(parts.path, {"kind": "Status", "code": 404, "reason": "NotFound"}))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        self._server.serve_forever(0.01)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def api_server(answers: Mapping[str, Any]) -> Iterator[ApiServer]:
    server = ApiServer(answers)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def kubeconfig_for(url: str, folder: Path) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "a-token-of-nobody"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    file = folder / "kubeconfig.json"
    file.write_text(json.dumps(config))
    return file


def test_a_replica_that_stands_by_sends_on_to_the_one_that_works(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pod the one on this machine is asked first."""
    standby = {"question": "shop.com", "works": False, "notes": ["this replica stands by"]}
    answers = {LEASE: HOLDER, "/api/explain": {"answer": standby}}
    with api_server(answers) as server:
        port = urlsplit(server.url).port
        proxy = PROXY.replace("8080", str(port))
        stage.configure(AKOSettings={"apiServerPort": port})
        monkeypatch.setattr(explain, "_is_in_pod", lambda _: True)
        file = kubeconfig_for(server.url, tmp_path)
        words = ["explain", "shop.com", "--config", str(stage.config), "--kubeconfig", str(file)]
        arguments = build_parser("explain").parse_args(words)
        assert explain._running(arguments, "shop.com").notes == ("this replica stands by",)
        answers[proxy] = {"answer": ANSWER}
        assert explain._running(arguments, "shop.com").hosts[0].state == "live"
