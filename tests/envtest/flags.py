"""How etcd and kube-apiserver are started: on loopback, with data, certificates and users of their own.

Only flags that every version takes, from 1.20 to 1.36, but for one that the oldest needs: those that came or went in
between (`--insecure-port`, feature gates) are left at their defaults.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.envtest.binaries import Version

TOKENS, KEY = "tokens.csv", "service-accounts.key"
SLICES = Version(1, 21)
"""The first version that serves EndpointSlices of v1."""


class Ports(NamedTuple):
    """Where both listen on loopback."""

    etcd: int
    etcd_peers: int
    api_server: int


NOT_ADMITTING = ("ServiceAccount",)
"""Admission that waits for controllers which are not there: nobody gives namespaces their default ServiceAccount."""


def of_etcd(folder: Path, ports: Ports) -> list[str]:
    """Give the flags of etcd; what it keeps need not survive a power cut."""
    url, peers = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.etcd_peers}"
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def of_api_server(folder: Path, ports: Ports, version: Version) -> list[str]:
    """Give the flags of kube-apiserver: RBAC decides, tokens say who asks; it makes its own certificate."""
    key = folder / KEY
    flags = [
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.api_server}",
        f"--cert-dir={folder / 'certificates'}",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder / TOKENS}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--disable-admission-plugins={','.join(NOT_ADMITTING)}",
        "--endpoint-reconciler-type=none",
        "--profiling=false",
    ]
    # A group that is served in another version cannot be defined in v1, as the tests do where it is not there.
    return flags if version >= SLICES else [*flags, "--runtime-config=discovery.k8s.io/v1beta1=false"]
