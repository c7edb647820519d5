"""The program as a process that finds its API server as a pod does: by two variables, and by what is mounted for it.

That is a mount namespace of its own, which only root can make.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.program import Command, Process

_MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount"
_SCRIPT = f'set -e; mount -t tmpfs none /var/run; mkdir -p {_MOUNTED}; mount --bind "$0" {_MOUNTED}; exec "$@"'


def why_not() -> str:
    """Say why it cannot be tried here; empty if it can."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "only root can mount what a kubelet mounts"
    tried = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "mount namespaces cannot be made here"


class Mounts:
    """What a kubelet lays into a pod of a ServiceAccount, taken from a kubeconfig of it."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        self._server = urlsplit(cluster["server"])
        self._folder = folder / "serviceaccount"
        self._folder.mkdir()
        (self._folder / "token").write_text(user["token"], encoding="utf-8")
        (self._folder / "ca.crt").write_bytes(_authority(cluster))

    @property
    def variables(self) -> Mapping[str, str]:
        """Give the variables that say where the API server is."""
        host, port = self._server.hostname or "", str(self._server.port)
        return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}

    def start(self, command: Command) -> Process:
        """Start the program where these are mounted."""
        with command.out.open("ab") as out, command.err.open("ab") as err:
            return subprocess.Popen(
                ["unshare", "-m", "sh", "-c", _SCRIPT, self._folder, sys.executable, "-m", "ako", *command.arguments],
                cwd=command.folder,
                env={**command.variables, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )


def _authority(cluster: Mapping[str, str]) -> bytes:
    if data := cluster.get("certificate-authority-data"):
        return base64.b64decode(data)
    return Path(cluster["certificate-authority"]).read_bytes()
