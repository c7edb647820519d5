"""A newcomer's path: what the README has typed first leads from a clone to an Ingress that is explained."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contract.fresh_venv import FreshVenv
from tests.pages.blocks import Step, read, steps
from tests.pages.site import ROOT
from tests.ports import free_ports

MOST_LINES = 10
EXPLAINED = "→ Name one that it has, or add the port to it."


def path() -> Sequence[Step]:
    """Give what is typed, from the clone to the explanation."""
    typed = [step for step in steps("README.md", read("README.md")) if step.section == "Try it"]
    first = next(number for number, step in enumerate(typed) if step.command.startswith("git clone"))
    last = next(number for number, step in enumerate(typed) if step.command.startswith("ako explain"))
    return typed[first : last + 1]


def test_it_is_short_and_leads_through_check_plan_and_explain() -> None:
    commands = [step.command for step in path()]
    assert sum(len(command.splitlines()) for command in commands) <= MOST_LINES
    words = [command.split()[1] for command in commands if command.startswith("ako ")]
    assert words == ["check", "sim", "plan", "explain"]


@pytest.mark.campaign
def test_it_can_be_gone_from_a_clone(tmp_path: Path) -> None:
    """All of it is typed; what `make demo` installs is there already, for nothing is fetched in tests."""
    clone = tmp_path / "ako"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    FreshVenv(clone / ".venv").install(str(clone))
    (clone / ".venv" / ".installed").touch()
    (port,) = free_ports(1)
    settings = clone / "examples" / "values.yaml"
    settings.write_text(settings.read_text().replace("8443", str(port)))
    typed = [step.command.replace("8443", str(port)) for step in path()]
    typed[0] = f"cd {clone}"
    script = "\n".join([*typed, "kill $!", ""])
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, env=kept, cwd=tmp_path, check=False)
    assert "promises kept" in done.stdout, done.stderr
    assert f'to type it as ako:  export PATH="{clone}/.venv/bin:$PATH"' in done.stdout
    assert done.stdout.count("PortNotFound") >= 3, done.stdout[-3000:]
    assert EXPLAINED in done.stdout
