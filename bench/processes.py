"""Processes of a benchmark, and what the operating system counts of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, TypeVar

from bench.errors import BenchError

T = TypeVar("T")

# What a process needs to run at all; everything else of our environment could be taken for a setting, or for a proxy.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")

_START_LIMIT = 60.0
_STOP_LIMIT = 60.0


def wait_for(condition: Callable[[], T | None], limit: float, what: str, *, pause: float = 0.02) -> T:
    """Give the first answer of a condition that is not None.

    Raises:
        BenchError: there was none in time.
    """
    deadline = time.monotonic() + limit
    while (answer := condition()) is None:
        if time.monotonic() > deadline:
            raise BenchError(f"not within {limit:.0f} s: {what}")
        time.sleep(pause)
    return answer


class Program:
    """`python -m …` as a process of its own; what it prints goes to a file."""

    def __init__(self, arguments: list[str], output: Path, variables: Mapping[str, str] | None = None) -> None:
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._output = output
        self._spelt = " ".join(arguments[:2])
        with output.open("wb") as stream:
            self.started = time.time()
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-m", *arguments],
                cwd=output.parent,
                env={**kept, "PYTHONUNBUFFERED": "1", "POD_NAMESPACE": "avi-system", **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us; we end everything in good order ourselves.
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self._process.pid

    @property
    def output(self) -> str:
        """Give what it has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def announced(self, pattern: str) -> str:
        """Wait until it prints a text, and give the first group of it."""

        def found() -> str | None:
            self.require_running()
            match = re.search(pattern, self.output)
            return match[1] if match else None

        return wait_for(found, _START_LIMIT, f"`{self._spelt}` prints {pattern}", pause=0.005)

    def require_running(self) -> None:
        """Raise if it ended by itself."""
        code = self._process.poll()
        if code is not None:
            raise BenchError(f"`{self._spelt}` ended by itself with exit code {code}:\n{self.output[-2000:]}")

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def cpu_seconds(self) -> float:
        """Give the processor time it has used, threads that ended included.

        `/proc/<pid>/stat` counts in hundredths of a second, as much as a whole change takes. The processor clock of a
        process counts in nanoseconds; `clock_getcpuclockid(3)` makes its id from the process id like this.
        """
        return time.clock_gettime((~self.pid << 3) | 2)

    def peak_memory_mib(self) -> float:
        """Give the most memory it has held, in MiB."""
        return self._memory_mib("VmHWM")

    def memory_mib(self) -> float:
        """Give the memory it holds, in MiB."""
        return self._memory_mib("VmRSS")

    def _memory_mib(self, counter: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        match = re.search(rf"^{counter}:\s*(\d+) kB$", status, re.MULTILINE)
        if match is None:
            raise BenchError(f"the system does not say how much memory process {self.pid} holds")
        return int(match[1]) / 1024
