"""The way to the process under test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.waiting import PATIENCE

_ROOT = Path(__file__).parents[2]


class Process:
    """A controller in a process of its own; its log goes to a file."""

    def __init__(self, kubeconfig: Path, url: str, flags: Mapping[str, str], seed: int, page: int, log: Path) -> None:
        self.log = log
        given = (str(kubeconfig), url, json.dumps(dict(flags)), str(seed), str(page))
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.soak.subject", *given],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=_ROOT,
            )

    def ask(self, question: str = "state") -> dict[str, Any]:
        """Ask it something."""
        told, answers = self._pipes()
        told.write(f"{question}\n")
        told.flush()
        line = answers.readline()
        assert line, f"the controller has ended:\n{self.log.read_text()[-4000:]}"
        answer: dict[str, Any] = json.loads(line)
        assert answer.get("is_alive", True), f"the controller has failed:\n{self.log.read_text()[-4000:]}"
        return answer

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipes()[0].close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._pipes()[1].close()
