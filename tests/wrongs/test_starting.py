"""Plugins that are wrong from the start: the program ends before it asks for anything, and names them."""

from __future__ import annotations

import pytest

from tests.e2e.stage import Stage
from tests.wrongs.scene import DISTRIBUTION, enable, install
from tests.wrongs.starting import STARTING
from tests.wrongs.trial import is_said
from tests.wrongs.wrong import Wrong


def refusal_of(stage: Stage, wrong: Wrong) -> str:
    """Run once with a plugin; give the line with which that ends."""
    install(stage, [wrong], f"site-{wrong.name}")
    enable(stage, [wrong])
    done = stage.ako("run", "--once")
    assert done.returncode == wrong.exit, f"exit code {done.returncode}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_they_are_refused_and_nothing_is_touched(stage: Stage) -> None:
    """One after the other, on a Controller where something is served."""
    stage.converge()
    before, mark = stage.avi.ours(), stage.avi.mark()
    faults = []
    for wrong in STARTING:
        try:
            line = refusal_of(stage, wrong)
            assert is_said(wrong.says, line), f"{wrong.says!r} is not in {line!r}"
        except AssertionError as fault:
            faults.append(f"{wrong.name}: {fault}")
    assert not faults, "\n".join(faults)
    assert stage.avi.ours() == before
    assert stage.avi.mark() == mark


def test_the_distribution_is_named_too(stage: Stage) -> None:
    (namesake,) = (wrong for wrong in STARTING if wrong.name == "ingress")
    assert DISTRIBUTION in refusal_of(stage, namesake)


@pytest.mark.parametrize("command", ["plan", "rbac", "plugins"])
def test_no_command_works_with_one(stage: Stage, command: str) -> None:
    install(stage, STARTING[:1])
    enable(stage, STARTING[:1])
    words = {"plan": ("plan",), "rbac": ("rbac",), "plugins": ("plugins", "list")}[command]
    done = stage.ako(*words) if command == "plan" else stage.without_cluster(*words)
    assert done.returncode == STARTING[0].exit
    assert is_said(STARTING[0].says, done.stderr)
