"""The steps of one login to the Avi Controller, and what later requests need from it.

`AviSession` calls `log_in` whenever it has no session, and `with_cookies_of` after each answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import msgspec

from ako.core.avi.advice import HOST_SETTING, VERSION_SETTING, login_refusal, no_controller, strange_body
from ako.core.avi.answer import Answer
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviAuthError, AviError, AviUnreachable, AviVersionError
from ako.core.base.avi_version import VersionError, choose_version, normal_version
from ako.typed_json import reader

_LOGIN = "/login"
_INITIAL_DATA = "/api/initial-data"
_Shape = TypeVar("_Shape")


class Send(Protocol):
    """Sends one request and gives the answer, whatever its status."""

    def __call__(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """Raise AviUnreachable if there is none."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """One login as it is now.

    Attributes:
        generation: grows with each login; cookies that change do not make a new generation.
        common_headers: those that do not depend on the login.
        version: the API version in use; empty while it is not known.
        native: that of the Controller itself, in which an object has all of its fields; likewise.
        cookie_name: the cookie that carries the session.
        cookies: those of the session, as last set by the Controller.
        headers: ready to be sent; never changed, only replaced.
    """

    generation: int
    common_headers: Mapping[str, str]
    version: str
    native: str
    cookie_name: str
    cookies: Mapping[str, str]
    headers: dict[str, str]

    def headers_for(self, own: Mapping[str, str], *, native: bool) -> dict[str, str]:
        """Give the headers of a request that has some of its own."""
        version = {"X-Avi-Version": self.native} if native else {}
        return {**self.headers, **own, **version}

    def with_cookies_of(self, answer: Answer) -> LoggedIn:
        """Take over what the answer sets; mostly the Controller sends the same again, which gives the same object."""
        cookies = {**self.cookies, **_cookies_in(answer, self.cookie_name)}
        return self if cookies == self.cookies else _ready(replace(self, cookies=cookies))


class _LoginAnswer(msgspec.Struct):
    session_cookie_name: str = "avi-sessionid"
    version: dict[str, object] = {}


class _InitialData(msgspec.Struct):
    version: dict[str, object] = {}


def log_in(endpoint: AviEndpoint, common_headers: Mapping[str, str], generation: int, send: Send) -> LoggedIn:
    """Log in and settle the API version.

    Raises:
        AviAuthError: the user is refused.
        AviVersionError: no API version suits both sides.
        AviUnreachable: everything else; never an error that reads as a fault of the request the login is made for.
    """
    name, secret = ("token", endpoint.token) if endpoint.token else ("password", endpoint.password)
    body = msgspec.json.encode({"username": endpoint.username, name: secret})
    answer = send("POST", _LOGIN, dict(common_headers), body)
    if answer.status != 200:
        raise _login_error("POST", _LOGIN, answer, endpoint)
    told = _decoded(answer, _LoginAnswer, "POST", _LOGIN, endpoint)
    cookies = _cookies_in(answer, told.session_cookie_name)
    if not cookies:
        raise no_controller("sent no session cookie", "POST", _LOGIN, endpoint)
    session = _ready(LoggedIn(generation, common_headers, "", "", told.session_cookie_name, cookies, {}))
    theirs = _controller_version(session, send, endpoint) or told.version.get("Version")
    if not isinstance(theirs, str):
        raise no_controller("does not say its version", "GET", _INITIAL_DATA, endpoint)
    try:
        version, native = choose_version(theirs, endpoint.version), normal_version(theirs)
    except VersionError as error:
        raise _version_error(str(error), endpoint) from error
    return _ready(replace(session, version=version, native=native))


def _controller_version(session: LoggedIn, send: Send, endpoint: AviEndpoint) -> object:
    answer = send("GET", _INITIAL_DATA, session.headers, None)
    if answer.status != 200:
        raise _login_error("GET", _INITIAL_DATA, answer, endpoint)
    return _decoded(answer, _InitialData, "GET", _INITIAL_DATA, endpoint).version.get("Version")


def _ready(session: LoggedIn) -> LoggedIn:
    """Give the session with its headers made from the rest.

    The session goes out under every name in use, as with the Controller's own clients: which one counts differs
    by version.
    """
    cookies = session.cookies
    token = cookies.get(session.cookie_name) or cookies.get("avi-sessionid") or cookies.get("sessionid", "")
    sent = dict.fromkeys((session.cookie_name, "avi-sessionid", "sessionid"), token)
    sent["csrftoken"] = cookies.get("csrftoken", "")
    headers = {
        **session.common_headers,
        "Cookie": "; ".join(f"{name}={value}" for name, value in sent.items()),
        "X-CSRFToken": sent["csrftoken"],
    }
    if session.version:
        headers["X-Avi-Version"] = session.version
    return replace(session, headers=headers)


def _cookies_in(answer: Answer, session_cookie: str) -> dict[str, str]:
    """Give the cookies of the session that an answer sets."""
    followed = {"csrftoken", "sessionid", "avi-sessionid", session_cookie}
    pairs = (cookie.partition(";")[0].partition("=") for cookie in answer.set_cookies)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in followed and value.strip()}


def _login_error(method: str, path: str, answer: Answer, endpoint: AviEndpoint) -> AviError:
    told = login_refusal(method, path, answer, endpoint)
    # 403 is what a Controller says whose first user has not been set up.
    sort = AviAuthError if told.status in {401, 403} else AviUnreachable
    error = told if isinstance(told, sort) else sort(told.message, method=method, path=path, status=told.status)
    error.advise(told.setting, told.remedy)
    error.subject = endpoint.username if path == _LOGIN else ""
    return error


def _version_error(told: str, endpoint: AviEndpoint) -> AviVersionError:
    error = AviVersionError(told, method="GET", path=_INITIAL_DATA)
    error.advise(endpoint.places.named(VERSION_SETTING if endpoint.version else HOST_SETTING), "")
    return error


def _decoded(answer: Answer, shape: type[_Shape], method: str, path: str, endpoint: AviEndpoint) -> _Shape:
    try:
        return reader(shape).decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        what = f"answers with {strange_body(answer.body) or f'something else ({error})'}"
        raise no_controller(what, method, path, endpoint) from error
