"""The program as tests start it: a process of its own, forked from one that has imported all of it already.

Importing is most of what a short command costs, and there are hundreds of starts. A forked process is one like any
other, with a pid, an environment, signals and an exit code of its own; it begins with `main`. What comes before that,
the interpreter and the imports, is seen where a test starts the program `as_typed`.
"""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

import ako
from ako.cli.main import main

# What a process needs to run at all; everything else of our environment could be taken for a setting.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START")

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [found.name for found in pkgutil.walk_packages(ako.__path__, "ako.") if not found.name.endswith("__main__")]
)


def environment(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Give the environment for the program: no setting comes from ours."""
    kept = {name: surroundings[name] for name in ENVIRONMENT if name in surroundings}
    return {**kept, "POD_NAMESPACE": "avi-system", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is started: arguments and environment, where it reads and writes."""

    arguments: Sequence[str]
    variables: Mapping[str, str]
    folder: Path
    out: Path
    err: Path
    stdin: str = os.devnull


class Process(Protocol):
    """A program under way."""

    @property
    def pid(self) -> int:
        """Give the id of the process."""

    def poll(self) -> int | None:
        """Give the exit code, minus the signal that ended it, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and give the exit code; `subprocess.TimeoutExpired` if it does not come."""

    def send_signal(self, number: int, /) -> None:
        """Send a signal, unless it has ended."""

    def kill(self) -> None:
        """End it at once."""


class Start(Protocol):
    """One of the ways to start the program."""

    def __call__(self, command: Command) -> Process:
        """Start it."""


def as_typed(command: Command) -> Process:
    """Start the program as a user does, with an interpreter that imports it."""
    with Path(command.stdin).open("rb") as stdin, command.out.open("ab") as out, command.err.open("ab") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "ako", *command.arguments],
            cwd=command.folder,
            env=dict(command.variables),
            stdin=stdin,
            stdout=out,
            stderr=err,
        )


def forked(command: Command) -> Process:
    """Start the program where everything is imported already."""
    for file in (command.out, command.err):
        file.touch()
    process = _FORKS.Process(target=_main, args=(command,))
    process.start()
    return _Forked(process)


class _Forked:
    """A forked process, as `subprocess` shows one; several threads may look at it."""

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self._process = process
        self._looking = threading.Lock()

    def poll(self) -> int | None:
        with self._looking:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("ako", timeout or 0)
        return code

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _main(command: Command) -> None:
    """What the forked process does: it takes on its surroundings, and is the program from there on."""
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.variables)
    sys.path[1:1] = [place for place in command.variables.get("PYTHONPATH", "").split(os.pathsep) if place]
    _become(0, os.open(command.stdin, os.O_RDONLY | os.O_NOCTTY))
    _become(1, os.open(command.out, os.O_WRONLY | os.O_APPEND))
    _become(2, os.open(command.err, os.O_WRONLY | os.O_APPEND))
    sys.stdin = os.fdopen(0, closefd=False)
    sys.exit(main(command.arguments))


def _become(number: int, opened: int) -> None:
    os.dup2(opened, number)
    os.close(opened)
