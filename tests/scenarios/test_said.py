"""A text in a request is seen wherever it is and however it is coded, and where it may be it is not."""

from __future__ import annotations

import base64
import json
import textwrap

import pytest
from hypothesis import given, strategies

from tests.scenarios.said import holds, said
from tests.scenarios.scenario import JsonObject
from tests.scenarios.world import Sent

TEXT = "PRIVATE KEY"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def is_in(body: object, path: str = "/api/pool", text: str = TEXT) -> bool:
    return holds(said(Sent("POST", path, body)), text)


@pytest.mark.parametrize(
    "body",
    [
        {"name": f"-----BEGIN {TEXT}-----"},
        {"markers": [{"key": TEXT, "values": []}]},
        {"certificate": {"certificate": f"CERT\n{TEXT}"}},
        {TEXT: 1},
        [TEXT],
        {"service_metadata": json.dumps({"was": coded(TEXT)})},
        {"description": f"see:abc{coded(f'CERT {TEXT}')}"},
        {"description": "\n".join(textwrap.wrap(coded(f"CERT {TEXT} CERT"), 8))},
        {"description": json.dumps("\n".join(textwrap.wrap(coded(f"CERT {TEXT} CERT"), 8)))},
        {"description": base64.urlsafe_b64encode(f"~~~???{TEXT}".encode()).decode().rstrip("=")},
        {"description": coded(coded(f"CERT {TEXT}"))},
    ],
)
def test_what_is_seen(body: object) -> None:
    assert is_in(body)


@pytest.mark.parametrize("body", [{}, {"name": TEXT.lower()}, {"name": "PRIVATE", "description": "KEY"}, coded("KEY")])
def test_what_is_not(body: object) -> None:
    assert not is_in(body)


@given(strategies.text(), strategies.text())
def test_no_neighbours_hide_a_text_in_base64(before: str, after: str) -> None:
    assert is_in({"name": coded(f"{before}{TEXT}{after}")})
    assert is_in({"name": coded(f"x{coded(f'{before}{TEXT}{after}')}")})


def certificate(**more: object) -> JsonObject:
    return {"name": "c", "certificate": {"certificate": "CERT"}, "key": TEXT, **more}


def test_a_private_key_has_its_place() -> None:
    address = "/api/sslkeyandcertificate"
    macro: JsonObject = {"model_name": "SSLKeyAndCertificate", "data": certificate()}
    assert not is_in(certificate(), address)
    assert not is_in(certificate(), f"{address}/sslkeyandcertificate-1")
    assert not is_in({"replace": {"key": TEXT}}, f"{address}/sslkeyandcertificate-1")
    assert not is_in(macro, "/api/macro")
    assert is_in(certificate(description=TEXT), address)
    assert is_in({**macro, "data": certificate(description=TEXT)}, "/api/macro")
    assert is_in({"name": "c", "certificate": {"key": TEXT}}, address)
    assert is_in(certificate(), "/api/pkiprofile")
    assert is_in({**macro, "model_name": "PKIProfile"}, "/api/macro")


def test_passwords_are_sent_to_log_in() -> None:
    assert not is_in({"username": "admin", "password": TEXT}, "/login")
    assert is_in({"username": TEXT, "password": ""}, "/login")


def test_addresses_and_bodies_that_are_no_json_count() -> None:
    assert is_in(None, "/api/pool?name=PRIVATE%20KEY")
    assert is_in(f"no json: {TEXT}")
    assert not is_in("no json")
