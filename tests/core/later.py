"""An executor without threads: what it is given is done when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class Later(Executor):
    """Keeps what is submitted."""

    def __init__(self, *_: object) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting.append(lambda: fn(*args, **kwargs))
        return Future()

    def do(self) -> None:
        """Do what was submitted first."""
        self.waiting.pop(0)()
