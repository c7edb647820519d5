"""Logins of the Controller: sessions with CSRF tokens, API tokens, basic authentication."""

from __future__ import annotations

import base64
import binascii
import secrets
import string
import threading
import time
import uuid as uuids
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ako.sim.problems import ApiError, refuse
from ako.testing.listener import Request

_ALPHABET = string.ascii_letters + string.digits
_IDLE_SECONDS = 15 * 60
_LONGEST_SECONDS = 24 * 3600
SESSION_COOKIES = ("avi-sessionid", "sessionid")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Session:
    """One login."""

    key: str
    csrf: str
    begun: float
    used: float


class Sessions:
    """Everyone who is logged in."""

    def __init__(self, username: str, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.allow_basic = False
        self._username = username
        self._password = password
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._tokens: dict[str, dict[str, Any]] = {}

    def log_in(self, credentials: dict[str, Any]) -> Session:
        """Open a session for a password or a token; ApiError if neither fits."""
        if credentials.get("username") != self._username or not self._proves(credentials):
            raise refuse(401, "Invalid credentials")
        now = self._clock()
        session = Session(_random(), _random(), now, now)
        with self._lock:
            self._sessions[session.key] = session
        return session

    def _proves(self, credentials: dict[str, Any]) -> bool:
        if "token" in credentials:
            with self._lock:
                fitting = [item for item in self._tokens.values() if item["token"] == credentials["token"]]
                for item in fitting:
                    if item["hours"] == 0:  # good for a single login
                        del self._tokens[item["uuid"]]
            return bool(fitting)
        return bool(credentials.get("password") == self._password)

    def log_out(self, request: Request) -> None:
        """End the session of a request."""
        session = self._session_of(_cookies(request))
        with self._lock:
            self._sessions.pop(session.key, None)

    def expire_all(self) -> None:
        """End every session."""
        with self._lock:
            self._sessions.clear()

    def change_csrf_tokens(self) -> None:
        """Give every session another CSRF token without telling it: its cookies stay good, its writes are refused."""
        with self._lock:
            for session in self._sessions.values():
                session.csrf = _random()

    def authenticate(self, request: Request) -> None:
        """Check who asks and, for writes, that the CSRF token is right; ApiError otherwise."""
        authorization = request.headers.get("authorization", "")
        if authorization:
            self._check_basic(authorization)
            return
        cookies = _cookies(request)
        session = self._session_of(cookies)
        if request.method not in _WRITES:
            return
        token = request.headers.get("x-csrftoken", "")
        if not token or token != cookies.get("csrftoken") or token != session.csrf:
            raise ApiError(401, "CSRF token missing or incorrect.")
        referer = request.headers.get("referer", "")
        if not referer:
            raise ApiError(403, {"detail": "CSRF Failed: Referer checking failed - no Referer."})
        host = _host_of(referer)
        if host is None or host != _host_of(request.base):
            reason = f"Referer checking failed - {referer} does not match any trusted origins."
            raise ApiError(403, {"detail": f"CSRF Failed: {reason}"})

    def _check_basic(self, authorization: str) -> None:
        kind, _, text = authorization.partition(" ")
        if kind.lower() != "basic" or not self.allow_basic:
            raise refuse(401, "This kind of authentication is not allowed")
        try:
            given = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        if given != f"{self._username}:{self._password}":
            raise refuse(401, "Invalid credentials")

    def _session_of(self, cookies: dict[str, str]) -> Session:
        key = next((cookies[name] for name in SESSION_COOKIES if name in cookies), "")
        session = self._sessions.get(key)
        now = self._clock()
        if session is not None and now - session.used < _IDLE_SECONDS and now - session.begun < _LONGEST_SECONDS:
            session.used = now
            return session
        raise refuse(401, "Authentication credentials were not provided or have expired.")

    def tokens(self) -> list[dict[str, Any]]:
        """Return the API tokens."""
        with self._lock:
            return list(self._tokens.values())

    def issue_token(self, hours: int) -> dict[str, Any]:
        """Create an API token."""
        expiry = datetime.now(UTC) + timedelta(hours=hours)
        uuid = str(uuids.uuid4())
        token = {
            "uuid": uuid,
            "token": _random(40),
            "expires_at": expiry.isoformat(),
            "username": self._username,
            "hours": hours,
        }
        with self._lock:
            self._tokens[uuid] = token
        return token

    def revoke_token(self, uuid: str) -> bool:
        """Delete an API token; False if there was none."""
        with self._lock:
            return self._tokens.pop(uuid, None) is not None


def cookies_of(session: Session, *, secure: bool) -> list[tuple[str, str]]:
    """Return the headers that give a session to its client."""
    # Clients never send a cookie marked Secure back over plain HTTP.
    mark = "; Secure" if secure else ""
    keys = [("Set-Cookie", f"{name}={session.key}; HttpOnly; Path=/{mark}; Max-Age=86400") for name in SESSION_COOKIES]
    return [("Set-Cookie", f"csrftoken={session.csrf}; Path=/{mark}; Max-Age=31449600"), *keys]


def _cookies(request: Request) -> dict[str, str]:
    found = {}
    for part in request.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        found[name] = value
    return found


def _host_of(url: str) -> tuple[str | None, int | None] | None:
    """Return host and port of a URL; None if it is none."""
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None


def _random(length: int = 32) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
