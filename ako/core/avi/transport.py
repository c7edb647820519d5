"""One HTTP exchange with the Avi Controller: bytes out, status and bytes back.

`AviSession` calls it. A transport adapter of `requests` carries the exchange; why no `requests.Session` does, and what
the adapter does otherwise than usual, stands in `docs/decisions/0006-no-session-of-requests.md`.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import warnings
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, connection_from_url
from urllib3.connection import HTTPConnection
from urllib3.exceptions import InsecureRequestWarning
from urllib3.util import parse_url

from ako.core.avi.advice import CA_SETTING, SKIP_SETTING
from ako.core.avi.answer import Answer
from ako.core.avi.causes import cause_of, has_timed_out, may_have_been_sent
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.errors import AviUnreachable, AviWithheld
from ako.core.base.fence import Warrant, Withheld
from ako.core.base.fenced_http import fenced

_log = logging.getLogger(__name__)

_KEEP_ALIVE = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # A firewall that forgot an idle connection is noticed before the next write has to wait for its time-out.
    *([(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)] if hasattr(socket, "TCP_KEEPIDLE") else []),
]


class Transport:
    """Connections to one Controller, used by many threads; at most `concurrency` of them at a time."""

    def __init__(self, endpoint: AviEndpoint, warrant: Warrant | None = None) -> None:
        url = endpoint.url
        parts = parse_url(url)
        if parts.scheme not in {"http", "https"} or not parts.host or parts.path not in {None, "/"} or parts.query:
            raise ValueError(f"{url!r} is not the URL of an Avi Controller, such as https://10.10.10.10")
        self.base = f"{parts.scheme}://{parts.netloc}"
        self._timeout = endpoint.timeout
        self._places = endpoint.places
        context = None if endpoint.trusts_anybody else _trusting(endpoint.ca_pem or None)
        connections = _connections(self.base, endpoint.concurrency, context)
        if warrant is not None:
            connections.ConnectionCls = fenced(connections.ConnectionCls, warrant, _is_write)
        self._adapter = _OneHost(connections)

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, patience: float | None = None
    ) -> Answer:
        """Send one request; `target` is path and query, already quoted; `patience` replaces both time-outs.

        A GET is sent again once if the connection broke: the Controller may have closed it while it lay idle.

        Raises:
            AviUnreachable: no answer came, or only a part of it.
            AviWithheld: it was not sent.
        """
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, self.base + target, body
        request.headers = CaseInsensitiveDict(headers)
        request.prepare_content_length(body)
        timeout = self._timeout if patience is None else (patience, patience)
        try:
            return self._send(request, timeout)
        except Withheld as error:
            raise AviWithheld(str(error), method=method, path=target) from error
        except requests.RequestException as error:
            if not (method == "GET" and _connection_broke(error)):
                raise self._unreachable(method, target, error) from error
        try:
            return self._send(request, timeout)
        except requests.RequestException as error:
            raise self._unreachable(method, target, error) from error

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def _send(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> Answer:
        response = self._adapter.send(request, timeout=timeout)
        content = response.content
        cookies = response.raw.headers.getlist("Set-Cookie")
        return Answer(response.status_code, response.headers, tuple(cookies), content)

    def _unreachable(self, method: str, target: str, error: requests.RequestException) -> AviUnreachable:
        cause = cause_of(error, self.base, self._timeout, self._places, is_first=target == "/login")
        failure = AviUnreachable(f"Avi Controller at {self.base}: {cause.told}", method=method, path=target)
        failure.advise(cause.setting, cause.remedy)
        failure.may_have_been_carried_out = method != "GET" and may_have_been_sent(error)
        return failure


class _OneHost(HTTPAdapter):
    """Sends everything through the connections to one host."""

    def __init__(self, connections: HTTPConnectionPool) -> None:
        super().__init__()
        self._connections = connections

    def get_connection_with_tls_context(self, *_args: Any, **_options: Any) -> HTTPConnectionPool:
        return self._connections

    def cert_verify(self, *_args: Any, **_options: Any) -> None:
        """Leave the connections as they are: `requests` would have them trust the public CAs too."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Give the answer without a jar of its cookies, whose filling takes a quarter of the time of an exchange."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        super().close()
        self._connections.close()


def _connections(base: str, concurrency: int, trusted: ssl.SSLContext | None) -> HTTPConnectionPool:
    """Give connections that trust whom the context trusts; without one they trust everybody, and the log says so."""
    options: dict[str, Any] = {"maxsize": concurrency, "block": True, "socket_options": _KEEP_ALIVE}
    if base.startswith("http:"):
        return connection_from_url(base, **options)
    if trusted is not None:
        return connection_from_url(base, ssl_context=trusted, **options)
    connections = connection_from_url(base, cert_reqs=ssl.CERT_NONE, **options)
    host = connections.host
    told = "%s is true: the certificate of the Avi Controller at %s is not verified; give %s its authority instead"
    _log.warning(told, SKIP_SETTING, host, CA_SETTING)
    # Once is enough: urllib3 would say it again with each new connection.
    again = re.escape(f"Unverified HTTPS request is being made to host '{host}'")
    warnings.filterwarnings("ignore", again, InsecureRequestWarning)
    return connections


def _is_write(method: str, path: str) -> bool:
    """Say whether a request is to change what is configured: to log in and out is not."""
    return method != "GET" and path.startswith("/api/")


def _trusting(ca_pem: str | None) -> ssl.SSLContext:
    """Give a context that trusts these certificates and no others, without any those of the system."""
    try:
        context = ssl.create_default_context(cadata=ca_pem)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError(f"{CA_SETTING} holds no readable PEM certificate: {error}") from error
    # Certificates that Controllers make for themselves often lack what the strict check asks for.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


def _connection_broke(error: requests.RequestException) -> bool:
    return isinstance(error, requests.ConnectionError) and may_have_been_sent(error) and not has_timed_out(error)
