"""What clients can see that a visitor does not look for: all certificates of a chain, and an answer to HTTP/1.0."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any

from tests.traffic.mutations.bench import PATIENCE
from tests.traffic.promise import own_certificate

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def blocks(text: str) -> list[str]:
    """Give the certificates of a PEM text, each in one way of writing."""
    return [own_certificate(found) for found in _BLOCK.findall(text)]


def shown_chain(address: tuple[str, int], server_name: str | None) -> list[str]:
    """Give the certificates that whoever listens at an address shows for a name, the server's own first.

    Raises:
        OSError: if there is no connection, or the handshake fails.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(address, PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=server_name) as secure,
    ):
        # Public from Python 3.13 on, and not in the types of before.
        connection: Any = secure if hasattr(secure, "get_unverified_chain") else secure._sslobj  # noqa: SLF001
        shown = connection.get_unverified_chain() or ()
    ders = [one if isinstance(one, bytes) else one.public_bytes(2) for one in shown]
    return [own_certificate(ssl.DER_cert_to_PEM_cert(der)) for der in ders]


def status_without_host(address: tuple[str, int], path: str) -> int:
    """Ask in HTTP/1.0 and without a Host header; give the status, 0 if there was no answer."""
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        first = connection.recv(4096).partition(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0
