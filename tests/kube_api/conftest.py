from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ako.testing import KubeApi


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    before = set(threading.enumerate())
    with KubeApi() as kube:
        yield kube
    assert set(threading.enumerate()) <= before


def ingress(name: str = "web", namespace: str = "shop", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {"rules": [{"host": f"{name}.example.com"}]},
    }
