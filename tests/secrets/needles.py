"""What a secret may look like in what was said, and the search for it.

It knows nothing of what masks: whatever somebody made of a secret, a piece of it that is long enough is found.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, quote_plus

PIECE = 10
"""Letters of a piece that counts as told: so long a text is nowhere by chance."""


class Leak(NamedTuple):
    """A secret, where it was found, and how it looked there."""

    secret: str
    place: str
    shown: str


class Needles:
    """Secrets by what they are called, ready to be looked for."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._pieces = {name: frozenset(_pieces(value)) for name, value in secrets.items()}

    def leaks(self, places: Mapping[str, str | bytes]) -> list[Leak]:
        """Give every secret that is in a place, each once a place."""
        return [
            Leak(name, place, found)
            for place, text in places.items()
            for name, found in self._found(text if isinstance(text, str) else text.decode(errors="replace"))
        ]

    def _found(self, text: str) -> Iterator[tuple[str, str]]:
        # Lines may be broken anywhere, and a break may be written in many ways.
        joined = re.sub(r"\\+[nrt]|%0[aAdD]|\s+", "", text)
        for name, pieces in self._pieces.items():
            found = next((piece for piece in pieces if piece in text or piece in joined), None)
            if found is not None:
                yield name, found


def private_part(key: str) -> str:
    """Give the part of an EC key in PEM that nobody else has: the kind stands before it, the public key behind it."""
    _, kind, body, *_ = key.split("-----")
    begin = 10 if kind.startswith("BEGIN EC ") else 49
    return "".join(body.split())[begin : begin + 40]


def _pieces(value: str) -> Iterator[str]:
    """Give pieces of all forms of a secret: whatever is longer than one holds one."""
    for form in set(_forms(value)):
        text = "".join(form.split())
        yield from (text[at : at + PIECE] for at in range(max(1, len(text) - PIECE + 1)))


def _forms(value: str) -> Iterator[str]:
    yield value
    yield from (repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (quote(value, safe=""), quote_plus(value), html.escape(value))
    raw = value.encode()
    yield raw.hex()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)[4 if before else 0 : -4].decode()
        yield from (coded, coded.replace("+", "-").replace("/", "_"))
