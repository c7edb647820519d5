"""The product as a process of its own: started, asked for readiness, read, stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import requests

from tests.scenarios.waiting import wait_until

LISTENING = re.compile(r"listening on\s+\S*?:(\d+)", re.IGNORECASE)
START_SECONDS = 30.0
STOP_SECONDS = 30.0
ANSWER_SECONDS = 5.0

# What a process needs to run at all; everything else of our environment could be taken for a setting.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START")


class ProcessError(AssertionError):
    """The process did not start, did not stop, or ended by itself."""


def environment(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Give the environment for the product: no setting comes from ours."""
    kept = {name: surroundings[name] for name in ENVIRONMENT if name in surroundings}
    return {**kept, "POD_NAMESPACE": "avi-system", "PYTHONUNBUFFERED": "1"}


class AkoProcess:
    """`ako run` in a subprocess; output and log of each run go to a file of their own."""

    def __init__(self, config: Path, kubeconfig: Path, folder: Path) -> None:
        self._command = [sys.executable, "-m", "ako", "run", "--config", str(config), "--kubeconfig", str(kubeconfig)]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._run = 0

    @property
    def log(self) -> Path:
        """The file that the present run writes to."""
        return self._folder / f"ako-{self._run}.log"

    def log_lines(self) -> Sequence[str]:
        """Give what the present run has written."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []

    def start(self) -> None:
        """Start the product and wait until it says where it listens."""
        self._run += 1
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(os.environ),
                cwd=self._folder,
            )
        port = wait_until(self._announced_port, START_SECONDS)
        if port is None:
            raise ProcessError(f"`ako run` did not say where it listens within {START_SECONDS:.0f} s")
        self._port = port

    def stop(self) -> None:
        """Ask the product to end, and insist that it does so in good order."""
        if self._process is None:
            return
        self.require_running()
        self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessError(f"`ako run` was still there {STOP_SECONDS:.0f} s after SIGTERM") from None
        self._process = None
        # A process that SIGTERM simply killed has not put its things in order.
        if code != 0:
            raise ProcessError(f"`ako run` ended with exit code {code} after SIGTERM; 0 was expected")

    def kill(self) -> None:
        """End the process whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def require_running(self) -> None:
        """Raise if the product ended by itself."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise ProcessError(f"`ako run` ended by itself with exit code {code}")

    def ready(self) -> bool | None:
        """Say what the readiness endpoint says; None if it does not answer."""
        status, _ = self.readiness()
        return None if status is None else status == HTTPStatus.OK

    def readiness(self) -> tuple[int | None, str]:
        """Give status and text of the readiness endpoint, with the reasons; no status if it does not answer."""
        with requests.Session() as http:
            http.trust_env = False
            try:
                answer = http.get(f"http://127.0.0.1:{self._port}/readyz?verbose", timeout=ANSWER_SECONDS)
            except requests.RequestException as error:
                return None, str(error)
            return answer.status_code, answer.text

    def _announced_port(self) -> int | None:
        self.require_running()
        found = next(filter(None, map(LISTENING.search, self.log_lines())), None)
        return int(found[1]) if found else None
