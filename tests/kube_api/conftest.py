from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ako.testing import KubeApi
from tests.kube_api import any_server


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    before = set(threading.enumerate())
    with KubeApi() as kube:
        yield kube
    assert set(threading.enumerate()) <= before


@pytest.fixture
def api_server(tmp_path: Path) -> Iterator[any_server.ApiServer]:
    """Give the API server that the contract suite is about: it runs on a real one too."""
    with any_server.api_server(tmp_path) as server:
        yield server


@pytest.fixture(autouse=True)
def _new_enough(request: pytest.FixtureRequest) -> None:
    """Pass over what an API server is too old for."""
    if (mark := request.node.get_closest_marker("since")) is None:
        return
    server: any_server.ApiServer = request.getfixturevalue("api_server")
    version = server.version()
    if version < mark.args:
        pytest.skip(f"of API servers since {mark.args}; this one is {version}")


@pytest.fixture
def admin(api_server: any_server.ApiServer) -> any_server.Client:
    return api_server.client()


@pytest.fixture
def namespace(api_server: any_server.ApiServer) -> Iterator[str]:
    with api_server.namespace() as name:
        yield name


def ingress(name: str = "web", namespace: str = "shop", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {"rules": [{"host": f"{name}.example.com"}]},
    }
