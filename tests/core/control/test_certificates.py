"""Certificates that are served though something is wrong with them: who is told what, and when."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.builders import Manifest, certificate_for, dated_certificate, endpoints, ingress, secret, service, tls_secret
from tests.core.control.echo import EchoingRig
from tests.core.control.rig import DAY

TODAY = datetime.fromtimestamp(DAY, UTC)
HOUR = timedelta(hours=1)
BASE = (service("web"), endpoints("web", "10.0.0.1"))


def shop(host: str = "shop.com", name: str = "shop", secret_name: str = "cert") -> Manifest:
    return ingress(name, (host, "/", "web:80"), tls={host: secret_name})


def told(rig: EchoingRig) -> list[tuple[str, str]]:
    return [(problem.source.name, problem.reason) for problem in rig.news()]


def serving(certificate: tuple[str, str], host: str = "shop.com") -> EchoingRig:
    return EchoingRig(*BASE, secret("cert", *certificate), shop(host))


def test_one_that_is_good_is_nobodys_business() -> None:
    rig = serving(dated_certificate(TODAY - HOUR, TODAY + HOUR * 9, "shop.com"))
    assert told(rig) == []


def test_one_that_has_expired_is_served_and_told() -> None:
    rig = serving(dated_certificate(TODAY - HOUR * 9, TODAY - HOUR, "shop.com"))
    (problem,) = rig.news()
    assert problem.reason == "CertificateExpired"
    assert problem.message == "the certificate in tls.crt of secret: default/cert expired at 2029-12-31T23:00:00Z."
    assert any(ref.type == "sslkeyandcertificate" for ref in rig.controller.observed)


def test_one_that_expires_is_told_when_it_does_with_nothing_else_happening_and_no_write() -> None:
    rig = serving(dated_certificate(TODAY - HOUR, TODAY + HOUR, "shop.com"))
    assert told(rig) == []
    writes = len(rig.writes)
    rig.clock.now = 3600.0
    rig.settle()
    assert told(rig) == [], "it is valid to the very second"
    rig.clock.now = 3601.0
    rig.settle()
    assert told(rig) == [("shop", "CertificateExpired")]
    assert len(rig.writes) == writes


def test_one_that_is_not_valid_yet_is_told_until_it_is() -> None:
    rig = serving(dated_certificate(TODAY + HOUR, TODAY + HOUR * 9, "shop.com"))
    assert told(rig) == [("shop", "CertificateNotYetValid")]
    rig.clock.now = 3600.0
    rig.settle()
    assert told(rig) == []
    assert not any(rig.desk.standing.values())


def test_only_the_hosts_of_a_certificate_are_looked_at_when_it_expires() -> None:
    many = [shop(f"h{n}.com", f"i{n}", f"c{n}") for n in range(20)]
    lasting = [secret(f"c{n}", *dated_certificate(TODAY - HOUR, TODAY + HOUR * 99, f"h{n}.com")) for n in range(1, 20)]
    short = secret("c0", *dated_certificate(TODAY - HOUR, TODAY + HOUR, "h0.com"))
    rig = EchoingRig(*BASE, short, *lasting, *many)
    rig.news()
    before = rig.reconciler.pipeline.engine.steps
    rig.clock.now = 3601.0
    rig.settle()
    assert told(rig) == [("i0", "CertificateExpired")]
    assert rig.reconciler.pipeline.engine.steps - before < 20


def test_a_renewed_one_ends_the_matter_and_its_own_end_counts() -> None:
    rig = serving(dated_certificate(TODAY - HOUR * 9, TODAY - HOUR, "shop.com"))
    rig.news()
    rig.apply(secret("cert", *dated_certificate(TODAY - HOUR, TODAY + HOUR, "shop.com")))
    rig.settle()
    assert not any(rig.desk.standing.values())
    rig.clock.now = 3601.0
    rig.settle()
    assert told(rig) == [("shop", "CertificateExpired")]


@pytest.mark.parametrize(
    ("host", "names", "common_name"),
    [
        ("shop.com", ("shop.com",), ""),
        ("Shop.com", ("SHOP.com",), ""),
        ("a.shop.com", ("*.shop.com",), ""),
        ("shop.com", (), "shop.com"),
        ("shop.com", ("other.com", "shop.com"), "other.com"),
    ],
)
def test_one_that_names_the_host_is_for_it(host: str, names: tuple[str, ...], common_name: str) -> None:
    certificate = dated_certificate(TODAY - HOUR, TODAY + HOUR, *names, common_name=common_name)
    assert told(serving(certificate, host)) == []


@pytest.mark.parametrize(
    ("host", "names", "common_name"),
    [
        ("shop.com", ("other.com",), ""),
        ("shop.com", ("*.shop.com",), ""),
        ("a.b.shop.com", ("*.shop.com",), ""),
        ("shop.com", ("other.com",), "shop.com"),
        ("shop.com", (), "other.com"),
    ],
)
def test_one_for_another_name_is_served_and_told(host: str, names: tuple[str, ...], common_name: str) -> None:
    rig = serving(dated_certificate(TODAY - HOUR, TODAY + HOUR, *names, common_name=common_name), host)
    (problem,) = rig.news()
    assert problem.reason == "CertificateForOtherName"
    assert host in problem.message
    assert any(ref.type == "sslkeyandcertificate" for ref in rig.controller.observed)


def test_who_loses_the_certificate_is_not_told_about_the_one_that_is_not_served() -> None:
    older = ingress("a", ("shop.com", "/", "web:80"), tls={"shop.com": "good"}, created="2020-01-01T00:00:00Z")
    younger = ingress("b", ("shop.com", "/b", "web:80"), tls={"shop.com": "bad"}, created="2021-01-01T00:00:00Z")
    bad = secret("bad", *dated_certificate(TODAY - HOUR * 9, TODAY - HOUR, "other.com"))
    rig = EchoingRig(*BASE, tls_secret("good"), bad, older, younger)
    assert told(rig) == [("b", "CertificateConflict")]


def test_a_private_key_in_the_certificate_is_left_out_and_told() -> None:
    certificate, key = certificate_for("shop.com")
    rig = EchoingRig(*BASE, secret("cert", f"{key}text\n{certificate}{key}", key), shop())
    (problem,) = rig.news()
    assert problem.reason == "PrivateKeyInCertificate"
    assert "tls.crt of secret: default/cert" in problem.message
    (held,) = (seen.object for ref, seen in rig.controller.observed.items() if ref.type == "sslkeyandcertificate")
    assert held.certificate.certificate.split() == certificate.split()  # type: ignore[attr-defined]


def test_two_that_differ_only_in_what_is_left_out_are_one() -> None:
    certificate, key = certificate_for("shop.com")
    spoilt = secret("other", certificate + key, key)
    second = ingress("b", ("shop.com", "/b", "web:80"), tls={"shop.com": "other"}, created="2021-01-01T00:00:00Z")
    rig = EchoingRig(*BASE, tls_secret("cert"), spoilt, shop(), second)
    assert told(rig) == [("b", "PrivateKeyInCertificate")]


def test_one_whose_names_cannot_be_read_is_served_without_a_word_about_them() -> None:
    """The same extension twice, which RFC 5280 forbids."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other.com")])
    names = [x509.DNSName("other.com")]
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, TODAY - HOUR, TODAY + HOUR)
    draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
    draft = draft.add_extension(x509.IssuerAlternativeName(names), critical=False)
    raw = draft.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    twice = raw.replace(bytes.fromhex("0603551d12"), bytes.fromhex("0603551d11"))
    text = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(twice).decode()}-----END CERTIFICATE-----\n"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    rig = serving((text, private))
    assert told(rig) == []
    assert any(ref.type == "sslkeyandcertificate" for ref in rig.controller.observed)


def test_headers_within_a_block_are_no_reason_to_leave_it_out() -> None:
    certificate, key = certificate_for("shop.com")
    begin = "-----BEGIN CERTIFICATE-----\n"
    rig = serving((certificate.replace(begin, f"{begin}Made-By: some-body\n\n"), key))
    assert told(rig) == []
    (held,) = (seen.object for ref, seen in rig.controller.observed.items() if ref.type == "sslkeyandcertificate")
    assert "BEGIN CERTIFICATE" in held.certificate.certificate  # type: ignore[attr-defined]
