"""What is asked of a load balancer, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

Scheme = Literal["http", "https", "ws", "wss", "tcp", "tls", "udp"]

SECURE = frozenset({"https", "wss", "tls"})
PORTS: Mapping[str, int] = {"http": 80, "ws": 80, "https": 443, "wss": 443, "tls": 443}


@dataclass(frozen=True)
class Asked:
    """One thing that a client asks.

    Args:
        to: host name or address of a VIP.
        scheme: `tls` is TLS with no protocol above it that the load balancer knows.
        path: with the query, as sent.
        headers: more headers, in order; `Host` in the place of that of `to`.
        body: of HTTP; what tcp, tls, udp, ws and wss send, of which there must be something.
        client: the address it shall come from; "" for the machine's own.
        port: 0 for that of the scheme; tcp and udp have none.
        sni: the name asked for in TLS, None for `to` (an address is not sent), "" for none.
        may_be_silent: with udp, that nothing comes for a while counts as closed; it is an error otherwise.
    """

    to: str
    scheme: Scheme = "http"
    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    client: str = ""
    port: int = 0
    sni: str | None = None
    may_be_silent: bool = False

    def __post_init__(self) -> None:
        if not self.port and self.scheme not in PORTS:
            raise ValueError(f"{self.scheme} has no port of its own: say which")

    @property
    def asked_port(self) -> int:
        return self.port or PORTS[self.scheme]

    @property
    def host(self) -> str:
        """Give what the Host header says: no port, whichever it is."""
        given = next((value for name, value in self.headers if name.lower() == "host"), None)
        bare = f"[{self.to}]" if ":" in self.to else self.to
        return bare if given is None else given

    @property
    def other_headers(self) -> Mapping[str, str]:
        return {name: value for name, value in self.headers if name.lower() != "host"}

    @property
    def server_name(self) -> str | None:
        """Give the name to send in TLS, None for none."""
        return (self.to if self.sni is None else self.sni) or None

    @property
    def sent(self) -> bytes:
        """Give what is sent where something must be."""
        return self.body or b"hello"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Args:
        unknown_host: nobody has that name or address, so that nobody was asked.
        closed: refused, reset or closed, or a failed handshake, with no answer at all.
        why: what the connection was closed with, for who reads a failure.
        status: of HTTP; 101 where a WebSocket was opened, 0 without HTTP.
        server: "ip:port" of the echo server that answered, "" if it was none.
        headers: of the answer, names in lower case, with all their values.
        certificate: the certificate that the client saw first (leaf), as PEM; "" without TLS.
        echoed: the JSON of an echo server over HTTP.
        text: the body of HTTP; of all else what came behind the name of the server.
    """

    unknown_host: bool = False
    closed: bool = False
    why: str = ""
    status: int = 0
    server: str = ""
    headers: Mapping[str, tuple[str, ...]] = {}
    certificate: str = ""
    echoed: Mapping[str, Any] = {}
    text: str = ""

    @property
    def location(self) -> str:
        return next(iter(self.headers.get("location", ())), "")

    @property
    def common_name(self) -> str:
        """Give the common name of the certificate's subject, "" if there is none."""
        if not self.certificate:
            return ""
        names = self._leaf().subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @property
    def dns_names(self) -> tuple[str, ...]:
        """Give the DNS names of the certificate."""
        if not self.certificate:
            return ()
        try:
            names = self._leaf().extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return ()
        return tuple(names.value.get_values_for_type(x509.DNSName))

    def seen(self, header: str) -> tuple[str, ...]:
        """Give the values of a request header as the echo server saw them, whatever the case of its name."""
        headers: Mapping[str, list[str]] = self.echoed.get("headers", {})
        return tuple(value for name, values in headers.items() if name.lower() == header.lower() for value in values)

    def _leaf(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate.encode())
