"""A plain HTTP client for the simulator, and bodies to send: strangers to the product's own Avi client."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Json = dict[str, Any]

FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


class Client:
    """A logged-in session."""

    def __init__(self, url: str, version: str | None = "20.1.5", tenant: str = "admin", verify: Any = True) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = verify
        self.headers = {"X-Avi-Tenant": tenant, "Referer": url}
        if version is not None:
            self.headers["X-Avi-Version"] = version
        self.login = self.session.post(f"{url}/login", json={"username": "admin", "password": "admin"})
        self.login.raise_for_status()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.session.close()

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str | None] | None = None
    ) -> requests.Response:
        sent: dict[str, str | None] = {**self.headers, "X-CSRFToken": self.session.cookies.get("csrftoken")}
        sent.update(headers or {})
        kept = {name: value for name, value in sent.items() if value is not None}
        return self.session.request(method, self.url + path, json=body, headers=kept)

    get = functools.partialmethod(call, "GET")

    def create(self, kind: str, body: Json, **headers: str) -> Json:
        response = self.call("POST", f"/api/{kind}", body, headers)
        assert response.status_code == 201, response.text
        created: Json = response.json()
        return created

    def read(self, kind: str, name: str, query: str = "") -> Json:
        found = self.call("GET", f"/api/{kind}?name={name}{query}").json()["results"]
        assert len(found) == 1, found
        only: Json = found[0]
        return only


def refused(response: requests.Response, status: int, text: str) -> None:
    """Assert that a request was refused with a status and a text."""
    assert (response.status_code, text in response.text) == (status, True), (response.status_code, response.text)


def pool(name: str = "p1", **fields: Any) -> Json:
    return {"name": name, "servers": [{"ip": {"addr": "10.1.1.1", "type": "V4"}, "port": 8080}], **fields}


def vsvip(name: str = "v1", **fields: Any) -> Json:
    return {"name": name, "vip": [{"auto_allocate_ip": True}], **fields}


def virtual_service(name: str = "vs1", vip: str = "v1", **fields: Any) -> Json:
    body = {"name": name, "vsvip_ref": f"/api/vsvip/?name={vip}", "services": [{"port": 80}]}
    return {**body, **fields}


def key_and_certificate(name: str = "a.com") -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def certificate(key: str, pem: str, **fields: Any) -> Json:
    kind = "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE"
    return {"name": "cert", "type": kind, "certificate": {"certificate": pem}, "key": key, **fields}
