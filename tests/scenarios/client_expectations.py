"""Assertions about what clients get, and what the Controller must never hold."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from tests.scenarios.clients import Request, answer, is_let_in, servers_of
from tests.scenarios.comparing import Mismatch, mismatches
from tests.scenarios.scenario import JsonObject
from tests.scenarios.virtual_services import VirtualService
from tests.scenarios.world import Sent, World

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
ONE_ALPHABET = str.maketrans("-_", "+/")

CERTIFICATES = "sslkeyandcertificate"


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
        if "fields" in entry and not pools:
            yield Mismatch(f"{where}.fields", entry["fields"], "no pool")
        for pool in pools:
            fields = {name: _named(pool.get(name), world) for name in entry.get("fields", {})}
            yield from mismatches(f"{where}.{pool['name']}", entry.get("fields", {}), fields)


def _named(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [_named(item, world) for item in value]
    return world.avi.name_of(value) if isinstance(value, str) and "/api/" in value else value


def never_sent(stated: list[str], world: World) -> Iterator[Mismatch]:
    """Check that no request held a text, base64 looked into; private keys and passwords have their own fields."""
    for sent in world.sent():
        told = [text for value in _texts(_may_be_told(sent)) for text in (value, *_decoded(value))]
        for text in stated:
            if any(text in one for one in told):
                yield Mismatch(f"never_sent: {text}", "nowhere", f"{sent.method} {sent.path}", final=True)


def _may_be_told(sent: Sent) -> Any:
    """Give what a request says, without the key of a certificate and without a password."""
    body = sent.body
    if isinstance(body, dict) and "model_name" in body:  # a macro
        body = {**body, "data": _without_secrets(body["model_name"], body.get("data"))}
    return [sent.path, _without_secrets(sent.model, body)]


def _without_secrets(model: str, body: Any) -> Any:
    if isinstance(body, list):
        return [_without_secrets(model, item) for item in body]
    secrets = {"password", *(["key"] if model.lower() == CERTIFICATES else [])}
    return {name: value for name, value in body.items() if name not in secrets} if isinstance(body, dict) else body


def _texts(value: Any) -> Iterator[str]:
    """Give all texts in a JSON value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _decoded(text: str) -> Iterator[str]:
    """Give what is base64 in a text: of either alphabet, wrapped or not, padded or not, whatever stands before it."""
    for part in {*BASE64.findall(text), *BASE64.findall("".join(text.split()))}:
        for start in range(4):
            whole = part[start:].translate(ONE_ALPHABET)
            whole = whole[:-1] if len(whole) % 4 == 1 else whole
            yield base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace")
