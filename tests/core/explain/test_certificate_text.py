"""A certificate is told by whom it is for and who signed it; whoever signed himself is known by his whole name."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ako.core.explain.certificate_text import certificate_read, in_one_line
from tests.explain.situations.objects import FAR_OFF, LONG_AGO


def named(common_name: str, organisation: str) -> x509.Name:
    parts = {x509.NameOID.COMMON_NAME: common_name, x509.NameOID.ORGANIZATION_NAME: organisation}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items() if value])


def certificate(subject: x509.Name, issuer: x509.Name) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    draft = x509.CertificateBuilder(issuer, subject, key.public_key(), 1, LONG_AGO, FAR_OFF)
    return draft.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("issuer", "signed"),
    [
        (named("shop.com", "us"), "self-signed"),
        (named("A CA", "them"), "issued by A CA"),
        (named("shop.com", "them"), "issued by O=them,CN=shop.com"),
        (named("", "them"), "issued by O=them"),
    ],
)
def test_who_signed_it_is_told(issuer: x509.Name, signed: str) -> None:
    told = certificate_read(certificate(named("shop.com", "us"), issuer))
    assert told is not None
    assert in_one_line(told).startswith(f"shop.com, {signed}, valid until ")


@pytest.mark.parametrize("text", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_none(text: str) -> None:
    assert certificate_read(text) is None
