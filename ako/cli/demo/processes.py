"""`ako run` and `ako plan` as processes, started the way a user starts them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ako.cli.demo.narration import BrokenPromiseError
from ako.cli.demo.waiting import LIMIT, wait_until

# What a process needs to run at all; everything else of our environment could be taken for a setting, or for a proxy.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")

_LISTENING = re.compile(r"listening on (http://\S+)")

CONFIG = "values.yaml"
MANIFESTS = "manifests"


class Finished(Struct, frozen=True):
    """How a command ended and what it printed."""

    exit_code: int
    lines: tuple[str, ...]
    log: str


class Programs:
    """Starts commands in the folder of the demonstration.

    Args:
        folder: with the settings and the manifests.
        settings: helm keys that differ from the file, such as where the simulator listens.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        given = {f"AKO_{key.replace('.', '__').upper()}": value for key, value in settings.items()}
        self._environment = {**kept, **given, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}

    @staticmethod
    def spelt(command: str, manifests: str = MANIFESTS) -> str:
        """Give a command as a user types it."""
        return f"ako {command} --config {CONFIG} --manifests {manifests}"

    def finish(self, command: str, manifests: str = MANIFESTS) -> Finished:
        """Run a command to its end."""
        spelt = self.spelt(command, manifests)
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                self._arguments(spelt),
                cwd=self._folder,
                env=self._environment,
                capture_output=True,
                encoding="utf-8",
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BrokenPromiseError(f"`{spelt}` did not end within {LIMIT:.0f} s") from None
        return Finished(done.returncode, tuple(done.stdout.splitlines()), done.stderr)

    def start(self, report: str) -> RunningController:
        """Start `ako run`; it reports to a file of that name."""
        log = self._folder / "ako.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*self._arguments(self.spelt("run")), "--report", report],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us; we end the controller in good order ourselves.
                start_new_session=True,
            )
        return RunningController(process, log)

    @staticmethod
    def _arguments(spelt: str) -> list[str]:
        return [sys.executable, "-m", *spelt.split()]


class RunningController:
    """`ako run` while it runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def url(self) -> str:
        """Give where it serves health and metrics, once it does."""
        wait_until(lambda: self._process.poll() is not None or bool(_LISTENING.search(self.log.read_text())))
        match = _LISTENING.search(self.log.read_text())
        if match is None:
            raise BrokenPromiseError(f"`ako run` did not start:\n{self.log.read_text()}")
        return match[1]

    @property
    def exit_code(self) -> int | None:
        """Give how it ended; None while it runs."""
        return self._process.poll()

    def complaints(self) -> str:
        """Give what it wrote beside saying where it listens."""
        return "\n".join(line for line in self.log.read_text().splitlines() if not _LISTENING.match(line))

    def wait(self, seconds: float) -> None:
        """Wait for some time for its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def stop(self) -> int:
        """End it in good order and give its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
