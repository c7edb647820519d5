"""A control plane of etcd and kube-apiserver, with fresh data, for as long as it is needed."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path

import requests
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.envtest.binaries import Binaries
from tests.envtest.flags import KEY, TOKENS, Ports, of_api_server, of_etcd
from tests.ports import free_ports
from tests.waiting import wait_until

ADMIN, TOKEN = "admin", "the-admin-of-a-server-of-tests"
_PATIENCE = 120.0
_ENDING = 20.0


class NotStarted(Exception):  # noqa: N818 - a name says what happened
    """It ended by itself, or did not become ready; the message has the end of its log."""


@contextmanager
def control_plane(binaries: Binaries, folder: Path) -> Iterator[Path]:
    """Start both in a folder of their own, and give a kubeconfig for one who may do everything.

    Raises:
        NotStarted: one of them does not run.
    """
    folder.mkdir(parents=True)
    ports = Ports(*free_ports(3))
    _write_key(folder / KEY)
    with (folder / TOKENS).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow((TOKEN, ADMIN, ADMIN, "system:masters"))
    with ExitStack() as stack:
        etcd = stack.enter_context(_running([str(binaries.etcd), *of_etcd(folder, ports)], folder / "etcd.log"))
        _ready(f"http://127.0.0.1:{ports.etcd}/health", folder, "etcd.log", etcd)
        command = [str(binaries.api_server), *of_api_server(folder, ports, binaries.version())]
        server = stack.enter_context(_running(command, folder / "kube-apiserver.log"))
        url = f"https://127.0.0.1:{ports.api_server}"
        _ready(f"{url}/readyz", folder, "kube-apiserver.log", server)
        yield _kubeconfig(folder, url)


def _write_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


@contextmanager
def _running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(url: str, folder: Path, log: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until it says that it is ready."""
    with requests.Session() as http:
        http.trust_env = False

        def outcome() -> bool | None:
            if process.poll() is not None:
                return False
            try:
                # Its certificate is not there yet when it is first asked; it is on loopback, and of our making.
                answer = http.get(url, headers=_bearer(), verify=_authority(folder), timeout=5)
            except requests.RequestException:
                return None
            return True if answer.status_code == HTTPStatus.OK else None

        if not wait_until(outcome, _PATIENCE, interval=0.1):
            lines = (folder / log).read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            raise NotStarted("\n".join([f"{log.removesuffix('.log')} is not ready; it says:", *lines]))


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def _authority(folder: Path) -> str | bool:
    certificate = folder / "certificates" / "apiserver.crt"
    return str(certificate) if certificate.exists() else True


def _kubeconfig(folder: Path, url: str) -> Path:
    path = folder / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "t", "cluster": {"server": url, "certificate-authority": str(_authority(folder))}}],
        "users": [{"name": ADMIN, "user": {"token": TOKEN}}],
        "contexts": [{"name": "t", "context": {"cluster": "t", "user": ADMIN}}],
        "current-context": "t",
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path
