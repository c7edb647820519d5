"""A client of the load balancer: asks at the address that stands for a host, and says who answered."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import requests
from msgspec import Struct

from ako.cli.demo.promised import Wanted
from ako.typed_json import reader

_PATIENCE = 10
_HELLO = b"hello\n"


class Listener(Struct, frozen=True):
    """One entry of `/_sim/listeners`: who listens for which port of which address, and where on this machine."""

    vip: str
    port: int
    protocol: str
    address: str
    listening_port: int
    names: tuple[str, ...] = ()


_decode_listeners = reader(list[Listener]).decode


class Answer(Struct, frozen=True, kw_only=True):
    """What came of a request.

    Attributes:
        status: of HTTP, else 0.
        location: where it sends the client.
        pod: "namespace/pod" of the stand-in that answered, for a port "ip:port"; empty if none did.
        certificate: what was shown, as PEM.
        ended_for: the name for which the pod ended TLS, if it did.
        failure: why there was no answer: `closed`, or the error.
    """

    status: int = 0
    location: str = ""
    pod: str = ""
    certificate: str = ""
    ended_for: str = ""
    failure: str = ""


class Client:
    """Asks over a new connection each time.

    It remembers the address of each host, as caches of DNS do, so that it asks there still when the name is gone.

    Args:
        url: of the simulator, which stands for DNS too.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sim"
        self._http = requests.Session()
        self._http.trust_env = False
        self._vips: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def stand_in(self, servers: Mapping[str, str | None]) -> None:
        """Say where the stand-in of each server listens."""
        self._http.put(f"{self._url}/servers", json=servers, timeout=_PATIENCE).raise_for_status()

    def listener(self, wanted: Wanted) -> Listener | None:
        """Give who listens where a request goes; None if nobody does, or the host has never had an address."""
        answer = self._http.get(f"{self._url}/listeners", timeout=_PATIENCE)
        answer.raise_for_status()
        found = _decode_listeners(answer.content)
        self._vips |= {name: each.vip for each in found for name in each.names}
        place = (self._vips.get(wanted.host), wanted.port, "TCP")
        return next((each for each in found if (each.vip, each.port, each.protocol) == place), None)

    def ask(self, wanted: Wanted) -> Answer:
        """Ask once; whatever goes wrong is in the answer."""
        listener = self.listener(wanted)
        if listener is None:
            return Answer(failure="closed")
        try:
            with socket.create_connection((listener.address, listener.listening_port), _PATIENCE) as connection:
                if wanted.scheme == "tcp":
                    return _greeted(connection)
                if wanted.scheme == "http":
                    return _asked(wanted, connection, b"")
                with _trusting().wrap_socket(connection, server_hostname=wanted.host) as secure:
                    return _asked(wanted, secure, secure.getpeercert(binary_form=True) or b"")
        except (ConnectionError, ssl.SSLError):
            return Answer(failure="closed")
        except (OSError, http.client.HTTPException, ValueError) as problem:
            return Answer(failure=repr(problem))


def _trusting() -> ssl.SSLContext:
    """Give a context that takes any certificate: which one was shown is looked at afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _greeted(connection: socket.socket) -> Answer:
    connection.sendall(_HELLO)
    answer = connection.recv(len(_HELLO) + 100)
    return Answer(pod=answer.decode().partition("\n")[0]) if answer else Answer(failure="closed")


def _asked(wanted: Wanted, connection: socket.socket, certificate: bytes) -> Answer:
    spoken = http.client.HTTPConnection(wanted.host, timeout=_PATIENCE)
    spoken.sock = connection
    spoken.request("GET", wanted.path)
    answer = spoken.getresponse()
    body = answer.read()
    is_echo = answer.getheader("X-Echo-Server") is not None
    said: Mapping[str, Any] = json.loads(body) if is_echo else {}
    return Answer(
        status=answer.status,
        location=answer.getheader("Location", ""),
        pod=f"{said['namespace']}/{said['pod']}" if is_echo else "",
        certificate=ssl.DER_cert_to_PEM_cert(certificate) if certificate else "",
        ended_for=said.get("tls", {}).get("serverName", ""),
    )
