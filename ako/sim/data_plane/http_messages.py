"""Requests and responses as `h11` has them, and as the decisions see them."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

import h11
from h11._headers import Headers

from ako.sim.data_plane.asked import Asked, Came, Header
from ako.sim.data_plane.dialect import forwarded_for, host_of_silent_client
from ako.sim.store import Json

UNSENDABLE = (h11.LocalProtocolError, UnicodeError)
"""What making a message raises that cannot be sent: a rule or a script wrote a line break into a header."""

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer"})
_VISIBLE = string.ascii_letters + string.digits + string.punctuation
_WITHOUT_BODY = frozenset({204, 304})


def asked_from(event: h11.Request, came: Came) -> Asked:
    """Give a request as the decisions see it; a whole URL in the request line stands for path and Host header."""
    target = event.target.decode("ascii")
    headers = tuple(headers_from(event.headers))
    asked = Asked(came, event.method.decode("ascii"), target, "", headers, event.http_version.decode("ascii"))
    scheme, found, rest = target.partition("://")
    if found and scheme.lower() in {"http", "https"}:
        authority, slash, target = rest.partition("/")
        authority, question, query = authority.partition("?")
        target = f"/{target}" if slash else f"/{question}{query}"
        asked = asked.with_header("Host", authority)
    path, _, query = target.partition("?")
    return replace(asked, path=path, query=query)


def request_for(asked: Asked, body: bytes) -> h11.Request:
    """Give a request for a server, the only one on its connection, with a body that was read whole.

    Raises:
        UNSENDABLE: for one that cannot be sent.
    """
    kept = [one for one in without_hops(asked.headers) if one[0].lower() not in {"content-length", "expect"}]
    if not asked.header("host"):
        kept = [("Host", host_of_silent_client(asked.came.vip)), *kept]
    has_body = any(one[0].lower() in {"content-length", "transfer-encoding"} for one in asked.headers)
    length = [("Content-Length", str(len(body)))] if body or has_body else []
    connection = ("Connection", "Upgrade" if upgrades(asked) else "close")
    target = quote(asked.target, safe=_VISIBLE, errors="surrogateescape")
    return h11.Request(method=asked.method, target=target, headers=_raw([*kept, *length, connection]))


def response_for(status: int, headers: Sequence[Header], reason: bytes | None = None) -> h11.Response:
    """Give a response for a client.

    Raises:
        UNSENDABLE: for one that cannot be sent.
    """
    if reason is None:
        known = status in {one.value for one in HTTPStatus}
        reason = HTTPStatus(status).phrase.encode() if known else b""
    return h11.Response(status_code=status, headers=_raw(headers), reason=reason)


def body_of(method: str, status: int, body: bytes) -> bytes:
    """Give what of a body follows the head of a response: nothing after HEAD, 204 and 304."""
    return b"" if method == "HEAD" or status in _WITHOUT_BODY else body


def headers_from(headers: Headers) -> list[Header]:
    """Give headers as text; bytes that are no UTF-8 come out of `_raw` as they went in."""
    return [(_text(name), _text(value)) for name, value in headers.raw_items()]


def without_hops(headers: Sequence[Header]) -> list[Header]:
    """Give headers without those that are for one connection only."""
    named = [value for name, value in headers if name.lower() == "connection"]
    listed = {token.strip().lower() for value in named for token in value.split(",")} - {"upgrade"}
    return [one for one in headers if one[0].lower() not in _HOP_BY_HOP | listed]


def upgrades(asked: Asked) -> bool:
    """Say whether a request asks for another protocol."""
    tokens = {token.strip().lower() for value in asked.all_of("connection") for token in value.split(",")}
    return "upgrade" in tokens and bool(asked.header("upgrade"))


def forwarded(profile: Json, asked: Asked) -> Asked:
    """Give a request as a server gets it: with the address of the client, where the HTTP profile says so."""
    if not profile.get("xff_enabled", True):
        return asked
    name = profile.get("xff_alternate_name", "X-Forwarded-For")
    values = forwarded_for(asked.all_of(name), asked.came.client, profile.get("xff_update", ""))
    asked = asked.with_header(name, None)
    for value in values:
        asked = asked.with_header(name, value, adds=True)
    return asked


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _raw(headers: Sequence[Header]) -> list[tuple[bytes, bytes]]:
    return [(_bytes(name), _bytes(value)) for name, value in headers]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
