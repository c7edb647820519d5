"""What a client asks for in its first message over TLS; OpenSSL reads it."""

from __future__ import annotations

import contextlib
import ssl

_HEADER = 5
_HANDSHAKE = 22


def record_size(begin: bytes) -> int:
    """Give the size of the TLS record that begins so, in bytes, its header included; 0 while that cannot be told."""
    return _HEADER + int.from_bytes(begin[3:_HEADER], "big") if len(begin) >= _HEADER else 0


def is_client_hello(begin: bytes) -> bool:
    """Say whether this can be the beginning of a client hello: a handshake record of a TLS version there is."""
    return len(begin) >= _HEADER and begin[0] == _HANDSHAKE and begin[1] == 3


def server_name(hello: bytes) -> str | None:
    """Give the server name (SNI) that a whole client hello asks for; None if it asks for none, or is none."""
    found: list[str | None] = []

    def note(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> int:
        found.append(name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME  # nothing more is wanted of this handshake

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = note
    incoming = ssl.MemoryBIO()
    incoming.write(hello)
    with contextlib.suppress(ssl.SSLError):  # it cannot end well: nobody answers
        context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True).do_handshake()
    return found[0] if found else None
