"""One request, as the decisions see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ako.sim.data_plane.dialect import compared_host

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Came:
    """Where a connection came from and where to; `server_name` is what the client hello asked for, "" without one."""

    client: str
    vip: str
    port: int
    is_tls: bool = False
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An HTTP request: path and query as they were sent, headers in their order with names as they were written."""

    came: Came
    method: str
    path: str
    query: str = ""
    headers: tuple[Header, ...] = ()
    version: str = "1.1"

    @property
    def host(self) -> str:
        """Give the host that was asked for, without a port."""
        return compared_host(self.header("host"))

    @property
    def target(self) -> str:
        """Give path and query as they stand in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name: str) -> str:
        """Give the first value of a header, "" if there is none."""
        return next(iter(self.all_of(name)), "")

    def all_of(self, name: str) -> list[str]:
        """Give all values of a header."""
        return values_of(self.headers, name)

    def cookie(self, name: str) -> str | None:
        """Give the value of a cookie, None if there is none."""
        for line in self.all_of("cookie"):
            for part in line.split(";"):
                key, found, value = part.strip().partition("=")
                if found and key == name:
                    return value
        return None

    def with_header(self, name: str, value: str | None, *, adds: bool = False) -> Asked:
        """Give the request with another value of a header, with one more, or, for None, without it."""
        kept = [one for one in self.headers if adds or one[0].lower() != name.lower()]
        return replace(self, headers=(*kept, *(((name, value),) if value is not None else ())))


def values_of(headers: Sequence[Header], name: str) -> list[str]:
    """Give all values that headers have for a name."""
    return [value for key, value in headers if key.lower() == name.lower()]
