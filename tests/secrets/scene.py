"""A stage whose secrets are known, and all that comes out of it."""

from __future__ import annotations

import base64
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ako.testing import KubeApi
from tests.builders import CLASS, certificate_for, endpoints, ingress, secret, service
from tests.e2e.stage import AviControl, Running, Stage, config_map
from tests.plugins.openshift_route.worlds import edge, route
from tests.program import as_typed, forked
from tests.secrets.gateway import Gateway
from tests.secrets.needles import Leak, Needles, private_part
from tests.waiting import eventually

PASSWORD = 'Zq7kXw3mPdJ"\\&%<é+/ Vt9bLs2nRfGh'
AUTHTOKEN = "kP4vQz8wLr2xTn6yBm3cHd7j"
KUBE_TOKEN = "w9RtYu3iOp5aSd7fGh2jKl4zXc6vBn8m"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6YXZpLXN5c3RlbTpha28ifQ.c2lnbmF0dXJlVGhhdElzT3Vycw"
PLUGIN_SECRET = "mN8bVc2xZa6sDf4gHj1kLp0q"

INGRESS_CERTIFICATE, INGRESS_KEY = certificate_for("bank.com")
ROUTE_KEY = certificate_for("way.com")[1]
CLIENT_CERTIFICATE, CLIENT_KEY = certificate_for("client.example.com")

INPUTS = ("values", "manifests", "kubeconfig", "site", "bad", "programs")
"""What was given, and may hold secrets; whatever else is in the folder came out."""

PAGES = (
    "/metrics",
    "/readyz?verbose",
    "/readyz",
    "/healthz?verbose",
    "/api/status",
    "/api/topology",
    "/api/topology/tree?virtual_service=my-cluster--Shared-L7-0",
    "/ui",
    "/",
    "/nonesuch",
)


class Scene:
    """A stage behind a gateway, with an API server beside it."""

    def __init__(self, folder: Path, avi: AviControl, gateway: Gateway, kube: KubeApi, *, typed: bool = False) -> None:
        self.stage = Stage(folder, avi, gateway.url, as_typed if typed else forked)
        self.folder, self.gateway, self.kube = folder, gateway, kube
        self.secrets = {
            "password": PASSWORD,
            "authtoken": AUTHTOKEN,
            "token of the API server": KUBE_TOKEN,
            "token of a ServiceAccount": JWT,
            "secret of a plugin": PLUGIN_SECRET,
            "key of an Ingress": private_part(INGRESS_KEY),
            "key of a Route": private_part(ROUTE_KEY),
            "key of the kubeconfig": private_part(CLIENT_KEY),
        }
        self.shown: dict[str, str | bytes] = {}
        temporary = folder / "temporary"
        temporary.mkdir()
        self.stage.variables["TMPDIR"] = str(temporary)
        self.stage.configure(
            avicredentials={"username": "admin", "password": PASSWORD}, AKOSettings={"logLevel": "DEBUG"}
        )
        self.stage.put("bank", BANK, secret("bank", INGRESS_CERTIFICATE, INGRESS_KEY))

    @property
    def kubeconfig(self) -> Path:
        """Give a kubeconfig with every secret that one may hold."""
        path = self.folder / "kubeconfig"
        found = dict(self.kube.kubeconfig())
        user = {"token": KUBE_TOKEN, "client-certificate-data": coded(CLIENT_CERTIFICATE)}
        found["users"] = [{"name": "ako", "user": {**user, "client-key-data": coded(CLIENT_KEY)}}]
        path.write_text(yaml.safe_dump(found), encoding="utf-8")
        return path

    def fill(self, *, routes: bool = False) -> None:
        """Have the cluster hold the same as the folder, and our Secret."""
        ours: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "avi-secret", "namespace": "avi-system"},
            "data": {"username": coded("admin"), "password": coded(PASSWORD)},
        }
        way = [route("way", "way.com", tls=edge("way.com"))] if routes else []
        for one in (CLASS, *WORLD, BANK, ours, config_map(clusterName="c"), *way):
            self.kube.apply(dict(one))
        key = {**secret("bank", INGRESS_CERTIFICATE, INGRESS_KEY)}
        key["data"] = {name: coded(text) for name, text in key.pop("stringData").items()}
        self.kube.apply(key)

    def command(self, *words: str, kubeconfig: Path | None = None) -> int:
        """Run a command on folder or cluster; what it prints is kept with all else in the folder."""
        return self.stage.ako(*words, kubeconfig=kubeconfig).returncode

    def look(self, ako: Running) -> None:
        """Keep what is served."""
        for path in PAGES:
            answer = ako.get(path)
            self.shown[f"{path} ({len(self.shown)})"] = f"{answer.headers}\n{answer.text}"

    def leaks(self) -> list[Leak]:
        """Search everything that came out so far."""
        sessions = {f"session {rank}": value for rank, value in enumerate(sorted(self.gateway.sessions))}
        return Needles({**self.secrets, **sessions}).leaks({**self.shown, **dict(self._written())})

    def _written(self) -> Iterator[tuple[str, str | bytes]]:
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not name.startswith(INPUTS) and not name.endswith(".draft"):
                yield from _contents(name, path)
        yield "targets of requests to Avi", "\n".join(self.gateway.targets)
        for rank, request in enumerate(self.kube.requests):
            yield f"request {rank} to the API server", f"{request.path}?{request.query}\n".encode() + request.body
        for kind in ("Event", "Ingress", "Service", "Lease", "StatefulSet"):
            yield f"every {kind}", json.dumps(self.kube.list(kind), ensure_ascii=False)


def _contents(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    if not name.endswith(".tar.gz"):
        yield name, path.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if (file := archive.extractfile(member)) is not None:
                yield f"{name}: {member.name}", file.read()


def coded(text: str) -> str:
    """Give a text in base64."""
    return base64.b64encode(text.encode()).decode()


WORLD: Sequence[Mapping[str, Any]] = (service("web"), endpoints("web", "10.0.0.1"))
BANK = ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "bank"})


def serves(scene: Scene, host: str) -> None:
    """Wait until the certificate of a host is on the Controller."""
    avi = scene.stage.avi
    eventually(lambda: any(host in name for name in avi.ours() if name.startswith("sslkey")), f"{host} served")
