"""An API server under test, whichever it is: the stand-in, or the one of the kubeconfig in `AKO_TEST_KUBECONFIG`.

Whoever the kubeconfig is for may do everything there, and may ask in the name of others.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests
import yaml

from ako.testing import KubeApi
from tests.envtest.named import real_server
from tests.waiting import PATIENCE

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"

Query = dict[str, str | int]


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def reason(self) -> str:
        """Give the reason of a refusal."""
        return str(self.body.get("reason", ""))

    @property
    def causes(self) -> set[tuple[str, str]]:
        """Give reason and field of what was found to be wrong."""
        details = self.body.get("details") or {}
        return {(cause["reason"], cause["field"]) for cause in details.get("causes", ())}


class Client:
    """Speaks to it as one user; `""` is the owner of the kubeconfig."""

    def __init__(self, server: ApiServer, user: str = "") -> None:
        self._server = server
        self._headers = {"Impersonate-User": user} if user else {}

    def send(
        self, method: str, path: str, body: Any = None, kind: str = JSON, query: Query | None = None, **headers: str
    ) -> Answer:
        """Send one request; a text is sent as it is."""
        content = body if body is None or isinstance(body, str) else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._server.session.request(
            method,
            self._server.url + path,
            params=query,
            data=content,
            headers={"Content-Type": kind, "Accept": JSON, **self._headers, **given},
            timeout=PATIENCE,
        )
        is_json = response.headers.get("Content-Type", "").startswith(JSON)
        return Answer(response.status_code, dict(response.headers), response.json() if is_json else response.text)

    def watch(self, path: str, seconds: int = 1, **query: str | int) -> list[Any]:
        """Give all events of a watch that ends by itself."""
        asked = {"watch": "true", "timeoutSeconds": seconds, **query}
        response = self._server.session.get(
            self._server.url + path, params=asked, headers={"Accept": JSON, **self._headers}, timeout=PATIENCE
        )
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]


class ApiServer:
    """Its address, and ways to speak to it."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        self.url = str(cluster["server"]).rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = _file(cluster, "certificate-authority", folder) or True
        certificate = _file(user, "client-certificate", folder), _file(user, "client-key", folder)
        if all(certificate):
            self.session.cert = certificate
        if "token" in user:
            self.session.headers["Authorization"] = f"Bearer {user['token']}"

    def version(self) -> tuple[int, int]:
        """Give its version; what a provider adds to it, such as a plus, does not count."""
        said = self.client().send("GET", "/version").body
        return int(said["major"]), int(re.sub(r"\D.*", "", said["minor"]))

    def client(self, user: str = "") -> Client:
        """Give a client for a user; no roles are bound to it unless a test does it."""
        return Client(self, user)

    @contextmanager
    def namespace(self) -> Iterator[str]:
        """Give a namespace of one's own."""
        name = f"contract-{uuid.uuid4().hex[:10]}"
        admin = self.client()
        assert admin.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).status == 201
        yield name
        admin.send("DELETE", f"/api/v1/namespaces/{name}")


def _file(part: dict[str, str], field: str, folder: Path) -> str:
    """Give the file that a kubeconfig names, or one with the content that it has instead."""
    if data := part.get(f"{field}-data"):
        path = folder / field
        path.write_bytes(base64.b64decode(data))
        return str(path)
    return part.get(field, "")


@contextmanager
def api_server(folder: Path) -> Iterator[ApiServer]:
    """Give the API server that is to be tested."""
    if kubeconfig := real_server():
        server = ApiServer(kubeconfig, folder)
        with server.session:
            yield server
    else:
        with KubeApi() as kube:
            server = ApiServer(kube.write_kubeconfig(folder / "kubeconfig"), folder)
            with server.session:
                yield server
