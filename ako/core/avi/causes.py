"""Why an exchange with the Avi Controller came to nothing: what to tell, the setting it may lie at, what to do.

`Transport` asks it about the exceptions of `requests`, which wrap those of urllib3, of ssl and of the system.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import requests
from urllib3.exceptions import NewConnectionError, ReadTimeoutError
from urllib3.util import parse_url

from ako.core.avi.advice import CA_SETTING, HOST_SETTING, SKIP_SETTING
from ako.core.base.places import Places

_PROBE_SECONDS = 2.0
_NO_WAY_REMEDY = "correct the address, or open the way to it"

_FOR_ANOTHER_HOST = frozenset({62, 64})
"""What OpenSSL calls X509_V_ERR_HOSTNAME_MISMATCH, and _IP_ADDRESS_MISMATCH."""

_OUT_OF_TIME = frozenset({9, 10})
"""What it calls X509_V_ERR_CERT_NOT_YET_VALID, and _CERT_HAS_EXPIRED."""


class Cause(NamedTuple):
    """Why there was no answer.

    Attributes:
        told: what happened.
        setting: the setting to look at, with its place; empty if it lies at none.
        remedy: what to do about it; empty if time alone helps.
    """

    told: str
    setting: str = ""
    remedy: str = ""


def cause_of(
    error: requests.RequestException, base: str, timeout: tuple[float, float], places: Places, *, is_first: bool
) -> Cause:
    """Say what happened in the words of the first cause, without the layers of wrapping and their addresses.

    `is_first` says that nothing is known yet of what is at the address.
    """
    host = places.named(HOST_SETTING)
    if isinstance(error, requests.ConnectTimeout):
        return Cause(f"no connection within {timeout[0]:g} s", host, _NO_WAY_REMEDY)
    if has_timed_out(error):
        return Cause(f"no answer within {timeout[1]:g} s")
    *_, first = _causes(error)
    text = re.sub(r"<[^>]* at 0x[0-9a-f]+>:? ?", "", str(first)) or type(first).__name__
    if is_untrusted(error):
        return _untrusted(text, first, places)
    if isinstance(first, ssl.SSLError):
        return _no_tls(text, base, host)
    if _is_caused_by(error, NewConnectionError):
        return _no_connection(text, first, base, host)
    if is_first and base.startswith("http:") and isinstance(error, requests.ConnectionError) and _speaks_tls(base):
        return Cause("answers TLS only", "", f"write https:{base.removeprefix('http:')} into {host}")
    return Cause(text)


def _no_connection(text: str, first: BaseException, base: str, host: str) -> Cause:
    """Say why there is no connection."""
    if isinstance(first, socket.gaierror):
        told = f"the name {parse_url(base).host} cannot be resolved ({text})"
        return Cause(told, host, "correct the name, or the DNS of this host")
    if isinstance(first, ConnectionRefusedError):
        return Cause(f"{text}: nothing listens there", host, "correct address and port, or start the Controller")
    return Cause(text, host, _NO_WAY_REMEDY)


def _untrusted(text: str, first: BaseException, places: Places) -> Cause:
    """Say what to do about a certificate that is not good enough: nothing is sent to whoever has it."""
    authority, skip = places.named(CA_SETTING), f"set {places.named(SKIP_SETTING)} to true, which trusts anybody"
    code = getattr(first, "verify_code", 0)
    remedy = f"check {authority}: it takes the certificate of the authority that signed the Controller's; or {skip}"
    if code in _FOR_ANOTHER_HOST:
        host = places.named(HOST_SETTING)
        remedy = f"write a name or address into {host} that is in the certificate, check {authority}, or {skip}"
    elif code in _OUT_OF_TIME:
        remedy = f"give the Controller a certificate that is valid now and {authority} its authority, or {skip}"
    return Cause(text, "", remedy)


def _no_tls(text: str, base: str, host: str) -> Cause:
    """Say what is at an address that does not speak TLS."""
    parts = parse_url(base)
    port = parts.port or 443
    if _speaks_http(parts.host or "", port):
        plain = f"http://{parts.netloc if parts.port else f'{parts.netloc}:{port}'}"
        return Cause("answers plain HTTP", "", f"write {plain} into {host}")
    return Cause(f"{text}: does not look like an Avi Controller", host, "write the address of the Controller")


def _speaks_http(host: str, port: int) -> bool:
    """Ask at an address for plain HTTP."""
    with suppress(OSError), socket.create_connection((host.strip("[]"), port), _PROBE_SECONDS) as connection:
        connection.settimeout(_PROBE_SECONDS)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(5).startswith(b"HTTP/")
    return False


def _speaks_tls(base: str) -> bool:
    """Ask at an address for TLS; nothing is sent over it."""
    parts = parse_url(base)
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    address = ((parts.host or "").strip("[]"), parts.port or 80)
    with suppress(OSError), socket.create_connection(address, _PROBE_SECONDS) as connection:
        anybody.wrap_socket(connection).close()
        return True
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an exception of requests and what it wraps, of urllib3 and Python, from the outside in."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        wrapped = (getattr(cause, "reason", None), *cause.args, cause.__cause__)
        cause = next((inner for inner in wrapped if isinstance(inner, BaseException)), None)


def _is_caused_by(error: requests.RequestException, *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(error))


def is_untrusted(error: requests.RequestException) -> bool:
    """Tell whether the certificate of whoever answered is not good enough."""
    return _is_caused_by(error, ssl.SSLCertVerificationError)


def has_timed_out(error: requests.RequestException) -> bool:
    """Tell whether the time ran out, of which requests makes a ConnectionError if it was amid the body."""
    return _is_caused_by(error, requests.Timeout, ReadTimeoutError)


def may_have_been_sent(error: requests.RequestException) -> bool:
    """Tell whether the request may have left us: the connection stood when it failed."""
    return not (is_untrusted(error) or _is_caused_by(error, requests.ConnectTimeout, NewConnectionError))
