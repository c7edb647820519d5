"""Which certificates are trusted: the given CA and nothing else."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from ako.core.avi.errors import AviUnreachable
from tests.core.avi.conftest import OpenSession
from tests.core.avi.scripted import Script, ScriptedController


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(script: Script, authority: trustme.CA) -> Iterator[ScriptedController]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with ScriptedController(script, context) as server:
        yield server


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def test_given_ca_is_trusted(open_session: OpenSession, secure: ScriptedController, authority: trustme.CA) -> None:
    session = open_session(url=secure.url, ca_pem=pem(authority))
    session.post("/api/pool", b"{}")
    assert session.connected


def test_another_ca_is_not(open_session: OpenSession, secure: ScriptedController, script: Script) -> None:
    session = open_session(url=secure.url, ca_pem=pem(trustme.CA()))
    with pytest.raises(AviUnreachable, match=r"certificate verify failed.*check avicredentials") as caught:
        session.post("/api/pool", b"{}")
    assert not caught.value.may_have_been_carried_out
    assert script.seen == []


def test_certificate_for_another_host_is_refused(
    open_session: OpenSession, script: Script, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("avi.example.com").configure_cert(context)
    with ScriptedController(script, context) as server:
        session = open_session(url=server.url, ca_pem=pem(authority))
        with pytest.raises(AviUnreachable, match=r"127\.0\.0\.1.*check avicredentials.certificateAuthorityData"):
            session.get("/api/pool")


def test_public_authorities_are_not_trusted_beside_it(
    open_session: OpenSession,
    secure: ScriptedController,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "public.pem").write_text(pem(authority))
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "public.pem"))
    with pytest.raises(AviUnreachable, match="certificate verify failed"):
        open_session(url=secure.url, ca_pem=pem(trustme.CA())).get("/api/pool")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_environment_does_not_override_the_ca(
    open_session: OpenSession,
    secure: ScriptedController,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    other = trustme.CA()
    (tmp_path / "good.pem").write_text(pem(authority))
    (tmp_path / "other.pem").write_text(pem(other))

    monkeypatch.setenv(variable, str(tmp_path / "other.pem"))
    open_session(url=secure.url, ca_pem=pem(authority)).get("/api/pool")

    monkeypatch.setenv(variable, str(tmp_path / "good.pem"))
    with pytest.raises(AviUnreachable, match="certificate verify failed"):
        open_session(url=secure.url, ca_pem=pem(other)).get("/api/pool")


def test_proxy_of_the_environment_is_not_used(
    open_session: OpenSession, secure: ScriptedController, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    open_session(url=secure.url, ca_pem=pem(authority)).get("/api/pool")


def test_without_ca_those_of_the_system_are_trusted_and_nobody_else(
    open_session: OpenSession,
    secure: ScriptedController,
    script: Script,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = open_session(url=secure.url)
    with pytest.raises(AviUnreachable, match="certificate verify failed"):
        session.post("/api/pool", b"{}")
    assert script.seen == [], "nothing was told to whoever has it, least of all the password"

    (tmp_path / "system.pem").write_text(pem(authority))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    session = open_session(url=secure.url)
    session.get("/api/pool")
    assert session.connected


def test_nothing_is_verified_only_where_that_is_asked_for_which_is_said_once(
    open_session: OpenSession, secure: ScriptedController, caplog: pytest.LogCaptureFixture
) -> None:
    session = open_session(url=secure.url, trusts_anybody=True)
    session.get("/api/pool")
    secure.drop_connections()
    session.get("/api/pool")
    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    (line,) = told
    assert line.startswith(
        "ControllerSettings.insecureSkipVerify is true: the certificate of the Avi Controller at 127.0."
    )
    assert "is not verified; give avicredentials.certificateAuthorityData its authority" in line


@pytest.mark.parametrize(
    "ca_pem", ["not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_ca_that_is_none(open_session: OpenSession, ca_pem: str) -> None:
    with pytest.raises(ValueError, match="certificateAuthorityData holds no readable PEM certificate"):
        open_session(url="https://127.0.0.1", ca_pem=ca_pem)


def test_server_that_speaks_no_tls(
    open_session: OpenSession, controller: ScriptedController, authority: trustme.CA
) -> None:
    session = open_session(url=controller.url.replace("http:", "https:"), ca_pem=pem(authority))
    with pytest.raises(AviUnreachable) as caught:
        session.get("/api/pool")
    assert "certificateAuthorityData" not in str(caught.value)
