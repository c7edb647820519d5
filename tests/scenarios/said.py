"""Whether a text was in a request to the Avi Controller, as it is or in base64. Pure."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from tests.scenarios.world import Sent

CERTIFICATES = "sslkeyandcertificate"

PARTS = frozenset({"data", "add", "replace", "delete"})
"""The fields of a macro or a PATCH that hold an object, or some of its fields."""

DEPTH = 2
"""How often a text may be coded: a Secret of Kubernetes as a whole, and what is coded in it once more."""

CERTAIN = 5
"""So many letters are found in others by chance too seldom to matter."""

ONE_ALPHABET = str.maketrans("-_", "+/")


def said(sent: Sent) -> list[str]:
    """Give every text in a request, names of fields too; passwords, and private keys in their place, apart."""
    body = sent.body
    model = str(body.get("model_name", sent.model)) if isinstance(body, dict) else sent.model
    if model.lower() == CERTIFICATES and isinstance(body, dict):
        body = {name: _without_key(value) if name in PARTS else value for name, value in _without_key(body).items()}
    return [unquote(sent.path), *_texts(body)]


def _without_key(content: Any) -> Any:
    return {name: value for name, value in content.items() if name != "key"} if isinstance(content, dict) else content


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield name
            if name != "password":
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
    elif isinstance(content, str):
        yield content


def holds(texts: Sequence[str], wanted: str) -> bool:
    """Say whether a text is in one of these as it is, or in base64, at any place and in lines of any length."""
    if any(wanted in text for text in texts):
        return True
    coded = _coded(wanted.encode())
    return any(form in bare for bare in map(_bare, texts) for form in coded)


def _bare(text: str) -> str:
    """Give a text in one line, also if it is JSON in which the ends of lines are written out."""
    return "".join(text.replace("\\n", " ").split()).translate(ONE_ALPHABET)


def _coded(wanted: bytes) -> set[str]:
    """Give letters of which some are in every text that holds this in base64, coded up to `DEPTH` times.

    Three bytes become four letters, so there are three forms, by where among three bytes this begins; which the first
    and the last letters are depends on the neighbours. A form that is too short to be certain of is left out.
    """
    forms: set[bytes] = {wanted}
    found: set[bytes] = set()
    for _ in range(DEPTH):
        forms = {_inner(form, offset) for form, offset in itertools.product(forms, range(3))}
        found |= forms
    return {form.decode() for form in found if len(form) >= CERTAIN}


def _inner(wanted: bytes, offset: int) -> bytes:
    """Give the letters that depend on these bytes alone, where they begin so many bytes after a multiple of three."""
    first = (offset * 8 + 5) // 6
    last = (offset + len(wanted)) * 8 // 6
    return base64.b64encode(bytes(offset) + wanted)[first:last]
