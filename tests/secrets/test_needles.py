"""The search finds a secret in whatever form it is, and nothing where there is none."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from tests.builders import certificate_for
from tests.secrets.needles import Needles, private_part

WORD = 'Zq7kXw3mPdJ"\\&%<é+/ Vt9bLs2nRfGh'
CERTIFICATE, KEY = certificate_for("needles.com")
NEEDLES = Needles({"word": WORD, "key": private_part(KEY)})

FORMS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "a representation": repr,
    "JSON": json.dumps,
    "JSON with its own letters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "part of a URL": quote,
    "a form": quote_plus,
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of more": lambda text: base64.b64encode(f"x{text}y".encode()).decode(),
    "base64 of still more": lambda text: base64.b64encode(f"xx{text}yy".encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "broken into lines": lambda text: "\n".join(text[at : at + 7] for at in range(0, len(text), 7)),
    "a piece of its middle": lambda text: text[len(text) // 2 - 9 : len(text) // 2 + 9],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_word_is_found(form: str) -> None:
    (leak,) = NEEDLES.leaks({"here": f"before {FORMS[form](WORD)} after", "there": "nothing"})
    assert (leak.secret, leak.place) == ("word", "here")


@pytest.mark.parametrize("form", [form for form in FORMS if form != "a piece of its middle"])
def test_a_key_is_found(form: str) -> None:
    assert [leak.secret for leak in NEEDLES.leaks({"here": FORMS[form](KEY)})] == ["key"]


def test_a_certificate_is_no_secret() -> None:
    assert NEEDLES.leaks({"here": CERTIFICATE + base64.b64encode(CERTIFICATE.encode()).decode()}) == []
