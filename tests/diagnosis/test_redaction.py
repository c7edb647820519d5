"""What is taken out of a bug report, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from ako.diagnosis.redact import redacted
from tests.builders import certificate_for

CERTIFICATE, KEY = certificate_for("shop.com")
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJha28ifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tls": {"key": "not even PEM", "certificate": "c"}}, {"tls": {"key": "***", "certificate": "c"}}),
        ({"selector": {"key": "role"}}, {"selector": {"key": "role"}}),
        (
            {"kind": "Secret", "data": {"a": "x"}, "stringData": {"b": "y"}},
            {"kind": "Secret", "data": {"a": "***"}, "stringData": {"b": "***"}},
        ),
        ({"kind": "ConfigMap", "data": {"a": "x"}}, {"kind": "ConfigMap", "data": {"a": "x"}}),
        (
            {"password": "x", "ctrlPassword": "y", "secretName": "tls"},
            {"password": "***", "ctrlPassword": "***", "secretName": "tls"},
        ),
        ({"env": [{"name": "API_TOKEN", "value": "x"}]}, {"env": [{"name": "API_TOKEN", "value": "***"}]}),
        (
            {"env": [{"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "n"}}}]},
            {"env": [{"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "n"}}}]},
        ),
        ("cut off -----BEGIN EC PRIVATE KEY-----\nMHcCAQEE", "cut off ***"),
        (f"Bearer {TOKEN}", "Bearer ***"),
        ("sha256~abcdef", "***"),
        (
            "long-enough-name.of-a-host-that-is-long.example-domain-org.com",
            "long-enough-name.of-a-host-that-is-long.example-domain-org.com",
        ),
        ([1, None, True, ("a",)], [1, None, True, ["a"]]),
        ({"metadata": {"managedFields": [], "name": "n"}}, {"metadata": {"name": "n"}}),
    ],
)
def test_secrets_go_and_the_rest_stays(given: Any, expected: Any) -> None:
    assert redacted(given) == expected


def test_of_two_texts_only_the_private_one_goes() -> None:
    assert redacted(f"{CERTIFICATE}{KEY}end") == f"{CERTIFICATE}***\nend"
