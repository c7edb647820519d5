"""The limit of hooks in one process: whose time it is, who is ended, what is refused, and what is put back."""

from __future__ import annotations

import _thread
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ako import (
    Backend,
    Kind,
    Metadata,
    Placement,
    Service,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    hookimpl,
)
from ako.core.control.culprit import is_plugins, may_be_cut
from ako.core.control.hook_limit import HookLimit
from ako.core.hooks import calls
from ako.core.hooks.loading import Plugin
from ako.core.hooks.placement import PLACE
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, endpoints, ingress, service

LIMIT = 0.15
OTHERS = (CLASS, service("web"), endpoints("web", "10.0.0.1"))


class Does:
    """Does what a test wants when it is asked to translate, or for the servers of a Service that is called `slow`."""

    def __init__(self, deed: Callable[[View], object], place: Callable[[], object] = lambda: None) -> None:
        self._deed = deed
        self._place = place

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost, view: View) -> Translation | None:
        self._deed(view)
        return None

    @hookimpl
    def ako_place_backend(self, backend: Backend) -> Placement | None:
        if backend.service == "slow":
            self._place()
        return None


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "AGAIN", 0.05)


def rehearse(*plugins: Does) -> Rehearsal:
    """Serve shop.com with plugins beside, under a limit."""
    named = [Plugin(f"p{number}", plugin) for number, plugin in enumerate(plugins)]
    rehearsal = Rehearsal((*named, "ingress", "clusterip_routes"))
    rehearsal.host.calls.limit = LIMIT
    with HookLimit(rehearsal.host.calls):
        rehearsal.apply(*OTHERS, ingress("shop", ("shop.com", "/", "web:80")))
    return rehearsal


def loop(_: object = None) -> None:
    while True:
        pass


def ends_after_three() -> Callable[[object], None]:
    swallowed: list[BaseException] = []

    def deed(_: object) -> None:
        while len(swallowed) < 3:
            try:
                loop()
            except BaseException as fault:  # noqa: BLE001 - what a careless author writes
                swallowed.append(fault)

    return deed


@pytest.mark.parametrize(
    "deed",
    [
        loop,
        lambda _: time.sleep(60),
        lambda _: threading.Lock().acquire() and threading.Event().wait(),
        ends_after_three(),
    ],
    ids=["loop", "sleep", "wait", "swallows"],
)
def test_what_does_not_answer_in_time_is_ended_and_its_answer_if_any_not_taken(deed: Callable[[View], object]) -> None:
    began = time.monotonic()
    rehearsal = rehearse(Does(deed))
    assert time.monotonic() - began < 30
    assert rehearsal.host.calls.suspensions.names == {"p0"}
    (doubt,) = rehearsal.doubts().values()
    words = (
        f"the translating plugin `p0` is suspended: it had not answered ako_translate for host shop.com after {LIMIT} s"
    )
    assert doubt == words
    assert rehearsal.host.calls.first_faults == {("p0", "ako_translate"): words}


def test_of_hooks_within_each_other_the_one_that_is_at_work_is_to_blame() -> None:
    def asks(view: View) -> None:
        view.ask(view.input(PLACE), Backend("default", "slow"))

    rehearsal = rehearse(Does(asks), Does(lambda _: None, place=loop))
    assert rehearsal.host.calls.suspensions.names == {"p1"}
    assert set(rehearsal.host.calls.failures) == {("p1", "ako_place_backend")}


def test_a_query_that_hangs_when_what_it_read_has_changed_is_ended_too() -> None:
    """There is no hook around it then; it is on account of the one that asked for it first."""
    is_stuck: list[bool] = []

    def query(view: View) -> str:
        found = view.get(Service, "default", "web")
        if is_stuck:
            loop()
        return repr(found)

    rehearsal = rehearse(Does(lambda view: view.ask(query)))
    assert not rehearsal.doubts()
    wanted = rehearsal.objects()
    is_stuck.append(True)
    with HookLimit(rehearsal.host.calls):
        rehearsal.apply(service("web", 81))
    assert set(rehearsal.host.calls.failures) == {("p0", "ako_translate")}
    assert rehearsal.objects().keys() == wanted.keys()


@pytest.mark.campaign  # it stops the process for seconds, which a busy machine makes longer
def test_the_time_in_which_the_machine_stood_still_is_not_that_of_the_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "LIMIT", 1.5)
    stopped = f"sleep 0.2; kill -STOP {os.getpid()}; sleep 3; kill -CONT {os.getpid()}"

    def works(_: object) -> None:
        began = time.monotonic()
        while time.monotonic() - began < 3.0:  # which is over when it goes on after that
            pass

    with subprocess.Popen(["/bin/sh", "-c", stopped]):
        rehearsal = rehearse(Does(works))
    assert not rehearsal.host.calls.failures
    assert rehearsal.host.calls.durations.read()["p0", "ako_translate"].seconds < 2.0


@pytest.mark.parametrize("seconds", [0, 3600], ids=["stops it", "sets it"])
def test_a_plugin_that_stops_the_clock_for_itself_does_not_for_others(seconds: int) -> None:
    rehearsal = rehearse(Does(lambda _: signal.alarm(seconds)), Does(loop))
    assert rehearsal.host.calls.suspensions.names == {"p1"}


def test_nothing_is_ended_with_the_lock_of_the_log_in_hand() -> None:
    """Every other thread would wait for it from then on."""
    found: list[tuple[str, bool, bool]] = []

    class Looks(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            for depth in (0, 1):  # this method, which is nobody's but the plugin's, and who holds the lock for it
                frame = sys._getframe(depth)
                found.append((frame.f_globals["__name__"], is_plugins(frame), may_be_cut(frame)))

    log = logging.getLogger("careless")
    log.addHandler(handler := Looks())
    try:
        rehearse(Does(lambda _: log.error("again")))
    finally:
        log.removeHandler(handler)
    assert found == [(__name__, True, True), ("logging", True, False)]


REFUSED: dict[str, Callable[[], object]] = {
    "thread": lambda: threading.Thread(target=print).start(),
    "process": lambda: subprocess.run([sys.executable, "-V"], check=False),
    "shell": lambda: os.system("true"),
    "fork": os.fork,
    "signal": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "network": lambda: socket.create_connection(("127.0.0.1", 9)),
    "names": lambda: socket.getaddrinfo("localhost", 80),
    "file": lambda: Path("written").write_text("x"),
    "descriptor": lambda: os.open("written", os.O_CREAT | os.O_WRONLY),
    "temporary": tempfile.TemporaryFile,
    "folder": lambda: Path("made").mkdir(),
    "removal": lambda: Path("nothing").unlink(),
    "environment": lambda: os.environ.update(AKO_WAS_HERE="1"),
    "listener": lambda: sys.addaudithook(lambda *_: None),
}


@pytest.mark.parametrize(
    ("what", "is_swallowed"), [*((what, False) for what in REFUSED), ("thread", True), ("file", True)]
)
def test_what_no_hook_may_is_not_done_and_is_its_fault(
    what: str, is_swallowed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = threading.active_count()

    def deed(_: object) -> None:
        try:
            REFUSED[what]()
        except BaseException:
            if not is_swallowed:
                raise

    rehearsal = rehearse(Does(deed))
    (doubt,) = rehearsal.doubts().values()
    assert doubt.startswith("the translating plugin `p0` failed in ako_translate for host shop.com: it would ")
    assert doubt.endswith("which no hook may")
    assert (list(tmp_path.iterdir()), threading.active_count(), os.environ.get("AKO_WAS_HERE")) == ([], before, None)
    REFUSED["folder"]()  # outside of a hook nobody minds


ALLOWED: dict[str, Callable[[], object]] = {
    "reads": lambda: Path(__file__).read_text(encoding="utf-8"),
    "imports": lambda: __import__("this_is_imported_late"),
    "logs": lambda: logging.getLogger("late").debug("x"),
    "matches": lambda: __import__("re").match("a*b", "aaab"),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_any_code_does_is_no_fault(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled when something is imported is kept beside it."""
    (tmp_path / "this_is_imported_late.py").write_text("import random, decimal\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    rehearsal = rehearse(Does(lambda _: ALLOWED[what]()))
    assert rehearsal.doubts() == {}
    assert (tmp_path / "__pycache__").exists() is (what == "imports")
    sys.modules.pop("this_is_imported_late", None)


CHANGED: dict[str, Callable[[], Any]] = {
    "the handler of SIGTERM": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "the handler of SIGALRM": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
    "the limit of recursion": lambda: sys.setrecursionlimit(10**6),
    "what is logged": lambda: logging.disable(logging.CRITICAL),
    "what is logged (to nowhere)": lambda: logging.basicConfig(force=True, handlers=[logging.NullHandler()]),
    "how long sockets wait": lambda: socket.setdefaulttimeout(0.001),
    "standard error": lambda: setattr(sys, "stderr", None),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_a_hook_changes_for_everybody_is_put_back_and_told(what: str) -> None:
    before = process()
    rehearsal = rehearse(Does(lambda _: CHANGED[what]()))
    after = process()
    (doubt,) = rehearsal.doubts().values()
    assert doubt.endswith(f"it changed {what.partition(' (')[0]} for everybody")
    assert after == before


def process() -> tuple[object, ...]:
    logs = (logging.root.manager.disable, logging.root.handlers.copy())
    return (signal.getsignal(signal.SIGTERM), sys.getrecursionlimit(), *logs, socket.getdefaulttimeout(), sys.stderr)


@pytest.fixture
def timed() -> Iterator[list[int]]:
    """Have a timer and a handler of our own, as those have who limit the time of tests."""
    rung: list[int] = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    left, interval = signal.setitimer(signal.ITIMER_REAL, 500.0)
    yield rung
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, left, interval)


def test_whoever_had_a_timer_has_it_again(timed: list[int]) -> None:
    handler = signal.getsignal(signal.SIGALRM)
    rehearse(Does(loop))
    assert signal.getsignal(signal.SIGALRM) is handler
    assert 400.0 < signal.getitimer(signal.ITIMER_REAL)[0] < 500.0
    assert timed == []


def test_in_another_thread_nothing_is_ended_or_refused_and_what_took_long_is_told(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SLOW", 0.05)
    done: list[Rehearsal] = []

    def deed(_: object) -> None:
        _thread.start_new_thread(lambda: None, ())
        until = time.monotonic() + 2 * LIMIT
        while time.monotonic() < until:
            pass

    thread = threading.Thread(target=lambda: done.append(rehearse(Does(deed))))
    thread.start()
    thread.join()
    assert done[0].doubts() == {}
    assert any("took 0." in text and "ako_translate for host shop.com" in text for text in caplog.messages)


class Filed(Struct, frozen=True):
    """An object whose name says how its index is to behave."""

    metadata: Metadata


class Files:
    """Declares a kind with an index that hangs."""

    @hookimpl
    def ako_kinds(self) -> list[WatchedKind]:
        kind = Kind("filed.test", "v1", "Filed")
        return [WatchedKind(kind=kind, plural="fileds", record=Filed, indexes={"name": self.keys})]

    def keys(self, filed: Filed) -> Iterator[str]:
        if filed.metadata.name.startswith("slow"):
            loop()
        yield filed.metadata.name


def test_an_index_that_hangs_is_ended_once_and_not_for_each_object() -> None:
    rehearsal = Rehearsal((Plugin("files", Files()), "ingress", "clusterip_routes"))
    rehearsal.host.calls.limit = LIMIT
    objects = [{"apiVersion": "filed.test/v1", "kind": "Filed", "metadata": {"name": f"slow{n}"}} for n in range(50)]
    with HookLimit(rehearsal.host.calls):
        rehearsal.apply(*objects, *OTHERS, ingress("shop", ("shop.com", "/", "web:80")))
    assert rehearsal.host.calls.failures == {("files", "ako_kinds"): 1}
    assert any(ref.name == "my-cluster--shop.com_-default-shop" for ref in rehearsal.objects())
