"""What is wrong with the Avi Controller's address, its user or what settings name there.

Each text has the cause, the setting, where that was given, and what to do.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme

from tests.builders import ingress
from tests.e2e.stage import Stage, config_map


@contextmanager
def answering(
    status: int, body: bytes, headers: tuple[tuple[str, str], ...] = (), tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve one answer to whatever is asked, as something does that is no Controller; give the port."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of who breaks off."""

    server = Server(("127.0.0.1", 0), Answer)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Case:
    """What is at the address, the settings, and the words that have to come, in this order.

    `setting` is the key that has to be named with its place in the file.
    """

    setting: str
    words: tuple[str, ...]
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    answer: tuple[Any, ...] = ()
    url: str = ""


HOST = "ControllerSettings.controllerHost"
STRANGE = "does not look like an Avi Controller: "

ADDRESSES = {
    "HTML": Case(HOST, (STRANGE, "HTML", "Welcome to nginx!"), answer=(200, b"<html><title>Welcome to nginx!</title>")),
    "HTML, not found": Case(HOST, (STRANGE, "404", "HTML"), answer=(404, b"<!DOCTYPE html><html>")),
    "JSON of something else": Case(
        HOST, (STRANGE, "403", "JSON"), answer=(403, b'{"kind": "Status", "message": "forbidden"}')
    ),
    "JSON without a session": Case(HOST, (STRANGE, "no session cookie"), answer=(200, b'{"ok": true}')),
    "a list": Case(HOST, (STRANGE,), answer=(200, b"[1]")),
    "a plain text": Case(HOST, (STRANGE, "404"), answer=(404, b"404 page not found\n")),
    "a redirection": Case(
        HOST,
        ("redirected to https://avi.example.com/login", "write https://avi.example.com into"),
        answer=(301, b"", (("Location", "https://avi.example.com/login"),)),
    ),
    "TLS asked for by its own words": Case(
        HOST,
        ("answers TLS only: write https://127.0.0.1",),
        answer=(400, b"<html><title>400 The plain HTTP request was sent to HTTPS port</title>"),
    ),
    "plain HTTP": Case(
        HOST,
        ("answers plain HTTP: write http://127.0.0.1:",),
        answer=(200, b"{}"),
        url="https://127.0.0.1:{port}",
    ),
    "nobody": Case(HOST, ("efused",), url="http://127.0.0.1:{free}"),
    "no such name": Case(
        HOST, ("the name no-such-controller.invalid cannot be resolved",), url="no-such-controller.invalid"
    ),
}


def named(stage: Stage, setting: str) -> str:
    """Give a setting as it is to be named: with the line of the file that it is in."""
    section, _, key = setting.rpartition(".")
    lines = stage.config.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"{section}:")
    number = next(n for n, line in enumerate(lines[start:], start + 1) if line.strip().startswith(f"{key}:"))
    return f"{setting} (file {stage.config}, line {number})"


def insists(stage: Stage, case: Case, command: tuple[str, ...] = ("plan",)) -> str:
    done = stage.ako(*command)
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if re.match(r"ako: |not in line: ", line)]
    rest = line
    for words in case.words:
        assert words in rest, done.stderr
        rest = rest.partition(words)[2]
    assert named(stage, case.setting) in line
    assert re.search(r"(; |: |, )(correct|write|check|raise|put|set|create|name|give|open|start)\b", line), line
    assert "Traceback" not in done.stderr
    assert "admin-secret" not in done.stdout + done.stderr
    return line


@pytest.mark.parametrize("case", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_what_is_at_the_address_is_told(stage: Stage, case: Case) -> None:
    with ExitStack() as stack:
        port = stack.enter_context(answering(*case.answer)) if case.answer else 0
        with socket.create_server(("127.0.0.1", 0)) as probe:
            free = probe.getsockname()[1]
        url = (case.url or "http://127.0.0.1:{port}").format(port=port, free=free)
        stage.configure(ControllerSettings={"controllerHost": url}, avicredentials={"password": "admin-secret"})
        insists(stage, case)


def test_a_controller_that_wants_tls_is_told(stage: Stage) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with answering(200, b"{}", tls=context) as port:
        stage.configure(ControllerSettings={"controllerHost": f"http://127.0.0.1:{port}"})
        insists(stage, Case(HOST, ("answers TLS only", f"write https://127.0.0.1:{port} into")))


@pytest.mark.parametrize("name", ["127.0.0.1", "avi.example.com"])
def test_a_certificate_that_is_not_trusted_is_told_with_both_ways(stage: Stage, name: str) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (theirs if name == "127.0.0.1" else ours).issue_cert(name).configure_cert(context)
    with answering(200, b"{}", tls=context) as port:
        stage.configure(
            ControllerSettings={"controllerHost": f"https://127.0.0.1:{port}"},
            avicredentials={"certificateAuthorityData": ours.cert_pem.bytes().decode()},
        )
        line = insists(stage, Case("avicredentials.certificateAuthorityData", ("certificate verify failed",)))
        assert "ControllerSettings.insecureSkipVerify" in line


SETTINGS = {
    "the password": Case(
        "avicredentials.password", ("401", ": avicredentials.password (file "), {"avicredentials": {"password": "x"}}
    ),
    "the user": Case("avicredentials.username", ("401", "correct it, or "), {"avicredentials": {"username": "nobody"}}),
    "the cloud": Case(
        "ControllerSettings.cloudName",
        ("Invalid input detected: ControllerSettings.cloudName: there is no cloud 'x'", "correct the name in "),
        {"ControllerSettings": {"cloudName": "x"}},
    ),
    "the tenant": Case(
        "ControllerSettings.tenantName",
        ("Invalid input detected: ControllerSettings.tenantName: user 'admin' may not read in tenant 'x'",),
        {"ControllerSettings": {"tenantName": "x"}},
    ),
    "the SE group": Case(
        "ControllerSettings.serviceEngineGroupName",
        ("Invalid input detected: ControllerSettings.serviceEngineGroupName: there is no Service Engine Group 'x'",),
        {"ControllerSettings": {"serviceEngineGroupName": "x"}},
    ),
}


@pytest.mark.parametrize("case", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_setting_that_is_wrong_is_named_with_its_place(stage: Stage, case: Case) -> None:
    stage.configure(**case.settings)
    insists(stage, case, ("run", "--once") if case.settings.keys() == {"ControllerSettings"} else ("plan",))
    assert stage.avi.ours() == {}


def test_a_version_that_is_not_accepted_names_its_setting(stage: Stage) -> None:
    stage.configure(ControllerSettings={"controllerVersion": "20.1.1"})
    refusal = {"status": 400, "body": {"error": "Invalid version 20.1.1 in X-Avi-Version"}}
    stage.avi.misbehave({"match": {"model": "cloud"}, **refusal})
    insists(stage, Case("ControllerSettings.controllerVersion", ("400 Invalid version",)))


def test_a_flag_and_a_config_map_are_places_too(stage: Stage) -> None:
    stage.put("config", config_map(None, cloudName="y"))
    done = stage.ako("plan")
    assert "correct the name in ControllerSettings.cloudName (ConfigMap avi-k8s-config, key cloudName)" in done.stderr
    done = stage.ako("plan", "--set", "ControllerSettings.cloudName=x")
    assert "correct the name in ControllerSettings.cloudName (flag --set)" in done.stderr


def test_the_place_is_that_of_the_file_as_it_is_now(stage: Stage) -> None:
    """Lines that move change no setting: the next error names the new place all the same."""
    with stage.start() as ako:
        ako.becomes_ready()
        above = "# moved\n\nNetworkSettings: {subnetIP: 10.0.0.0}\n"
        stage.config.write_text(above + stage.config.read_text())
        ako.says("has no effect without NetworkSettings.subnetPrefix")  # so that it was read
        place = named(stage, "avicredentials.password")
        stage.avi.misbehave({"match": {"path": "/login"}, "status": 401, "body": {"error": "Invalid credentials"}})
        stage.avi.expire_sessions()
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))  # so that there is something to write
        ako.explains("Invalid credentials")
        ako.explains(place)
        ako.stop()
