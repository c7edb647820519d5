"""What is taken out of texts, and what stays."""

from __future__ import annotations

import base64
import html
import io
import json
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.secrecy import MASK, MOST_KEPT, Secrecy, masked, masked_answer
from tests.builders import certificate_for

CERTIFICATE, KEY = certificate_for("secrecy.com")
BODY = KEY.split("-----")[2].split()[0]


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        json.dumps(KEY),
        json.dumps(json.dumps(KEY)),
        repr(KEY),
        quote(KEY),
        html.escape(json.dumps(KEY)),
        KEY.replace("\n", " "),
        KEY[: len(KEY) // 2],
        *(base64.b64encode(f"{'x' * before}{KEY}".encode()).decode() for before in range(3)),
    ],
)
def test_a_private_key_is_known_by_its_form(text: str) -> None:
    told = masked(f"before: {text}; after")
    assert MASK in told
    assert told.startswith("before: ")
    assert told.endswith("; after")
    for piece in (BODY[8:24], base64.b64encode(BODY[9:33].encode()).decode()):
        assert piece not in told


def test_blanks_around_a_secret_are_no_part_of_what_is_looked_for() -> None:
    assert Secrecy(" hunter2-and-more\r\n").masked("it was hunter2-and-more!") == f"it was {MASK}!"


@pytest.mark.parametrize(
    "text",
    [
        CERTIFICATE,
        "the PRIVATE KEY in tls.key does not fit the certificate",
        "avicredentials.password is missing: set it, or password in the Secret",
        "tls.key holds no readable PEM private key",
        "",
        "sha256:6f905626ae89b8bf544ea50559119d192363ac9a01c40988f63ceff04cec1afc",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text
    assert Secrecy("short", "another-word").masked(text) == text


@given(st.text(min_size=8, max_size=40).filter(lambda text: len(text.strip()) >= 8))
def test_a_known_value_is_in_no_text(value: str) -> None:
    secrecy = Secrecy(value)
    for text in (value, json.dumps(value)[1:-1], quote(value), json.dumps(json.dumps(value))[3:-3]):
        assert text not in secrecy.masked(f"<{text}>") or text in MASK


def test_a_short_value_is_not_looked_for() -> None:
    assert Secrecy("admin").masked("user admin of tenant admin") == "user admin of tenant admin"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"error": "no {\\"username\\": \\"admin\\", \\"password\\": \\"admin\\"}"}', '\\"username\\": \\"admin\\"'),
        ("username=admin&password=hunter2&x=y", "username=admin&password=***&x=y"),
        ("Authorization: Bearer abc def", "Authorization: *** def"),
        ("Cookie: csrftoken=abc; sessionid=def; x=y", "Cookie: csrftoken=***; sessionid=***; x=y"),
        ('{"error": "Pool c--key.com not found"}', '{"error": "Pool c--key.com not found"}'),
        ('{"error": "the key: must be unique"}', '{"error": "the key: must be unique"}'),
        ('{"error": "token: expired"}', '{"error": "token: expired"}'),
        ("{'token': 'hunter2', 'username': 'admin'}", "{'token': ***, 'username': 'admin'}"),
        ("CSRF token missing or incorrect.", "CSRF token missing or incorrect."),
    ],
)
def test_an_answer_loses_what_stands_behind_the_name_of_a_secret(body: str, told: str) -> None:
    answer = masked_answer(body.encode()).decode()
    assert told in answer
    assert "hunter2" not in answer
    assert "abc" not in answer
    assert '\\"password\\": \\"admin\\"' not in answer


def test_of_what_is_renewed_again_and_again_the_last_are_looked_for_and_nothing_else_goes() -> None:
    secrecy = Secrecy()
    secrecy.keep("the password")
    for number in range(200):
        secrecy.keep(f"token {number:03}", "token for ever", of="tokens")
    assert repr(secrecy) == f"Secrecy({MOST_KEPT + 1} values)"
    told = secrecy.masked("the password, token 199, token for ever, token 000")
    assert told == f"{MASK}, {MASK}, {MASK}, token 000"


def test_streams_are_masked_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    secrecy = Secrecy()
    with secrecy.over_streams():
        secrecy.keep("a long word")
        print("it is a long word", KEY)
        assert not sys.stdout.isatty()
    print("a long word")
    assert out.getvalue() == f"it is {MASK} {MASK}\n\na long word\n"
