"""TLS Secrets that cannot be used: at start nothing is taken away, later the version before stays."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from tests.builders import Manifest, certificate_for, ed25519_certificate_for, ingress, secret, tls_secret
from tests.e2e.stage import Stage
from tests.waiting import eventually

CERTIFICATE, KEY = certificate_for("bank.com")
OTHER_CERTIFICATE, OTHER_KEY = certificate_for("other.com")
DER = "".join(CERTIFICATE.split("-----")[2].split())
"""The certificate without its frame: base64 of its DER form."""


def encoded(text: str, how: str = "utf-8") -> str:
    return base64.b64encode(text.encode(how)).decode()


BANK = ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})

UNUSABLE: Mapping[str, tuple[Manifest, str]] = {
    "garbage": (secret("cert", "garbage", "garbage"), "tls.crt holds no readable PEM certificate"),
    "a garbled certificate": (secret("cert", CERTIFICATE[:200], KEY), "tls.crt holds no readable PEM certificate"),
    "a garbled key": (secret("cert", CERTIFICATE, "garbage"), "tls.key holds no readable PEM private key"),
    "the key of another": (secret("cert", CERTIFICATE, OTHER_KEY), "the key in tls.key does not fit"),
    "a key that Avi does not take": (
        secret("cert", *ed25519_certificate_for("bank.com")),
        "the certificate in tls.crt is for a key of type Ed25519; Avi takes RSA and EC keys only",
    ),
    "no certificate": (secret("cert", "", KEY), "has no tls.crt"),
    "no key": (secret("cert", CERTIFICATE, ""), "has no tls.key"),
    "no data": ({**secret("cert", "", ""), "stringData": None}, "has no tls.crt"),
    "data that is no base64": (
        {**secret("cert", "", ""), "stringData": None, "data": {"tls.crt": "*", "tls.key": "*"}},
        "tls.crt is not base64",
    ),
    "a DER certificate": (
        {**secret("cert", "", ""), "stringData": None, "data": {"tls.crt": DER, "tls.key": encoded(KEY)}},
        "tls.crt holds a DER certificate, not PEM",
    ),
    "a DER certificate without a frame": (secret("cert", DER, KEY), "tls.crt holds a DER certificate, not PEM"),
    "binary data of another sort": (
        {**secret("cert", "", ""), "stringData": None, "data": {"tls.crt": encoded("0\x82\xff", "latin-1")}},
        "tls.crt holds binary data",
    ),
    "a chain in the wrong order": (
        secret("cert", OTHER_CERTIFICATE + CERTIFICATE, KEY),
        "the key in tls.key fits block 2 of tls.crt, not the first",
    ),
}


def serve_the_bank(stage: Stage) -> dict[str, Any]:
    stage.put("bank", BANK)
    stage.put("cert", tls_secret("cert", "bank.com"))
    stage.converge()
    found = stage.avi.ours()
    assert {"virtualservice/c--bank.com", "sslkeyandcertificate/c--bank.com"} <= found.keys()
    return found


@pytest.mark.parametrize("what", UNUSABLE)
def test_after_a_restart_nothing_is_taken_away(stage: Stage, what: str) -> None:
    before = serve_the_bank(stage)
    manifest, words = UNUSABLE[what]
    stage.put("cert", manifest)
    mark = stage.avi.mark()
    done = stage.ako("run", "--once")
    assert words in done.stderr
    assert "Ingress/default/bank" in done.stderr
    assert KEY not in done.stderr
    assert stage.avi.writes_since(mark) == []
    assert stage.avi.ours() == before


def test_while_running_the_version_before_stays_and_the_next_good_one_is_pushed(stage: Stage) -> None:
    stage.put("bank", BANK)
    stage.put("cert", tls_secret("cert", "bank.com"))
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        mark = stage.avi.mark()
        stage.put("cert", secret("cert", CERTIFICATE, OTHER_KEY))
        ako.says("does not fit")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        kept = stage.avi.named("sslkeyandcertificate", "c--bank.com")
        assert kept["certificate"]["certificate"].strip() == CERTIFICATE.strip()
        assert not [w for w in stage.avi.writes_since(mark) if "bank.com" in w.name or w.method == "DELETE"]
        stage.put("cert", secret("cert", OTHER_CERTIFICATE, OTHER_KEY))
        eventually(
            lambda: (
                stage.avi.named("sslkeyandcertificate", "c--bank.com")["certificate"]["certificate"].strip()
                == OTHER_CERTIFICATE.strip()
            ),
            "the new certificate",
        )
        ako.stop()


def test_a_new_host_without_a_usable_certificate_waits_for_it(stage: Stage) -> None:
    stage.put("bank", BANK)
    stage.put("cert", secret("cert", CERTIFICATE, OTHER_KEY))
    with stage.start() as ako:
        ako.says("does not fit")
        eventually(lambda: stage.avi.pool_of("shop.com"), "the neighbour served")
        assert "virtualservice/c--bank.com" not in stage.avi.ours()
        stage.put("cert", tls_secret("cert", "bank.com"))
        eventually(lambda: "virtualservice/c--bank.com" in stage.avi.ours(), "bank.com served")
        ako.stop()


def test_a_secret_that_is_gone_takes_its_host_and_nothing_else(stage: Stage) -> None:
    before = serve_the_bank(stage)
    stage.remove("cert")
    done = stage.ako("run", "--once")
    assert "secret: default/cert does not exist" in done.stderr
    after = stage.avi.ours()
    assert "virtualservice/c--bank.com" not in after
    assert "sslkeyandcertificate/c--bank.com" not in after
    assert after["pool/c--shop.com_-default-shop"] == before["pool/c--shop.com_-default-shop"]


def test_only_the_key_changes(stage: Stage) -> None:
    """The Controller never gives a key back, so that it is pushed when the change is seen."""
    stage.put("bank", BANK)
    stage.put("cert", tls_secret("cert", "bank.com"))
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: "sslkeyandcertificate/c--bank.com" in stage.avi.ours(), "the certificate")
        stage.put("cert", secret("cert", CERTIFICATE, f"\n{KEY}"))
        eventually(
            lambda: stage.avi.named("sslkeyandcertificate", "c--bank.com")["key"] == f"\n{KEY}", "the key as it is now"
        )
        ako.stop()


def test_without_a_certificate_that_the_controller_takes_there_is_no_child_and_no_redirect(stage: Stage) -> None:
    stage.converge()
    stage.put("bank", BANK)
    stage.put("cert", tls_secret("cert", "bank.com"))
    stage.avi.misbehave({"match": {"method": "POST", "name": "c--bank.com"}, "status": 400, "body": {"error": "no"}})
    done = stage.ako("run", "--once")
    assert "the Avi Controller refused sslkeyandcertificate c--bank.com: no" in done.stderr
    found = stage.avi.ours()
    assert "virtualservice/c--bank.com" not in found
    assert "bank.com" not in str([item for name, item in found.items() if "policyset/c--Shared" in name])
    stage.avi.misbehave(None)
    stage.converge()
    assert "virtualservice/c--bank.com" in stage.avi.ours()
