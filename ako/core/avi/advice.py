"""What an answer says about the settings: which one it lies at, where that was given, and what to write there.

`AviSession` asks it about every answer that is no success; `causes` is asked where there was no answer at all.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from ako.core.avi.answer import Answer, failure_of
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviError, AviUnreachable

HOST_SETTING = "ControllerSettings.controllerHost"
CA_SETTING = "avicredentials.certificateAuthorityData"
SKIP_SETTING = "ControllerSettings.insecureSkipVerify"
VERSION_SETTING = "ControllerSettings.controllerVersion"
USER_SETTING = "avicredentials.username"
PASSWORD_SETTING = "avicredentials.password"  # noqa: S105 - the name of the setting
TOKEN_SETTING = "avicredentials.authtoken"  # noqa: S105 - likewise

_AWAY = frozenset({408, 419, 429, 500, 502, 503, 504})
"""Statuses in whose answers a proxy on the way may have its word: they say nothing of what is behind it."""

_VERSION_REFUSED = re.compile(
    r"\b(invalid|unsupported|incompatible)\b.{0,40}\bversion\b|\bversion\b.{0,40}\bnot supp", re.I
)
_TITLE = re.compile(r"<title>([^<]{1,80})", re.I)


def refusal(method: str, target: str, answer: Answer, endpoint: AviEndpoint) -> AviError:
    """Give the exception for an answer that is no success, with what it says about the settings."""
    error = failure_of(method, target, answer)
    host = endpoint.places.named(HOST_SETTING)
    if 300 <= answer.status < 400:
        error.advise("", f"{_address_in(answer.headers.get('Location', ''), endpoint.url)} into {host}")
    elif _asks_for_tls(answer, endpoint):
        error.message = "answers TLS only"
        error.advise("", f"write https:{endpoint.url.removeprefix('http:')} into {host}")
    elif answer.status == 400 and _VERSION_REFUSED.search(error.message):
        remedy = "write a version that the Controller has, or leave it empty to take the Controller's own"
        error.advise(endpoint.places.named(VERSION_SETTING), remedy)
    return error


def login_refusal(method: str, target: str, answer: Answer, endpoint: AviEndpoint) -> AviError:
    """Give the exception for a refusal of the login; what no Controller would say is told as such."""
    if not _asks_for_tls(answer, endpoint) and (strange := _strange(answer)):
        return no_controller(f"answers {answer.status} with {strange}", method, target, endpoint)
    error = refusal(method, target, answer, endpoint)
    places = endpoint.places
    if answer.status == 401:
        secret = TOKEN_SETTING if endpoint.token else PASSWORD_SETTING
        error.advise(places.named(secret), f"correct it, or {places.named(USER_SETTING)}")
    elif answer.status == 403:
        error.advise(places.named(USER_SETTING), "set this user up on the Controller, and let it log in")
    return error


def no_controller(what: str, method: str, target: str, endpoint: AviEndpoint) -> AviUnreachable:
    """Give the exception for something else than an Avi Controller at its address."""
    error = AviUnreachable(
        f"what is at {endpoint.url} does not look like an Avi Controller: it {what}", method=method, path=target
    )
    error.advise(endpoint.places.named(HOST_SETTING), "write the address of the Controller")
    return error


def _asks_for_tls(answer: Answer, endpoint: AviEndpoint) -> bool:
    return answer.status == 400 and endpoint.url.startswith("http:") and b"HTTPS port" in answer.body


def _strange(answer: Answer) -> str:
    """Say what an answer is that no Controller gives; empty if one may."""
    if answer.status in _AWAY or 300 <= answer.status < 400:
        return ""
    return strange_body(answer.body) if answer.status in {400, 401, 403} else _strange_text(answer.body)


def strange_body(body: bytes) -> str:
    """Say what a body is that is neither JSON of a Controller nor one of its plain texts; empty if it is."""
    if (text := body.lstrip()[:2000]).startswith(b"<"):
        title = _TITLE.search(text.decode(errors="replace"))
        return f"a page of HTML{f', {title[1].strip()!r}' if title else ''}"
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    if isinstance(found, dict) and {"error", "detail"} & found.keys():
        return ""
    return "JSON of something else"


def _strange_text(body: bytes) -> str:
    """Say likewise of an answer to a request that every Controller knows; it may not be a plain text either."""
    if strange := strange_body(body):
        return strange
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "a plain text" if body.strip() else "nothing"
    return ""


def _address_in(location: str, ours: str) -> str:
    """Say what to write where an answer sends us elsewhere."""
    try:
        parts = urlsplit(location)
    except ValueError:
        parts = urlsplit("")
    there = f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
    return f"write {there}" if there and there != ours else "write the address of the Controller itself"
