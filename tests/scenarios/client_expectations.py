"""Assertions about what clients get, and what the Controller must never hold."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from tests.scenarios.clients import Request, answer, is_let_in, servers_of
from tests.scenarios.comparing import Mismatch, mismatches
from tests.scenarios.scenario import JsonObject
from tests.scenarios.virtual_services import VirtualService
from tests.scenarios.world import World

STORED = ("virtualservice", "vsvip", "pool", "poolgroup", "httppolicyset", "l4policyset", "vsdatascriptset")
CERTIFICATES = ("sslkeyandcertificate", "pkiprofile")


def answers(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check what requests get."""
    for entry in stated:
        seen = answer(world.avi, Request.of(entry["url"]))
        wanted = {key: value for key, value in entry.items() if key != "url"}
        if "disagreement" in seen:
            yield Mismatch(f"answers[{entry['url']}]", "policy sets that agree", seen)
        yield from mismatches(f"answers[{entry['url']}]", wanted, seen)


def clients(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check whether clients are let in."""
    for entry in stated:
        where = f"clients[{entry['virtualservice']} {entry['ip']}]"
        service = world.avi.find("virtualservice", entry["virtualservice"])
        if service is None:
            yield Mismatch(where, "there", "missing")
        else:
            yield from mismatches(
                where, entry["allowed"], is_let_in(world.avi, service, entry["ip"], entry.get("port"))
            )


def pools_of(stated: list[JsonObject], world: World) -> Iterator[Mismatch]:
    """Check the servers of all pools of a virtual service taken together, and fields of each of them."""
    for entry in stated:
        where = f"pools_of[{entry['virtualservice']}]"
        body = world.avi.find("virtualservice", entry["virtualservice"])
        if body is None:
            yield Mismatch(where, "there", "missing")
            continue
        pools = VirtualService(world.avi, body).pools
        if "servers" in entry:
            servers = {(s["ip"], s["port"]) for pool in pools for s in servers_of(pool)}
            seen = [{"ip": ip, "port": port} for ip, port in sorted(servers)]
            yield from mismatches(f"{where}.servers", entry["servers"], seen)
        for pool in pools:
            fields = {name: _named(pool.get(name), world) for name in entry.get("fields", {})}
            yield from mismatches(f"{where}.{pool['name']}", entry.get("fields", {}), fields)


def _named(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [_named(item, world) for item in value]
    return world.avi.name_of(value) if isinstance(value, str) and "/api/" in value else value


def never_sent(stated: list[str], world: World) -> Iterator[Mismatch]:
    """Check that no object holds a text, base64 looked into; the private key of a certificate has its own field."""
    for kind in (*STORED, *CERTIFICATES):
        for item in world.avi.all(kind):
            held = {name: value for name, value in item.items() if (kind, name) != ("sslkeyandcertificate", "key")}
            for text in stated:
                if text in _told(str(held)):
                    yield Mismatch(f"never_sent: {text}", "nowhere", f"{kind} {item['name']}", final=True)


def _told(text: str) -> str:
    """Give a text with what is base64 in it."""
    found = [text]
    for part in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        try:
            found.append(base64.b64decode(part, validate=True).decode("utf-8", "replace"))
        except (binascii.Error, ValueError):
            continue
    return "\n".join(found)
