"""Importing certificates and keys."""

from __future__ import annotations

import base64

from tests.sim.client import Client, certificate, fixture, key_and_certificate, refused


def test_certificates_are_read_and_keys_are_hidden(avi: Client) -> None:
    key, pem = key_and_certificate()
    created = avi.create("sslkeyandcertificate", certificate(key, pem))
    assert "certificate" not in created["certificate"]
    assert created["certificate"]["subject"]["common_name"] == "a.com"
    assert created["key_params"]["algorithm"] == "SSL_KEY_ALGORITHM_EC"
    read = avi.get(f"/api/sslkeyandcertificate/{created['uuid']}").json()
    assert read["certificate"]["certificate"] == pem
    assert "key" not in read
    behind = avi.get("/_sim/objects/sslkeyandcertificate/cert").json()
    assert behind["key"] == key


def test_certificates_that_cannot_be_imported(avi: Client) -> None:
    (key, pem), (other_key, _) = key_and_certificate(), key_and_certificate()
    bodies = [
        certificate(key, "nonsense"),
        certificate("nonsense", pem),
        certificate(other_key, pem),
        certificate("", pem),
        certificate(key, ""),
    ]
    expected = fixture("errors")["bad_certificate"]
    for body in bodies:
        refused(avi.call("POST", "/api/sslkeyandcertificate", body), expected["status"], expected["clients_match_on"])
    avi.create("sslkeyandcertificate", certificate(key, pem))
    path = f"/api/sslkeyandcertificate/{avi.read('sslkeyandcertificate', 'cert')['uuid']}"
    refused(avi.call("PUT", path, certificate("", pem)), 500, "Import error")
    assert avi.call("PUT", path, certificate(key, pem)).status_code == 200


def test_base64_forms(avi: Client) -> None:
    key, pem = (base64.b64encode(text.encode()).decode() for text in key_and_certificate("b.com"))
    flags = {"key_base64": True, "certificate_base64": True}
    created = avi.create("sslkeyandcertificate", certificate(key, pem, **flags))
    assert created["certificate"]["subject"]["common_name"] == "b.com"
    refused(avi.call("POST", "/api/sslkeyandcertificate", certificate(key, "?", name="x", **flags)), 500, "base64")


def test_authorities_of_a_pki_profile(avi: Client) -> None:
    _, pem = key_and_certificate("ca")
    created = avi.create("pkiprofile", {"name": "p", "ca_certs": [{"certificate": pem}]})
    assert created["ca_certs"][0]["subject"]["common_name"] == "ca"
    body = {"name": "q", "ca_certs": [{"certificate": "nonsense"}]}
    refused(avi.call("POST", "/api/pkiprofile", body), 500, "Import error")
