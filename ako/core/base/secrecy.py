"""Keeps secrets out of what is told: the one place that masks, for all ways out.

Values that hold secrets do not show them by themselves (`repr`), and what prints settings or plans masks by field. This
is for texts whose makers do not know what is in them: answers of others, exceptions of plugins, stacks.

The ways out are: what is printed and logged (`over_streams`), answers of the Controller that become messages, what is
written to Kubernetes, and what the health server says.
"""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any, TextIO, cast
from urllib.parse import quote, quote_plus

MASK = "***"

SHORTEST = 8
"""Letters of the shortest value that is looked for; a shorter one is a part of too many words to be told by."""

MOST_KEPT = 32
"""How many of the values are looked for that one place gave."""

_INNER = r"(?:(?!-----)(?:[A-Za-z0-9+/=:,.\s\\-]|&#?\w+;|%[0-9A-Fa-f]{2}))*"
_PRIVATE_KEY = re.compile(
    rf"-----BEGIN[ +A-Z0-9%]*PRIVATE[ +%20]*KEY-----{_INNER}(?:-----END[ +A-Z0-9%]*PRIVATE[ +%20]*KEY-----)?"
)
_ENCODED = re.compile(r"(?:LS0tLS1CRUdJT|tLS0tLUJFR0lO|0tLS0tQkVHSU4)[A-Za-z0-9+/=_\s\\%-]{8,}")
"""PEM in base64, wherever it begins: a certificate as well as a key, as nobody can tell them apart by that."""

_TOKEN = re.compile(r"\b(?:eyJ[\w-]{8,}\.[\w.*-]*|sha256~[\w-]+)")
"""Tokens of ServiceAccounts (JWT), also where others have masked a part, and of users as OpenShift makes them."""

_NAMED = re.compile(
    r"""((?:(?:passw(?:or)?d|auth_?token|csrftoken|sessionid|authorization)(?:\\*["']|&quot;|%22)?
    |(?<![\w-])token(?:\\*["']|&quot;|%22))\s*(?:[:=]|%3[aAdD])\s*)
    (\\*["'](?:[^"'\\]|\\.)*["']?|&quot;.*?&quot;|(?:Bearer\s+|Basic\s+)?[^\s;,&}"'<]+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands behind the name of a secret in JSON, in a form or in a header, in whatever somebody made of these."""

_HINTS = ("PRIVATE", "LS0tLS1C", "tLS0tLUJ", "0tLS0tQk", "eyJ", "sha256~")


_SECRET_FIELDS = frozenset(
    {"authtoken", "client_secret", "key_passphrase", "passphrase", "password", "private_key", "secret_key"}
    | {"server_secret", "shared_secret"}
)
"""Fields of Avi objects that hold secrets, wherever they stand."""


def without_secret_fields(value: Any) -> Any:
    """Give JSON of an Avi object with what is secret by the name of its field masked."""
    match value:
        case dict():
            masks = {name for name, item in value.items() if name in _SECRET_FIELDS and item}
            return {name: MASK if name in masks else without_secret_fields(item) for name, item in value.items()}
        case list():
            return [without_secret_fields(item) for item in value]
    return value


def masked(text: str) -> str:
    """Give a text without private keys and tokens, which are known by their form."""
    if any(hint in text for hint in _HINTS):
        text = _TOKEN.sub(MASK, _ENCODED.sub(MASK, _PRIVATE_KEY.sub(MASK, text)))
    return text


def masked_texts(value: Any, masked: Callable[[str], str]) -> Any:
    """Give JSON with each of its texts masked; names of fields stay, and so does what holds the texts apart."""
    match value:
        case str():
            return masked(value)
        case dict():
            return {name: masked_texts(item, masked) for name, item in value.items()}
        case list() | tuple():
            return [masked_texts(item, masked) for item in value]
    return value


def masked_answer(body: bytes, *known: str) -> bytes:
    """Give what a server answered to a request of ours without the secrets that it may have been told by it."""
    return _NAMED.sub(rf"\1{MASK}", Secrecy(*known).masked(body.decode(errors="replace"))).encode()


class Secrecy:
    """Values that nobody may read, beside those that are known by their form; may be asked and told by any thread."""

    def __init__(self, *known: str) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._kept: dict[str, dict[str, None]] = {}
        self._forms: tuple[str, ...] = ()  # the longest first
        self.keep(*known)

    def __repr__(self) -> str:
        return f"Secrecy({len(self._known)} values)"

    def keep(self, *values: str, of: str = "") -> None:
        """Look for these too from now on; of what some place gives one after the other, for the last so many.

        Passwords and tokens may be renewed by the hour, and each that is looked for makes every line dearer.
        """
        with self._lock:
            kept = self._kept.setdefault(of, {})
            for value in map(str.strip, values):  # without blanks around it, which nobody repeats
                if len(value) >= SHORTEST:
                    kept.pop(value, None)
                    kept[value] = None
            for oldest in list(kept)[:-MOST_KEPT]:
                del kept[oldest]
            known = frozenset(value for values in self._kept.values() for value in values)
            if known != self._known:
                forms = {form for value in known for form in _forms(value)}
                self._forms, self._known = tuple(sorted(forms, key=len, reverse=True)), known

    def masked(self, text: str) -> str:
        """Give a text without any secret."""
        for form in self._forms:
            if form in text:  # far quicker than one pattern of all, as nearly no text has any
                text = text.replace(form, MASK)
        return masked(text)

    def masked_json(
        self,
        value: Any,
        is_name: Callable[[str], bool] = lambda _: False,
        addresses: Set[str] = frozenset(),
        field: str = "",
    ) -> Any:
        """Give JSON whose texts are without any; names of fields stay.

        So do names of other things: that a word in them is a secret too is chance. One that is a secret as a whole
        stays only in the fields that say what something is called: without it nobody would find that.
        """
        match value:
            case str():
                stays = is_name(value) and (field in addresses or value not in self._known)
                return value if stays else self.masked(value)
            case dict():
                return {name: self.masked_json(item, is_name, addresses, name) for name, item in value.items()}
            case list() | tuple():
                return [self.masked_json(item, is_name, addresses, field) for item in value]
        return value

    @contextmanager
    def over_streams(self) -> Iterator[None]:
        """Mask whatever is printed meanwhile, the log and stacks included."""
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (cast("TextIO", _Masking(stream, self)) for stream in before)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def _escapes(text: str) -> Iterator[str]:
    """Give a text as it stands within other texts."""
    yield text
    yield from (repr(text)[1:-1], json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    yield from (html.escape(text), html.escape(text, quote=False))


def _forms(value: str) -> Iterator[str]:
    """Give the forms in which a text may be met: JSON within JSON, or in HTML, a base64 of more than it, and so on."""
    escaped = set(_escapes(value))
    twice = {again for once in escaped for again in _escapes(once)}
    yield from twice
    for raw in (text.encode() for text in escaped):
        for before in range(3):
            # Whole groups of three bytes that hold nothing but the value, whatever stands around it.
            begin, end = (3 - before) % 3, len(raw) - (before + len(raw)) % 3
            if end - begin >= SHORTEST:
                yield base64.b64encode(raw[begin:end]).decode()
                yield base64.urlsafe_b64encode(raw[begin:end]).decode()


class _Masking:
    """A stream of text that masks each thing that is written, and is the stream beneath it otherwise."""

    def __init__(self, stream: TextIO, secrecy: Secrecy) -> None:
        self._stream, self._secrecy = stream, secrecy

    def write(self, text: str) -> int:
        self._stream.write(self._secrecy.masked(text))
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
