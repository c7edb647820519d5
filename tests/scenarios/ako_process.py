"""The product as a process of its own, forked or started as a user starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess

from tests.program import Command, Process, Start, as_typed, environment, forked
from tests.scenarios.product import Product, ProductError
from tests.waiting import PATIENCE, wait_until

LISTENING = re.compile(r"listening on\s+\S*?:(\d+)", re.IGNORECASE)


class AkoProcess(Product):
    """`ako run` in a process; what it prints goes into its log too."""

    _start: Start = staticmethod(forked)
    _process: Process | None = None

    def _begin(self) -> int:
        variables = environment(os.environ)
        self._process = self._start(
            Command(arguments=self.arguments, variables=variables, folder=self._folder, out=self.log, err=self.log)
        )
        port = wait_until(self._announced_port)
        if port is None:
            raise ProductError(f"`ako run` did not say where it listens within {PATIENCE:.0f} s")
        return port

    def stop(self) -> None:
        """Ask the product to end, and insist that it does so in good order."""
        if self._process is None:
            return
        self.require_running()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProductError(f"`ako run` was still there {PATIENCE:.0f} s after SIGTERM") from None
        self._process = None
        # A process that SIGTERM simply killed has not put its things in order.
        if code != 0:
            raise ProductError(f"`ako run` ended with exit code {code} after SIGTERM; 0 was expected")

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
            raise ProductError(f"`ako run` ended by itself with exit code {code}")

    def _announced_port(self) -> int | None:
        self.require_running()
        found = next(filter(None, map(LISTENING.search, self.log_lines())), None)
        return int(found[1]) if found else None


class AkoAsTyped(AkoProcess):
    """`ako run` as a user starts it, with an interpreter that imports it."""

    _start = staticmethod(as_typed)
