"""One HTTP exchange with the Avi Controller: bytes out, status and bytes back.

`AviSession` calls it. The transport adapter of `requests` carries the exchange. A session of `requests` is not used:
what it adds for browsers (proxies and CA bundles from the environment, redirects, a cookie jar, hooks) is either wrong
here or done better by us, and takes more processor time than the exchange itself.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import SSLError as Urllib3SSLError
from urllib3.util import parse_url

from ako.core.avi.errors import AviError, AviUnreachable, error_for, message_of

_log = logging.getLogger(__name__)

CA_SETTING = "avicredentials.certificateAuthorityData"

_KEEP_ALIVE = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # A firewall that forgot an idle connection is noticed before the next write has to wait for its time-out.
    *([(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)] if hasattr(socket, "TCP_KEEPIDLE") else []),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Controller answered."""

    status: int
    headers: CaseInsensitiveDict[str]
    set_cookies: tuple[str, ...]
    body: bytes


def failure_of(method: str, target: str, answer: Answer) -> AviError:
    """Give the exception for an answer that is not a success."""
    wait = answer.headers.get("Retry-After", "")
    message = message_of(answer.body)
    if 300 <= answer.status < 400:
        message = f"redirected to {answer.headers.get('Location', 'nowhere')}: check controllerHost"
    return error_for(method, target, answer.status, message, float(wait) if wait.isdecimal() else None)


class _KnowinglyUnverified(HTTPSConnection):
    """A connection whose certificate is not looked at because no CA was given.

    That was said once in the log; urllib3 would warn at each new connection, through a filter list that is global.
    """

    def connect(self) -> None:
        super().connect()
        self.is_verified = True


class _UnverifiedPool(HTTPSConnectionPool):
    ConnectionCls = _KnowinglyUnverified


class _OneHost(HTTPAdapter):
    """An adapter with the connection pool of one host, whose certificate is checked against the given CA only.

    `requests` on its own adds the public CAs of certifi to whatever context it is given.
    """

    def __init__(self, pool: HTTPConnectionPool) -> None:
        super().__init__(max_retries=0)
        self._pool = pool

    def get_connection_with_tls_context(self, *_args: Any, **_options: Any) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_args: Any, **_options: Any) -> None:
        """Leave the pool as it is: its TLS context decides."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Give the answer without a cookie jar: filling one takes a tenth of the time of the whole exchange."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        super().close()
        self._pool.close()


class Transport:
    """Connections to one Controller, used by many threads; at most `concurrency` of them at a time."""

    def __init__(self, url: str, *, ca_pem: str | None, concurrency: int, timeout: tuple[float, float]) -> None:
        parts = parse_url(url)
        if parts.scheme not in {"http", "https"} or not parts.host or parts.path not in {None, "/"} or parts.query:
            raise ValueError(f"{url!r} is not the URL of an Avi Controller, such as https://10.10.10.10")
        self.base = f"{parts.scheme}://{parts.netloc}"
        self._seconds = timeout
        self._timeout = Timeout(connect=timeout[0], read=timeout[1])
        self._adapter = _OneHost(_pool(parts.scheme, parts.host, parts.port, ca_pem, concurrency))

    def exchange(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None, patience: float | None = None
    ) -> Answer:
        """Send one request; `target` is path and query, already quoted; `patience` replaces the read time-out.

        A GET is sent again once if the connection broke: the Controller may have closed it while it lay idle.

        Raises:
            AviUnreachable: no answer came, or only a part of it.
        """
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, self.base + target, body
        if body is not None:
            headers = {**headers, "Content-Length": str(len(body))}
        request.headers = headers  # type: ignore[assignment]  # sent as it is; case does not matter on the way out
        timeout = self._timeout if patience is None else Timeout(connect=patience, read=patience)
        try:
            return self._send(request, timeout)
        except requests.RequestException as error:
            if not (method == "GET" and _connection_broke(error)):
                raise self._unreachable(method, target, error) from error
        try:
            return self._send(request, timeout)
        except requests.RequestException as error:
            raise self._unreachable(method, target, error) from error

    def _send(self, request: requests.PreparedRequest, timeout: Timeout) -> Answer:
        response = self._adapter.send(request, stream=True, timeout=timeout)  # type: ignore[arg-type]  # a urllib3 Timeout is taken too
        content = response.content
        cookies = response.raw.headers.getlist("Set-Cookie")
        return Answer(response.status_code, response.headers, tuple(cookies), content)

    def _unreachable(self, method: str, target: str, error: requests.RequestException) -> AviUnreachable:
        failure = AviUnreachable(self._explain(error), method=method, path=target)
        failure.may_have_been_carried_out = method != "GET" and _may_have_been_sent(error)
        return failure

    def _explain(self, error: requests.RequestException) -> str:
        where = f"Avi Controller at {self.base}"
        if _is_untrusted(error):
            return f"{where}: {_innermost(error)}: check {CA_SETTING}"
        if isinstance(error, requests.ConnectTimeout):
            return f"{where}: no connection within {self._seconds[0]:g} s"
        if _has_timed_out(error):
            return f"{where}: no answer within {self._seconds[1]:g} s"
        return f"{where}: {_innermost(error)}"

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()


def _pool(scheme: str, host: str, port: int | None, ca_pem: str | None, concurrency: int) -> HTTPConnectionPool:
    options: dict[str, Any] = {"maxsize": concurrency, "block": True, "socket_options": _KEEP_ALIVE}
    if scheme == "http":
        return HTTPConnectionPool(host, port, **options)
    if ca_pem:
        try:
            context = ssl.create_default_context(cadata=ca_pem)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(
                f"avicredentials.certificateAuthorityData holds no readable PEM certificate: {error}"
            ) from error
        # Certificates that Controllers make for themselves often lack what the strict check asks for.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        return HTTPSConnectionPool(host, port, ssl_context=context, **options)
    _log.warning("no CA is given for the Avi Controller at %s (%s): its certificate is not verified", host, CA_SETTING)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _UnverifiedPool(host, port, ssl_context=context, **options)


def _may_have_been_sent(error: requests.RequestException) -> bool:
    """Tell whether the request may have left us: the connection stood when it failed."""
    return not (_is_untrusted(error) or isinstance(_reason(error), (NewConnectionError, ConnectTimeoutError)))


def _connection_broke(error: requests.RequestException) -> bool:
    return isinstance(error, requests.ConnectionError) and _may_have_been_sent(error) and not _has_timed_out(error)


def _has_timed_out(error: requests.RequestException) -> bool:
    return isinstance(error, requests.Timeout) or isinstance(_reason(error), ReadTimeoutError)


def _is_untrusted(error: requests.RequestException) -> bool:
    reason = _reason(error)
    return isinstance(reason, Urllib3SSLError) and isinstance(reason.args[0], ssl.SSLCertVerificationError)


def _reason(error: requests.RequestException) -> object:
    """Give what urllib3 reported."""
    cause = error.args[0] if error.args else None
    return cause.reason if isinstance(cause, MaxRetryError) else cause


def _innermost(error: BaseException) -> str:
    """Give the text of the first cause, without the layers of wrapping and their object addresses."""
    inner: BaseException = error
    while True:
        reason = getattr(inner, "reason", None)
        causes = [reason, *inner.args, inner.__cause__]
        cause = next((c for c in causes if isinstance(c, BaseException)), None)
        if cause is None:
            return re.sub(r"<[^>]* at 0x[0-9a-f]+>:? ?", "", str(inner)) or type(inner).__name__
        inner = cause
