"""Our own objects beside everybody's: of other Secrets nothing is kept but what TLS needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import NamespacedName
from ako.core.control import own_objects as own
from ako.core.engine.store import ObjectKey
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.records import Secret, SecretData
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.testing import KubeApi
from tests.core.kube.watching import Sink

LARGE = "QUJD" * 5000
"""Base64 as a Secret holds it, 20 kB."""
OURS = NamespacedName("avi-system", "avi-secret")


def put(kube: KubeApi, name: str, *, namespace: str = "others", type: str = "Opaque", **data: str) -> None:  # noqa: A002
    """Have a Secret in the cluster; underscores in the names of entries stand for dots."""
    kube.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": type,
            "data": {key.replace("_", "."): value for key, value in data.items()},
        }
    )


class Watched:
    """Everything that is watched, in a store."""

    def __init__(self, kube: KubeApi, kubeconfig: Path) -> None:
        self.kube = kube
        self.pipeline = Pipeline(PluginHost(load_plugins(("ingress", "clusterip_routes"))), own.KINDS)
        self.sink = Sink()
        self.cluster = ApiCluster(from_kubeconfig(kubeconfig))

    def start(self) -> None:
        """Take in all Secrets there are."""
        self.cluster.start(self.pipeline.watched, self.sink)
        self.sink.until(lambda lines: any(line.startswith("Secret listed") for line in lines))
        self.pipeline.apply(self.sink.changes)

    def take_until(self, line: str) -> None:
        """Take in what comes until a line is told."""
        seen = len(self.sink.changes)
        self.sink.until(lambda lines: line in lines[seen:])
        self.pipeline.apply(self.sink.changes[seen:])

    def held(self, record: type[msgspec.Struct]) -> dict[NamespacedName, msgspec.Struct | None]:
        """Give what is held as a record type."""
        store = self.pipeline.store
        return {name: store.get(ObjectKey(record, name)) for name in store.names(record)}


@pytest.fixture
def watched(kube: KubeApi, kubeconfig: Path) -> Iterator[Watched]:
    put(kube, "avi-secret", namespace="avi-system", username="YWRtaW4=")
    put(kube, "tls", type="kubernetes.io/tls", tls_crt="Q0VSVA==", tls_key="S0VZ", ca_crt=LARGE)
    for number in range(30):
        put(kube, f"keystore-{number}", keystore=LARGE, password=LARGE)
        put(kube, f"sh.helm.release.v1.{number}", type="helm.sh/release.v1", release=LARGE)
    watched = Watched(kube, kubeconfig)
    yield watched
    watched.cluster.stop()


def test_of_foreign_secrets_only_what_tls_needs_is_kept(watched: Watched) -> None:
    watched.start()
    assert set(watched.held(own.OwnSecret)) == {OURS}, "all data is kept of ours alone"
    secrets = watched.held(Secret)
    tls = secrets[NamespacedName("others", "tls")]
    assert isinstance(tls, Secret)
    assert tls.data == SecretData(certificate="Q0VSVA==", key="S0VZ")
    assert sum(len(msgspec.json.encode(secret)) for secret in secrets.values()) < 200 * len(secrets)


def test_secrets_of_helm_releases_are_not_even_asked_for(watched: Watched) -> None:
    watched.start()
    assert len(watched.held(Secret)) == 32
    queries = [r.query for r in watched.kube.requests if r.path == "/api/v1/secrets" and not r.is_watch]
    assert queries == ["fieldSelector=type%21%3Dhelm.sh/release.v1&limit=500"]


def test_changes_of_secrets_are_taken_in_likewise(watched: Watched) -> None:
    watched.start()
    put(watched.kube, "keystore-0", keystore=LARGE, password="bmV1")
    put(watched.kube, "avi-secret", namespace="avi-system", username="cm9vdA==")
    watched.take_until("Secret upserted avi-system/avi-secret")
    assert watched.held(own.OwnSecret) == {OURS: own.OwnSecret(data={"username": "cm9vdA=="})}
    watched.kube.delete("Secret", "others", "keystore-0")
    watched.kube.delete("Secret", "avi-system", "avi-secret")
    watched.take_until("Secret removed avi-system/avi-secret")
    assert watched.held(own.OwnSecret) == {}
    assert NamespacedName("others", "keystore-0") not in watched.held(Secret)
