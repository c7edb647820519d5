"""A plugin that would end the process, hang it or do what plugins have no business with: it is named, others go on."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.builders import ingress
from tests.e2e import careless
from tests.e2e.stage import LISTENING, Stage
from tests.waiting import eventually

pytestmark = pytest.mark.as_typed

FAILED = "the translating plugin `careless` failed in ako_translate for host {}.com: {}"
LATE = "the translating plugin `careless` is suspended: it had not answered ako_translate for host {}.com after 1 s"
WRONGS = {
    "exit": "it raised SystemExit: 7",
    "doom": "it raised Doom: black",
    "interrupt": "it raised KeyboardInterrupt",
    "generator": "it raised GeneratorExit",
    "deep": "it raised RecursionError: maximum recursion depth exceeded",
    "shy": "it would start a thread (_thread.start_new_thread), which no hook may",
    "write": "it would write a file (open), which no hook may",
    "later": "it raised LookupError: colorsys",
    "deaf": "it changed the handler of SIGTERM and what is logged for everybody",
}


@pytest.fixture
def careless_stage(stage: Stage, tmp_path: Path) -> Stage:
    careless.install(stage, tmp_path / "site")
    return stage


def test_whatever_it_raises_or_would_do_is_its_fault_and_the_run_says_so(careless_stage: Stage) -> None:
    stage = careless_stage
    stage.put("bad", *(ingress(f"bad-{name}", (f"{name}.com", "/", "web:80")) for name in WRONGS))
    done = stage.ako("run", "--once")
    assert done.returncode == 1, done.stderr
    for name, what in WRONGS.items():
        assert FAILED.format(name, what) in done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("a plugin failed: "))
    assert line.endswith("(9 times; this was the first)")
    assert "Traceback" not in done.stderr
    assert stage.avi.pool_of("shop.com") is not None
    assert not (stage.folder / "written").exists()
    assert stage.ako("plan").returncode == 1


MORE = pytest.mark.campaign
"""Each takes a process and a second of its own."""


@pytest.mark.parametrize(
    "wrong", ["sleep", *(pytest.param(name, marks=MORE) for name in ("loop", "match", "lock", "mumble"))]
)
def test_who_does_not_answer_in_time_is_suspended_and_the_others_are_served(careless_stage: Stage, wrong: str) -> None:
    stage = careless_stage
    stage.put("bad", ingress("bad", (f"{wrong}.com", "/", "web:80")))
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    assert f"a plugin failed: {LATE.format(wrong)}" in done.stderr
    assert done.stderr.count("PluginSuspended") <= 1


def test_it_is_tried_again_without_a_restart(careless_stage: Stage) -> None:
    stage = careless_stage
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.put("bad", ingress("bad", ("sleep.com", "/", "web:80")))
        ako.says(LATE.format("sleep"))
        stage.remove("bad")
        ako.says("plugin careless answers in time again, after ")
        assert stage.avi.pool_of("shop.com") is not None
        ako.stop()


@pytest.mark.parametrize("wrong", ["sleep", *(pytest.param(name, marks=MORE) for name in ("loop", "swallow"))])
def test_a_signal_ends_the_process_though_a_hook_hangs(stage: Stage, tmp_path: Path, wrong: str) -> None:
    """At once, and not only when the limit is reached."""
    careless.install(stage, tmp_path / "site", limit=300)
    stage.put("bad", ingress("bad", (f"{wrong}.com", "/", "web:80")))
    with stage.start() as ako:
        ako.says(f" s on ako_translate for host {wrong}.com")
        assert ako.metric('ako_plugin_hook_running_seconds{hook="ako_translate",plugin="careless"}') >= 2.0
        ako.stop()
        assert "failed in" not in ako.err


def test_who_replaces_what_is_not_its_own_is_refused_at_start(careless_stage: Stage, tmp_path: Path) -> None:
    stage = careless_stage
    patching = "import ako\nako.View.get = lambda *_: None\nako.shard = print\n"
    (tmp_path / "site" / "ako_careless.py").write_text(f"{patching}{careless.SOURCE}")
    done = stage.ako("run", "--once")
    assert done.returncode == 64
    assert "plugin careless (ako-careless 1.0, ako_careless) replaces what is not its own" in done.stderr
    assert "when it is imported: ako.core.engine.view.View.get, ako.shard. " in done.stderr
    assert stage.avi.ours() == {}


def test_who_replaces_what_is_not_its_own_in_a_hook_has_nothing_written_after_it(careless_stage: Stage) -> None:
    """What was worked out with it is not to be trusted: hosts that seem to want nothing any more stay."""
    stage = careless_stage
    stage.converge()
    before = stage.avi.ours()
    stage.put("bad", ingress("a-bad", ("patch.com", "/", "web:80")))
    mark = stage.avi.mark()
    with stage.start() as ako:
        assert ako.ends() == 1
        assert "a plugin replaced what is not its own: ako.core.engine.view.View.get; it was one of those" in ako.err
        assert "asked just now: careless" in ako.err
    assert stage.avi.ours() == before
    assert [request.path for request in stage.avi.writes_since(mark) if "/api/" in request.path] == []


def test_a_plugin_that_cannot_be_asked_holds_nobody_up_whom_it_left_to_others(careless_stage: Stage) -> None:
    stage = careless_stage
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.put("bad", ingress("bad", ("sleep.com", "/", "web:80")))
        ako.says(LATE.format("sleep"))
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        stage.put("shop", ingress("shop", ("shop.com", "/new", "web:80")))
        eventually(lambda: "c--shop.com_new-default-shop" in str(stage.avi.ours().keys()), "the new path")
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        assert ako.metric('ako_plugin_suspended{plugin="careless"}') == 1
        assert stage.avi.pool_of("sleep.com") is None
        ako.stop()


@pytest.mark.campaign
def test_what_holds_the_interpreter_is_in_the_log_before_the_probe_kills_the_process(careless_stage: Stage) -> None:
    """No signal reaches it, no page is answered; that is for the probe, and for whoever reads the log afterwards."""
    stage = careless_stage
    stage.put("bad", ingress("bad", ("hold.com", "/", "web:80")))
    with stage.start() as ako:
        ako.says("Timeout (0:00:11)!")
        ako.says("ako_careless.py")
        found = LISTENING.search(ako.out)
        assert found
        with pytest.raises(requests.Timeout):
            requests.get(f"{found[1]}/healthz", timeout=3)
