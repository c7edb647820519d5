"""The ten minutes of docs/plugins.md, step by step: what is made, served, changed and served again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import requests

from tests.pages.blocks import FENCE, Step, steps
from tests.pages.comparing import fits
from tests.pages.site import ROOT
from tests.ports import free_ports
from tests.waiting import PATIENCE, eventually

PAGE = "docs/plugins.md"
TITLE = "## From nothing to a served host"
STAYS = ("ako sim", "python -m http.server")
ENDS = {"ako plan": 2}
"""There is something to do."""


def text() -> str:
    whole = (ROOT / PAGE).read_text(encoding="utf-8")
    return whole[whole.index(TITLE) :].partition("\n## ")[0]


def done() -> Iterator[Step | str]:
    """Give what the reader does, in order: steps, and blocks of Python to be put somewhere."""
    for fence in FENCE.finditer(text()):
        if fence["language"] == "python":
            yield fence["text"]
        else:
            yield from steps(PAGE, fence[0])


class Reader:
    """Types what the page says, with an installation of a plugin that is a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._site = folder / "site"
        self._bin = folder / "bin"
        self._bin.mkdir()
        install = f"-m pip install -q --no-index --no-build-isolation --no-deps --upgrade --target {self._site} ."
        self._shim("python", '"$@"')
        self._shim("ako", '-m ako "$@"')
        self._shim("pip", install)
        self.simulator, self._files = free_ports(2)
        self._open: list[subprocess.Popen[bytes]] = []
        self._pythons: list[str] = []

    def _shim(self, name: str, arguments: str) -> None:
        script = self._bin / name
        script.write_text(
            f'#!/bin/sh\nPYTHONPATH="$PWD:{self._site}" exec {sys.executable} {arguments}\n', encoding="utf-8"
        )
        script.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._open:
            process.terminate()
            process.wait(PATIENCE)

    def does(self, step: Step | str) -> None:
        """Do one thing."""
        if isinstance(step, str):
            self._edits(step)
        elif step.command.startswith("cd "):
            self.folder /= step.command.removeprefix("cd ")
            values = self.folder / "values.yaml"
            values.write_text(self._here(values.read_text(encoding="utf-8")), encoding="utf-8")
        elif step.command.startswith(STAYS):
            self._starts(self._here(step.command))
        else:
            self._types(step)

    def _types(self, step: Step) -> None:
        command = self._here(step.command)
        ended = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self._variables, capture_output=True, text=True, check=False
        )
        expected = next((code for words, code in ENDS.items() if command.startswith(words)), 0)
        printed = ended.stdout + ended.stderr
        assert ended.returncode == expected, f"{step.where}: {command}\n{printed}"
        assert not step.shown or fits(step.shown, ended.stdout.splitlines()), f"{step.where}: {command}\n{printed}"

    def _starts(self, command: str) -> None:
        log = self.folder.parent / f"log-{len(self._open)}"
        with log.open("wb") as out:
            words = [*command.split()]
            words[0] = str(self._bin / words[0])
            self._open.append(subprocess.Popen(words, cwd=self.folder, env=self._variables, stdout=out, stderr=out))
        port = next(port for port in (self.simulator, self._files) if str(port) in command)
        eventually(lambda: _answers(port), f"{command} answers")

    def _edits(self, block: str) -> None:
        """Put a block where the page says: the second one in the place of the first, the third at the end of a file."""
        self._pythons.append(block)
        module, tests = self.folder / "ako_web_sites/discover.py", self.folder / "tests/test_web_sites.py"
        assert all(path.relative_to(self.folder).as_posix() in text() for path in (module, tests))
        if len(self._pythons) == 2:
            before = module.read_text(encoding="utf-8")
            assert before.endswith(self._pythons[0])
            module.write_text(before.replace(self._pythons[0], self._pythons[1]), encoding="utf-8")
        elif len(self._pythons) == 3:
            tests.write_text(f"{tests.read_text(encoding='utf-8')}\n\n{block}", encoding="utf-8")

    @property
    def _variables(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "PATH": f"{self._bin}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}

    def _here(self, typed: str) -> str:
        """Give what is typed with the ports of this machine."""
        typed = typed.replace("8443", str(self.simulator)).replace("9000", str(self._files))
        for host, place in re.findall(r"--connect-to (\S+?):80:(127\S+)", typed):
            typed = typed.replace(place, self._listener(host))
        return typed

    def _listener(self, host: str) -> str:
        with requests.Session() as http:
            http.trust_env = False
            rows = http.get(f"http://127.0.0.1:{self.simulator}/_sim/listeners", timeout=PATIENCE).json()
        row = next(row for row in rows if host in row["names"])
        return f"{row['address']}:{row['listening_port']}"


def _answers(port: int) -> bool:
    with requests.Session() as http:
        http.trust_env = False
        try:
            return bool(http.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).status_code)
        except requests.ConnectionError:
            return False


@pytest.mark.campaign
@pytest.mark.skipif(shutil.which("curl") is None, reason="the page needs curl")
def test_every_step_does_what_the_page_says(tmp_path: Path) -> None:
    with Reader(tmp_path) as reader:
        for step in done():
            reader.does(step)


def test_what_is_changed_stands_in_what_is_made() -> None:
    """So that the page follows the templates, also where the steps are not taken."""
    blocks = [step for step in done() if isinstance(step, str)]
    made = (ROOT / "ako/cli/plugin_templates/ako-my-source/ako_my_source/discover.py").read_text(encoding="utf-8")
    assert len(blocks) == 3
    assert made.endswith(blocks[0])
