"""The product in a thread of this process, for scenarios in which a process of its own proves nothing more.

It is put together by the code of `ako run`, listens on a port, and ends as a signal would end it. What differs: it
begins with the arguments and not with an interpreter, it cannot be killed, and what pure functions remember stays.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr
from pathlib import Path
from unittest import mock

from ako.cli.main import build_parser
from ako.cli.wiring import Wired, wire
from ako.core.base.errors import AkoError
from ako.core.control.health_server import HealthServer
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from tests.program import environment
from tests.scenarios.product import Product, ProductError
from tests.waiting import PATIENCE


class AkoThread(Product):
    """`ako run` in a thread."""

    def __init__(self, config: Path, cluster: Sequence[str], folder: Path) -> None:
        super().__init__(config, cluster, folder)
        self._wired: Wired | None = None
        self._thread = threading.Thread()
        self._afterwards = ExitStack()
        self._others: set[threading.Thread] = set()
        self._failure: Exception | None = None

    def _begin(self) -> int:
        self._others = set(threading.enumerate())
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, environment(os.environ), clear=True))
            stack.enter_context(logging_to(self.log))
            metrics = Metrics()
            try:
                self._wired = wire(build_parser("run").parse_args(self.arguments), follows=True, observer=metrics)
            except AkoError as error:
                raise ProductError(f"`ako run` did not start: {error}") from error
            port = self._wired.settings.ako_settings.api_server_port
            server = HealthServer(health_of(self._wired.controller, metrics), port)
            server.start()
            stack.callback(server.stop)
            self._thread = threading.Thread(target=self._work, args=(self._wired,), name="controller")
            self._thread.start()
            self._afterwards = stack.pop_all()
        return server.port

    def stop(self) -> None:
        """Ask the product to end, and insist that it does so in good order, without a thread that would keep it."""
        self.require_running()
        self.kill()
        self.require_running()
        if left := [thread for thread in threading.enumerate() if not thread.daemon and thread not in self._others]:
            raise ProductError(f"`ako run` was still there {PATIENCE:.0f} s after it was stopped: {left}")

    def kill(self) -> None:
        """End it."""
        if self._wired is not None:
            self._wired.controller.stop()
            self._thread.join(PATIENCE)
            self._afterwards.close()
            self._wired = None

    def require_running(self) -> None:
        """Raise what ended the product by itself, if anything did."""
        if self._failure is not None:
            raise ProductError(f"`ako run` ended by itself: {self._failure!r}") from self._failure

    def _work(self, wired: Wired) -> None:
        try:
            wired.controller.run()
        except Exception as failure:  # noqa: BLE001 - told by whoever looks after it
            self._failure = failure


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Have the log that is configured meanwhile go to a file, and all as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []  # or they would be closed
    try:
        with file.open("w", encoding="utf-8") as stream, redirect_stderr(stream):
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
