"""Assertions about what clients get, and what the Controller must never hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.scenarios.clients import Request, answer, is_let_in, servers_of
from tests.scenarios.comparing import Mismatch, mismatches
from tests.scenarios.said import holds, said
from tests.scenarios.scenario import JsonObject
from tests.scenarios.virtual_services import VirtualService
from tests.scenarios.world import World

OfService = Callable[[str, JsonObject, JsonObject, World], Iterator[Mismatch]]
"""Checks what one entry says of a virtual service: where, the entry, the virtual service, the world."""


def answers(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check what requests get."""
    for entry in stated:
        seen = answer(world.avi, Request.of(entry["url"]))
        wanted = {key: value for key, value in entry.items() if key != "url"}
        if "disagreement" in seen:
            yield Mismatch(f"answers[{entry['url']}]", "policy sets that agree", seen)
        yield from mismatches(f"answers[{entry['url']}]", wanted, seen)


def _client(where: str, entry: JsonObject, service: JsonObject, world: World) -> Iterator[Mismatch]:
    """Check whether a client is let in."""
    seen = is_let_in(world.avi, service, entry["ip"], entry.get("port"))
    yield from mismatches(f"{where} {entry['ip']}", entry["allowed"], seen)


def _pools(where: str, entry: JsonObject, service: JsonObject, world: World) -> Iterator[Mismatch]:
    """Check the servers of all pools of a virtual service taken together, and fields of each of them."""
    pools = VirtualService(world.avi, service).pools
    if "servers" in entry:
        servers = {(s["ip"], s["port"]) for pool in pools for s in servers_of(pool)}
        seen = [{"ip": ip, "port": port} for ip, port in sorted(servers)]
        yield from mismatches(f"{where}.servers", entry["servers"], seen)
    if "fields" in entry and not pools:
        yield Mismatch(f"{where}.fields", entry["fields"], "no pool")
    for pool in pools:
        fields = {name: _named(pool.get(name), world) for name in entry.get("fields", {})}
        yield from mismatches(f"{where}.{pool['name']}", entry.get("fields", {}), fields)


def _named(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [_named(item, world) for item in value]
    return world.avi.name_of(value) if isinstance(value, str) and "/api/" in value else value


def _each(key: str, check: OfService) -> Callable[[list[JsonObject], World], Iterator[Mismatch]]:
    """Make a check of many entries from that of one; where the virtual service is missing, no entry holds."""

    def checked(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
        for entry in stated:
            where = f"{key}[{entry['virtualservice']}]"
            service = world.avi.find("virtualservice", entry["virtualservice"])
            if service is None:
                yield Mismatch(where, "there", "missing")
            else:
                yield from check(where, entry, service, world)

    return checked


clients = _each("clients", _client)
pools_of = _each("pools_of", _pools)


def never_sent(stated: list[str], world: World) -> Iterator[Mismatch]:
    """Check that no request held a text, base64 looked into; private keys and passwords have their own fields."""
    for sent in world.sent():
        texts = said(sent)
        for text in stated:
            if holds(texts, text):
                yield Mismatch(f"never_sent: {text}", "nowhere", f"{sent.method} {sent.path}", final=True)
