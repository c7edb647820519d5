"""The end, as Kubernetes brings it about: told by a signal, waited for, and then killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ako.core.base.version import version
from ako.core.control import loop
from ako.testing import KubeApi
from tests.builders import ingress
from tests.core.avi.scripted import Reply, Script, ScriptedController
from tests.core.control.running import Running as InProcess
from tests.e2e.stage import Running, Stage
from tests.program import Command, Process, environment
from tests.waiting import PATIENCE, eventually

IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child")


def has_a_write_in_hand(stage: Stage, ako: Running, milliseconds: int) -> None:
    ako.becomes_ready()
    stage.avi.misbehave({"match": {"method": "POST"}, "delay_ms": milliseconds, "times": 1})
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    eventually(stage.avi.has_struck, "a write in hand")


def test_from_the_signal_on_it_is_not_ready_and_alive(stage: Stage) -> None:
    stage.configure(AKOSettings={"logLevel": "INFO"})
    with stage.start() as ako:
        mark = stage.avi.mark()
        has_a_write_in_hand(stage, ako, 1500)
        ako.process.send_signal(signal.SIGTERM)
        eventually(lambda: "[-] shutdown told to end" in ako.get("/readyz").text, "that it ends")
        assert ako.process.poll() is None, "the write is in hand still"
        assert ako.get("/readyz").status_code == 503
        assert ako.get("/healthz").status_code == 200
        assert ako.ends() == 0
        assert re.match(rf"\S+ INFO ako {re.escape(version())} on Python 3\.\S+, linux/\w+\n", ako.err), (
            "its first line"
        )
        assert [write.status for write in stage.avi.writes_since(mark) if write.method == "POST"][-1] == 201


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_start_that_an_api_server_holds_up_ends_at_once(
    stage: Stage, kube: KubeApi, kubeconfig: Path, number: signal.Signals
) -> None:
    with kube.fault("/api/v1/namespaces/avi-system", hang=True) as fault, stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: fault.hits, "a request that hangs")
        ako.process.send_signal(number)
        assert ako.ends() == 0
        assert "Traceback" not in ako.err


@pytest.mark.campaign  # it waits for as long as a start waits
def test_a_start_that_an_api_server_holds_up_answers_probes_before_long(
    stage: Stage, kube: KubeApi, kubeconfig: Path
) -> None:
    began = time.monotonic()
    with kube.fault("/", hang=True), stage.start(kubeconfig=kubeconfig) as ako:
        assert ako.get("/healthz").status_code == 200
        assert time.monotonic() - began < 20
        told = ako.get("/readyz")
        assert told.status_code == 503
        assert "[-] kubernetes " in told.text
        ako.process.send_signal(signal.SIGTERM)
        assert ako.ends() == 0


def test_a_write_that_has_no_answer_is_not_waited_for_without_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "LONGEST_END", 0.1)
    stage.avi.misbehave({"match": {"method": "POST", "path": "/api/"}, "delay_ms": 3_600_000, "times": 1})
    with InProcess(stage.controller_url):
        eventually(stage.avi.has_struck, "a write in hand")
    assert "something under way has had no answer" in caplog.text


def test_what_is_only_read_is_not_waited_for_where_there_is_no_election_either(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "LONGEST_END", 3600.0)
    script = Script()
    script.then("POST", "/login", Reply(breaks="stall"))
    with ScriptedController(script) as hanging:
        with InProcess(hanging.url):
            eventually(lambda: script.calls("POST", "/login"), "a login that hangs")
        assert not hanging.released.is_set(), "it hangs still, and the controller has ended"
    assert "no answer" not in caplog.text


@pytest.mark.campaign  # half a minute is what it is about
def test_it_ends_before_kubernetes_would_kill_it(stage: Stage) -> None:
    with stage.start() as ako:
        has_a_write_in_hand(stage, ako, 3_600_000)
        began = time.monotonic()
        ako.process.send_signal(signal.SIGTERM)
        assert ako.ends() == 0
        assert time.monotonic() - began < 25
        assert "something under way has had no answer for 15 s" in ako.err


def test_the_process_ends_though_threads_wait_for_answers(tmp_path: Path) -> None:
    program = (
        "import threading; from ako.cli.foreground import leave\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('printed')\n"
        "leave(3)\n"
        "print('not reached')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "printed\n", "")


# The first process of a container: signals that nobody handles do nothing to it.


def can_be_first() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


class First:
    """The program as process 1; signals go to it, and not to who started it."""

    def __init__(self, command: Command) -> None:
        with command.out.open("ab") as out, command.err.open("ab") as err:
            self._outer = subprocess.Popen(
                [*IN_A_NAMESPACE, sys.executable, "-m", "ako", *command.arguments],
                cwd=command.folder,
                env=dict(command.variables),
                stdout=out,
                stderr=err,
            )
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        self.pid = int(eventually(lambda: children.read_text().split(), "process 1")[0])

    def poll(self) -> int | None:
        return self._outer.poll()

    def wait(self, timeout: float | None = None) -> int:
        return self._outer.wait(timeout)

    def send_signal(self, number: int, /) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._outer.kill()


@pytest.mark.skipif(not can_be_first(), reason="no namespaces of processes here")
def test_the_first_process_ends_at_a_signal_and_at_once_at_a_second(stage: Stage) -> None:
    config, cluster = str(stage.config), str(stage.manifests)
    out, err = stage.folder / "first-out", stage.folder / "first-err"
    command = Command(
        arguments=("run", "--config", config, "--manifests", cluster),
        variables=environment(os.environ),
        folder=stage.folder,
        out=out,
        err=err,
    )
    process: Process = First(command)
    with Running(process, out, err) as ako:
        has_a_write_in_hand(stage, ako, 3_600_000)
        process.send_signal(signal.SIGTERM)
        ako.explains("[-] shutdown")
        process.send_signal(signal.SIGTERM)
        assert ako.ends() == 128 + signal.SIGTERM
