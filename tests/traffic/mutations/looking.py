"""What a visitor does not do: looks at all certificates of a chain, speaks HTTP/1.0, says hello in pieces."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from typing import Any

from tests.traffic.mutations.bench import PATIENCE
from tests.traffic.promise import own_certificate

_PIECE = 30
"""Bytes of a client hello that come first; it has some hundreds."""
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
        connection: Any = secure if hasattr(secure, "get_unverified_chain") else vars(secure)["_sslobj"]
        shown = connection.get_unverified_chain() or ()
    ders = [one if isinstance(one, bytes) else one.public_bytes(2) for one in shown]
    return [own_certificate(ssl.DER_cert_to_PEM_cert(der)) for der in ders]


def status_without_host(address: tuple[str, int], path: str) -> int:
    """Ask in HTTP/1.0 and without a Host header; give the status, 0 if there was no answer."""
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        first = connection.recv(4096).partition(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0


def answer_to_pieces(address: tuple[str, int], server_name: str, between: Callable[[], object]) -> bytes:
    """Send a client hello in two pieces, and a request when TLS is there; give the head of the answer.

    `between` returns when the first piece has been read. Nothing is given if the connection is closed.
    """
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    tls = context.wrap_bio(coming, going, server_hostname=server_name)
    with socket.create_connection(address, PATIENCE) as connection:
        is_first = True

        def exchanged(step: Callable[[], Any]) -> Any:
            nonlocal is_first
            while True:
                try:
                    result = step()
                except ssl.SSLWantReadError:
                    result = None
                sent = going.read()
                if is_first and sent:
                    connection.sendall(sent[:_PIECE])
                    between()
                    sent, is_first = sent[_PIECE:], False
                connection.sendall(sent)
                if result is not None:
                    return result
                if not (data := connection.recv(65536)):
                    raise ConnectionAbortedError("closed")
                coming.write(data)

        def shaken_hands() -> bool:
            tls.do_handshake()
            return True

        exchanged(shaken_hands)
        exchanged(lambda: tls.write(f"GET / HTTP/1.1\r\nHost: {server_name}\r\n\r\n".encode()))
        return bytes(exchanged(lambda: tls.read(4096)))
