"""The product of a scenario: started, asked for readiness, read, stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import requests

from tests.waiting import PATIENCE


class ProductError(AssertionError):
    """The product did not start, did not stop, or ended by itself."""


class Product(ABC):
    """`ako run` on a cluster that arguments name; the log of each run goes to a file of its own."""

    def __init__(self, config: Path, cluster: Sequence[str], folder: Path) -> None:
        self.arguments = ("run", "--config", str(config), *cluster)
        self._folder = folder
        self._run = 0
        self._port = 0

    @property
    def log(self) -> Path:
        """The file that the present run writes to."""
        return self._folder / f"ako-{self._run}.log"

    @property
    def port(self) -> int:
        """Give the port that the present run listens on."""
        return self._port

    def log_lines(self) -> Sequence[str]:
        """Give what the present run has written."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []

    def start(self) -> None:
        """Begin another run, and wait until it listens."""
        self._run += 1
        self._port = self._begin()

    @abstractmethod
    def _begin(self) -> int:
        """Start it, and give the port it listens on."""

    @abstractmethod
    def stop(self) -> None:
        """Ask it to end, and insist that it does so in good order."""

    @abstractmethod
    def kill(self) -> None:
        """End it whatever it does."""

    @abstractmethod
    def require_running(self) -> None:
        """Raise if it ended by itself."""

    def ready(self) -> bool | None:
        """Say what the readiness endpoint says; None if it does not answer."""
        status, _ = self.readiness()
        return None if status is None else status == HTTPStatus.OK

    def readiness(self) -> tuple[int | None, str]:
        """Give status and text of the readiness endpoint, with the reasons; no status if it does not answer."""
        with requests.Session() as http:
            http.trust_env = False
            try:
                answer = http.get(f"http://127.0.0.1:{self._port}/readyz?verbose", timeout=PATIENCE)
            except requests.RequestException as error:
                return None, str(error)
            return answer.status_code, answer.text
