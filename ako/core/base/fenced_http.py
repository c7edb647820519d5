"""HTTP connections that ask a fence right before they send: after every wait for a place, a connection or a login."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from ako.core.base.fence import Warrant

IsWrite = Callable[[str, str], bool]
"""Says of method and path whether a request changes anything."""


def fenced_pools(warrant: Warrant, is_write: IsWrite) -> dict[str, type[HTTPConnectionPool]]:
    """Give pools, by scheme, whose connections send no write without the warrant."""

    class Plain(HTTPConnectionPool):
        ConnectionCls = fenced(HTTPConnection, warrant, is_write)

    class Secured(HTTPSConnectionPool):
        ConnectionCls = fenced(HTTPSConnection, warrant, is_write)

    return {"http": Plain, "https": Secured}


def fenced(kind: type[Any], warrant: Warrant, is_write: IsWrite) -> type[Any]:
    """Give a kind of connection that sends no write without the warrant."""

    class Fenced(kind):  # type: ignore[misc]
        sock: socket.socket | None
        _writes = False
        _asked_for: socket.socket | None = None

        def request(self, method: str, url: str, *arguments: Any, **options: Any) -> None:
            self._writes = is_write(method, url)
            super().request(method, url, *arguments, **options)

        def send(self, data: Any) -> None:
            if self._writes:
                if self.sock is None:
                    self.connect()
                if self.sock is not None:
                    self._asked_for = self.sock
                    warrant.pass_through(self.sock)
            super().send(data)

        def getresponse(self) -> Any:
            response = super().getresponse()
            self._ended()
            return response

        def close(self) -> None:
            self._ended()
            super().close()

        def _ended(self) -> None:
            if self._asked_for is not None:
                warrant.ended(self._asked_for)
                self._asked_for = None

    return Fenced
