"""Where the two binaries are, and which version they have."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FOLDER = "KUBEBUILDER_ASSETS"
NAMES = ("etcd", "kube-apiserver")


class Version(NamedTuple):
    """Of Kubernetes, as far as flags depend on it."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Binaries(NamedTuple):
    """What a control plane is made of."""

    etcd: Path
    api_server: Path

    def version(self) -> Version:
        """Ask the API server's binary which version it is."""
        said = subprocess.run([self.api_server, "--version"], capture_output=True, text=True, check=True).stdout
        return parsed(said)


class NoBinaries(Exception):  # noqa: N818 - a name says what happened
    """There are none to use; the message says in one line why, and what to do."""


def parsed(said: str) -> Version:
    """Read what `kube-apiserver --version` says, such as `Kubernetes v1.36.4`."""
    found = re.search(r"v(\d+)\.(\d+)\.", said)
    if found is None:
        raise ValueError(f"this is no version of kube-apiserver: {said!r}")
    return Version(int(found[1]), int(found[2]))


def named(environ: Mapping[str, str] = os.environ) -> Path:
    """Give the folder that the environment names.

    Raises:
        NoBinaries: it names none.
    """
    folder = environ.get(FOLDER, "")
    if not folder:
        raise NoBinaries(
            f"no test was run on a real API server: {FOLDER} names no folder with {' and '.join(NAMES)} "
            "(`setup-envtest use -p path` prints one)"
        )
    return Path(folder)


def in_folder(folder: Path) -> Binaries:
    """Give the binaries of a folder.

    Raises:
        LookupError: one of them is not there, or is no program: whoever names a folder wants tests to be run.
    """
    etcd, api_server = (folder / name for name in NAMES)
    for path in (etcd, api_server):
        if not os.access(path, os.X_OK) or path.is_dir():
            raise LookupError(f"{FOLDER}={folder}: there is no program {path.name}; name a folder with both")
    return Binaries(etcd, api_server)
