"""A client of the load balancer: finds who listens, comes from where it shall, and asks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import msgspec
import requests

from tests.traffic.asking import Answer, Asked
from tests.traffic.conversing import converse
from tests.waiting import PATIENCE


class Listening(msgspec.Struct, frozen=True):
    """One entry of `/_sim/listeners`."""

    virtualservice: str
    vip: str
    port: int
    protocol: str
    address: str
    listening_port: int
    names: tuple[str, ...] = ()


class Visitor:
    """Asks what comes through the load balancer of a simulator, by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._session.close()

    def listeners(self) -> list[Listening]:
        """Give who listens, when all that was written before this does."""
        return msgspec.convert(self._call("GET", "listeners"), list[Listening])

    def ask(self, asked: Asked) -> Answer:
        """Ask, over a new connection.

        Raises:
            OSError: whatever goes wrong but a connection that is refused or closed; TimeoutError if nothing comes.
            Exception: an answer that breaks its protocol or ends in the middle.
        """
        return self._ask(asked, self.listeners())

    def ask_all(self, all_asked: Iterable[Asked]) -> list[Answer]:
        """Ask one after the other, while nothing is written; raises what `ask` raises."""
        listeners = self.listeners()
        return [self._ask(asked, listeners) for asked in all_asked]

    def _ask(self, asked: Asked, listeners: Sequence[Listening]) -> Answer:
        vips = vips_of(asked.to, listeners)
        if not vips:
            return Answer(unknown_host=True)
        wanted = ("UDP" if asked.scheme == "udp" else "TCP", asked.asked_port)
        found = [each for each in listeners if each.vip in vips and (each.protocol, each.port) == wanted]
        if not found:
            return Answer(closed=True, why=f"nobody listens on {wanted}")
        source = self._call("POST", "clients", {"address": asked.client})["source"] if asked.client else ""
        return converse(asked, (found[0].address, found[0].listening_port), source)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        response = self._session.request(method, f"{self._url}/_sim/{path}", json=body, timeout=PATIENCE)
        response.raise_for_status()
        return response.json()


def vips_of(host: str, listeners: Sequence[Listening]) -> set[str]:
    """Give the VIPs of a host as a DNS server does: those of its name, else of the longest wildcard above it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _resolved(host, listeners)
    return {each.vip for each in listeners if ipaddress.ip_address(each.vip) == address}


def _resolved(host: str, listeners: Sequence[Listening]) -> set[str]:
    vips: dict[str, set[str]] = {}
    for each in listeners:
        for name in each.names:
            vips.setdefault(_plain(name), set()).add(each.vip)
    labels = _plain(host).split(".")
    names = [".".join(labels), *(".".join(["*", *labels[start:]]) for start in range(1, len(labels)))]
    return next((vips[name] for name in names if name in vips), set())


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")
