"""What the tests of the Kubernetes side share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.testing import KubeApi
from tests.core.kube.api_stage import NOON, Clock, ingress
from tests.core.kube.folders import Folder
from tests.core.kube.records import INGRESSES
from tests.core.kube.watching import Sink, Waits, timing
from tests.waiting import PATIENCE


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    path = tmp_path / "manifests"
    path.mkdir()
    folder = Folder(path)
    yield folder
    folder.cluster.stop()


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as kube:
        yield kube


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def kubeconfig(kube: KubeApi, tmp_path: Path) -> Path:
    return kube.write_kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def cluster(kubeconfig: Path, clock: Clock, waits: Waits) -> Iterator[ApiCluster]:
    cluster = ApiCluster(from_kubeconfig(kubeconfig), timing=timing(waits, page_size=2, clock=clock), now=lambda: NOON)
    yield cluster
    cluster.stop()


@pytest.fixture
def started(kube: KubeApi, cluster: ApiCluster, sink: Sink) -> ApiCluster:
    """Give a cluster that has listed one Ingress and watches."""
    kube.apply(ingress("shop"))
    cluster.start([INGRESSES], sink)
    sink.until_told("Ingress listed default/shop")
    assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
    return cluster
