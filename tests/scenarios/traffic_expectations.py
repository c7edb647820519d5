"""Assertions about requests that are really sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.scenarios.comparing import Mismatch
from tests.scenarios.scenario import JsonObject
from tests.scenarios.visits import Clients
from tests.scenarios.world import World
from tests.traffic.asking import Answer, Asked
from tests.traffic.promise import REDIRECTED, own_certificate, plain_location

ENTRY = frozenset({"to", "scheme", "path", "headers", "client", "method", "port", "sni", "times", "expect"})
"""What an entry may say: the request, how many times it is sent, and what must come."""
OF_SERVER = frozenset({"service", "services", "server", "servers"})
SHARED = ("services", "servers")
"""What is said with weights: of Services, or of servers that no Service has, as those outside of the cluster."""
SHARE = 1
"""By how many requests a share may differ from its weight: the simulator gives everybody his turn."""

Holds = Callable[[Any, Answer, Clients], bool]


def traffic(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check what answers requests."""
    if not stated:
        return
    clients = world.clients()
    for entry in stated:
        expected = _expected(entry)
        asked = request_of(entry)
        where = f"traffic[{told(asked)}]"
        answers = clients.ask_all([asked] * _times(entry))
        for answer in answers:
            wrong = [key for key, value in expected.items() if not _holds(key, value, answer, expected, clients)]
            if wrong:
                yield Mismatch(f"{where}.{wrong[0]}", expected, _seen(answer))
                break
        else:
            for key in SHARED:
                yield from _shares(f"{where}.{key}", expected.get(key, {}), answers, _members(key, clients))


def _expected(entry: JsonObject) -> JsonObject:
    expected: JsonObject = entry.get("expect", {})
    if unknown := sorted(expected.keys() - CHECKS.keys()):
        raise ValueError(f"expect: traffic: expect: no check for {', '.join(map(repr, unknown))}")
    if not expected:
        raise ValueError(f"expect: traffic: nothing is expected of {entry}")
    for key in ("closed", "unknown_host"):
        if expected.get(key, True) is not True:
            raise ValueError(f"expect: traffic: {key}: true is the only value with a meaning")
    for key in SHARED:
        if key in expected and _times(entry) <= len(expected[key]):
            raise ValueError(f"expect: traffic: {key}: say in `times` how many requests of {entry} show their shares")
    return expected


def _times(entry: JsonObject) -> int:
    return int(entry.get("times", 1))


def request_of(entry: JsonObject) -> Asked:
    """Give what an entry asks."""
    # A datagram that nobody answers is all there is to see of it.
    may_be_silent = entry.get("scheme") == "udp" and bool(entry["expect"].get("closed"))
    return Asked(
        entry["to"],
        entry.get("scheme", "http"),
        entry.get("path", "/"),
        entry.get("method", "GET"),
        headers=tuple(entry.get("headers", {}).items()),
        client=entry.get("client", ""),
        port=entry.get("port", 0),
        sni=entry.get("sni"),
        may_be_silent=may_be_silent,
    )


def told(asked: Asked) -> str:
    """Write a request on one line."""
    port = f":{asked.port}" if asked.port else ""
    is_raw = asked.scheme in {"tcp", "tls", "udp"}
    more = [f" {name}: {value}" for name, value in asked.headers]
    more += [f" from {asked.client}"] if asked.client else []
    more += [f" naming {asked.sni or 'nobody'}"] if asked.sni is not None else []
    url = f"{asked.scheme}://{asked.to}{port}"
    return f"{url if is_raw else f'{asked.method} {url}{asked.path}'}{','.join(more)}"


def _holds(key: str, value: Any, answer: Answer, expected: JsonObject, clients: Clients) -> bool:
    if answer.server and not OF_SERVER & expected.keys():
        return key == "certificate" and len(expected) == 1 and _shows(value, answer, clients)
    return CHECKS[key](value, answer, clients)


def _shows(name: str, answer: Answer, clients: Clients) -> bool:
    if "/" not in name:
        return answer.common_name == name
    wanted = clients.certificate_of(name)
    return bool(wanted) and own_certificate(answer.certificate) == wanted


def _redirects(to: str, answer: Answer, _: Clients) -> bool:
    return answer.status in REDIRECTED and plain_location(answer.location) == plain_location(to)


CHECKS: Mapping[str, Holds] = {
    "service": lambda name, answer, clients: answer.server in clients.servers_of(name),
    "services": lambda names, answer, clients: any(answer.server in clients.servers_of(name) for name in names),
    "server": lambda server, answer, _: answer.server == server,
    "servers": lambda servers, answer, _: answer.server in servers,
    "status": lambda status, answer, _: answer.status == status,
    "location": _redirects,
    "certificate": _shows,
    "closed": lambda _, answer, __: answer.closed,
    "unknown_host": lambda _, answer, __: answer.unknown_host,
}
"""What can be expected of an answer."""


def _members(key: str, clients: Clients) -> Callable[[str], frozenset[str]]:
    """Give how the servers of what has a share are found."""
    return clients.servers_of if key == "services" else lambda server: frozenset((server,))


def _shares(
    where: str, weights: Mapping[str, int], answers: Sequence[Answer], members: Callable[[str], frozenset[str]]
) -> Iterator[Mismatch]:
    seen = {name: sum(one.server in members(name) for one in answers) for name in weights}
    for name, weight in weights.items():
        wanted = len(answers) * weight / sum(weights.values())
        if abs(seen[name] - wanted) > (SHARE if weight else 0):
            yield Mismatch(where, dict(weights), seen)
            return


def _seen(answer: Answer) -> JsonObject:
    found = {
        "unknown_host": answer.unknown_host,
        "closed": answer.why or answer.closed,
        "status": answer.status,
        "location": answer.location,
        "server": answer.server,
        "certificate": answer.common_name,
    }
    return {key: value for key, value in found.items() if value}
