"""The session with the Avi Controller: one login shared by all threads, one method to send a request.

Whatever reads or writes Avi objects calls `AviSession.request` with bytes and gets bytes;
what the bytes mean is not known here. Failures are the exceptions of `ako.core.avi.errors`.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from msgspec import Struct

from ako.core.avi.advice import refusal
from ako.core.avi.answer import Answer
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviAuthError, AviError, AviUnreachable, AviVersionError
from ako.core.avi.login import LoggedIn, log_in
from ako.core.base.avi_version import parse_version
from ako.core.base.fence import Warrant
from ako.core.base.log import about
from ako.core.base.moment import duration
from ako.core.base.outages import Outages, Seldom
from ako.core.base.places import Places
from ako.core.base.secrecy import masked_answer
from ako.core.base.version import user_agent

_log = logging.getLogger(__name__)

_LOGIN_REFUSED_AGAIN_AFTER: Final = (5.0, 60.0)
"""Seconds without a login after a refused one: the first wait, doubled each time, and the longest."""

_ERRORS_KEPT: Final = 10
"""How many of the last errors are remembered, as AKO does."""

_LOGOUT_PATIENCE: Final = 3.0
"""Seconds to wait for an answer when nothing depends on it."""

SLOW: Final = 5.0
"""Seconds for one answer that are worth a line: the pages of most lists come in a tenth of one."""

_SESSION_LOST: Final = frozenset({401, 419})
_CONTROLLER_LOST: Final = frozenset({401, 419, 502, 503, 504})
_NOT_IN_A_PATH: Final = frozenset("?# \t\r\n")


class RequestObserver(Protocol):
    """Is told of each exchange, for metrics; called by many threads."""

    def observe_request(self, method: str, avi_type: str, status: int, seconds: float) -> None:
        """Take note of one exchange; `avi_type` is `login`, `pool`, …, `status` 0 if no answer came."""


class Contact(Struct, frozen=True):
    """Whether the Controller is there and we are logged in, and since when that is as it is.

    Attributes:
        is_up: it answers.
        since: in seconds since 1970; 0 before the first answer, or the first that did not come.
    """

    is_up: bool = False
    since: float = 0.0


def api_path(*segments: str) -> str:
    """Give `/api/<segment>/<segment>…` with each segment quoted, slashes in it too."""
    return "/api/" + "/".join(quote(segment, safe="") for segment in segments)


class AviSession:
    """Sends requests as one user; safe for any number of threads.

    Nothing is sent before the first request, which logs in. A session that ends is renewed without notice:
    whoever meets the end first logs in, the others wait for that and go on with it.

    A Controller that forgot our session, or was away and answers again, may have other contents than before: restored
    from a backup, wiped, or another node. `on_return` is called each time, on whichever thread found it back.

    Attributes:
        returns: how often it came back.
        date: the time of day in its last answer, as HTTP writes it; empty if it did not say.

    Args:
        endpoint: the Controller, and who we are there.
        observer: is told of each exchange.
        on_return: as above.
        clock: seconds, growing.
        warrant: the right to write.
        outages: what was told of the loss of the Controller, by the session before this one too.
    """

    def __init__(
        self,
        endpoint: AviEndpoint,
        *,
        observer: RequestObserver | None = None,
        on_return: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        warrant: Warrant | None = None,
        outages: Outages | None = None,
    ) -> None:
        if endpoint.version:
            parse_version(endpoint.version)
        # Imported here: requests takes long to load, and a fault in the settings is told without it.
        from ako.core.avi.transport import Transport  # noqa: PLC0415

        self._endpoint = endpoint
        self._tenant = _header_text(endpoint.tenant)
        self._observer = observer
        self._on_return = on_return
        self.returns = 0
        self.date = ""
        self._clock = clock
        self._slow = Seldom[str](clock)
        self._transport = Transport(endpoint, warrant)
        self._common_headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
            "Referer": f"{self._transport.base}/",
            "User-Agent": user_agent(),
            "X-Avi-UserAgent": "AKO",
        }
        self._session: LoggedIn | None = None
        self._login_lock = threading.Lock()
        self._logins_tried = 0
        self._login_failure: AviError | None = None
        self._login_wait = 0.0
        self._no_login_before = float("-inf")
        self._state_lock = threading.Lock()
        self._last_error: AviError | None = None
        self._errors: deque[tuple[str, float]] = deque(maxlen=_ERRORS_KEPT)
        self._has_answered = False
        self._outages = outages or Outages(clock)
        self._is_left = False
        self._login_lines = Seldom[str](clock, at_first=3)
        self.contact = Contact()
        """As it is now; replaced whole, so that any thread may read it."""

    @property
    def places(self) -> Places:
        """Give where the settings were given, for who has to name one."""
        return self._endpoint.places

    @property
    def connected(self) -> bool:
        """Tell whether the last exchange found the Controller there and us logged in."""
        return self._has_answered and self._last_error is None

    @property
    def last_error(self) -> AviError | None:
        """Give why we are not connected; None if we are, or have not tried."""
        return self._last_error

    @property
    def errors(self) -> tuple[tuple[str, float], ...]:
        """Give the last errors for which we were not connected, and when each came last, in seconds since 1970."""
        with self._state_lock:
            return tuple(self._errors)

    @property
    def version(self) -> str:
        """Give the API version in use; empty before the first login."""
        return self._session.version if self._session else ""

    def get(
        self, path: str, *, params: Mapping[str, str] | None = None, tenant: str | None = None, native: bool = False
    ) -> bytes:
        """Read an object or a list."""
        return self.request("GET", path, params=params, tenant=tenant, native=native)

    def post(self, path: str, body: bytes, *, tenant: str | None = None) -> bytes:
        """Create an object; give it as stored."""
        return self.request("POST", path, body=body, tenant=tenant)

    def put(self, path: str, body: bytes, *, tenant: str | None = None) -> bytes:
        """Replace an object; give it as stored."""
        return self.request("PUT", path, body=body, tenant=tenant)

    def patch(self, path: str, body: bytes, *, tenant: str | None = None) -> bytes:
        """Change parts of an object; give it as stored."""
        return self.request("PATCH", path, body=body, tenant=tenant)

    def delete(self, path: str, *, tenant: str | None = None) -> bytes:
        """Delete an object."""
        return self.request("DELETE", path, tenant=tenant)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        tenant: str | None = None,
        native: bool = False,
    ) -> bytes:
        """Send one request and give the body of the answer.

        A write is sent once; it is repeated only after the Controller refused it because the session had ended.

        Args:
            method: upper-case HTTP method.
            path: as `api_path` gives it.
            params: the query, not quoted.
            body: JSON.
            tenant: instead of the endpoint's; `*` lists across tenants.
            native: in the API version of the Controller itself, so that an object has all of its fields.

        Raises:
            AviError: one of its subclasses says what to do about it.
            ValueError: the path is not a quoted path.
        """
        if not path.startswith("/") or not _NOT_IN_A_PATH.isdisjoint(path):
            raise ValueError(f"{path!r} is not a quoted path: build it with api_path and put the query into params")
        target = f"{path}?{urlencode(params, quote_via=quote)}" if params else path
        own_headers = {"X-Avi-Tenant": self._tenant if tenant is None else _header_text(tenant)}
        session = self._session or self._log_in(0)
        answer = self._send(method, target, session.headers_for(own_headers, native=native), body)
        if answer.status in _SESSION_LOST:
            session = self._log_in(session.generation)
            answer = self._send(method, target, session.headers_for(own_headers, native=native), body)
        if 200 <= answer.status < 300:
            self._settle(None)
            self._follow_cookies(session, answer)
            return answer.body
        error = refusal(method, target, answer, self._endpoint)
        is_lost = isinstance(error, AviAuthError) or answer.status in _CONTROLLER_LOST
        self._settle(error if is_lost else None)
        raise error

    def leave(self) -> None:
        """Say no more of the Controller: whatever comes of what is under way, it is another session that counts."""
        self._is_left = True

    def close(self) -> None:
        """Log out, if that works at once, and close the connections."""
        self.leave()
        with self._login_lock:
            session = self._session
            self._adopt(None)
            if session is not None and self.connected:
                try:
                    self._transport.exchange("POST", "/logout", session.headers, b"{}", _LOGOUT_PATIENCE)
                except AviUnreachable as error:
                    _log.debug("not logged out: %s", error)
        self._transport.close()

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Answer:
        started = self._clock()
        status = 0
        try:
            answer = self._transport.exchange(method, target, headers, body)
            status, self.date = answer.status, answer.headers.get("Date", "")
            if status >= 300:
                answer = self._without_secrets(answer, headers)
        except AviUnreachable as error:
            self._settle(error)
            raise
        finally:
            seconds = self._clock() - started
            if status and seconds >= SLOW:
                self._tell_slow(method, target, seconds)
            if self._observer is not None:
                self._observer.observe_request(method, _type_in(target), status, seconds)
        return answer

    def _tell_slow(self, method: str, target: str, seconds: float) -> None:
        level, more = self._slow.weigh("", "and {} more were as slow since the last line")
        text = "the Avi Controller at %s took %s to answer %s %s%s"
        path = target.partition("?")[0]
        fields = about(reason="AviSlow", seconds=seconds)
        _log.log(level, text, self._endpoint.url, duration(seconds), method, path, more, extra=fields)

    def _without_secrets(self, answer: Answer, headers: Mapping[str, str]) -> Answer:
        """Give an answer that becomes a message: it may repeat what it was sent."""
        cookies = [pair.partition("=")[2] for pair in headers.get("Cookie", "").split("; ")]
        known = (self._endpoint.password, self._endpoint.token, headers.get("X-CSRFToken", ""), *cookies)
        return replace(answer, body=masked_answer(answer.body, *known))

    def _settle(self, error: AviError | None) -> None:
        """Keep whether we are connected, and log when that changes."""
        if error is None and self._last_error is None and self._has_answered:
            return
        if error is not None:
            error.is_loss = True
        with self._state_lock:
            was_lost = self._last_error is not None
            self._note_error(error)
            self._last_error, self._has_answered = copy.copy(error), self._has_answered or error is None
            if not self.contact.since or self.contact.is_up is not self.connected:
                self.contact = Contact(self.connected, time.time())
        if error is not None:
            self._tell_loss(error)
            return
        self._tell_return()
        if was_lost:
            self._note_return()

    def _tell_loss(self, error: AviError) -> None:
        if not self._is_left and (others := self._outages.begin()) is not None:
            more = f" ({others} short losses since the last one that was told)" if others else ""
            _log.warning(
                "lost the Avi Controller at %s: %s%s",
                self._transport.base,
                error,
                more,
                extra=about(reason="AviUnreachable", remedy=error.remedy),
            )

    def _tell_return(self) -> None:
        if not self._is_left and (seconds := self._outages.end()) is not None:
            base, lasted = self._transport.base, duration(seconds)
            extra = about(reason="AviRecovered", seconds=seconds)
            _log.info("the Avi Controller at %s answers again after %s", base, lasted, extra=extra)

    def _note_error(self, error: AviError | None) -> None:
        if error is None:
            return
        if self._errors and self._errors[-1][0] == str(error):
            self._errors.pop()  # one that goes on is told once, with the time at which it came last
        self._errors.append((str(error), time.time()))

    def _note_return(self) -> None:
        self.returns += 1
        self._on_return()

    def _log_in(self, lost: int) -> LoggedIn:
        """Give a session newer than generation `lost`; of all threads that ask at once, one logs in.

        Those that waited share the outcome, a failure too: a Controller that is away is not asked once per thread.
        """
        tried = self._logins_tried
        with self._login_lock:
            if self._session is not None and self._session.generation > lost:
                return self._session
            has_just_failed = self._login_failure is not None and self._logins_tried > tried
            if self._login_failure is not None and (has_just_failed or self._clock() < self._no_login_before):
                raise copy.copy(self._login_failure)
            self._adopt(None)
            try:
                session = log_in(self._endpoint, self._common_headers, self._logins_tried + 1, self._send)
            except AviError as error:
                self._login_failed(error)
                raise
            finally:
                self._logins_tried += 1
            self._adopt(session)
            level = logging.DEBUG if self._login_lines.happened(session.version) is None else logging.INFO
            text = "logged in to the Avi Controller at %s, API version %s"
            _log.log(level, text, self._transport.base, session.version)
            self._login_failure, self._login_wait, self._no_login_before = None, 0.0, float("-inf")
            if lost:
                self._note_return()
            return session

    def _follow_cookies(self, session: LoggedIn, answer: Answer) -> None:
        if not answer.set_cookies or session.with_cookies_of(answer) is session:
            return
        with self._state_lock:
            current = self._session
            if current is not None and current.generation == session.generation:
                self._session = current.with_cookies_of(answer)

    def _adopt(self, session: LoggedIn | None) -> None:
        with self._state_lock:
            self._session = session

    def _login_failed(self, error: AviError) -> None:
        if isinstance(error, AviUnreachable):
            error.may_have_been_carried_out = False  # what the login was for has not been sent, or was refused
        if isinstance(error, (AviAuthError, AviVersionError)):
            first, longest = _LOGIN_REFUSED_AGAIN_AFTER
            self._login_wait = min(max(first, 2 * self._login_wait), longest)
            self._no_login_before = self._clock() + self._login_wait
            error.retry_after = self._login_wait
        self._settle(error)
        self._login_failure = copy.copy(error)


def _type_in(target: str) -> str:
    parts = target.partition("?")[0].split("/", 3)
    return parts[2] if parts[1] == "api" and len(parts) > 2 else parts[1]


def _header_text(text: str) -> str:
    """Give the text so that it leaves as UTF-8: headers are sent as Latin-1."""
    return text if text.isascii() else text.encode().decode("latin-1")
