"""Whatever happens to the cluster and to the connection, in the end we know what there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Change, Listed, Removed, Upserted
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.testing import KubeApi
from tests.core.kube.records import SERVICES, Named
from tests.core.kube.watching import Waits, timing
from tests.waiting import PATIENCE


class Known:
    """What a listener knows from the changes it was told."""

    def __init__(self) -> None:
        self.names: set[NamespacedName] = set()

    def __call__(self, change: Change) -> None:
        if isinstance(change, Listed):
            self.names = set(change.objects)
        elif isinstance(change, Upserted):
            self.names.add(change.name)
        elif isinstance(change, Removed):
            self.names.discard(change.name)


def _steps(kube: KubeApi, rng: Random) -> list[Callable[[], object]]:
    def put() -> None:
        name = f"web{rng.randint(0, 20)}"
        kube.apply(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": "default", "labels": {"turn": str(rng.random())}},
                "spec": {"ports": [{"port": 80}]},
            }
        )

    def drop() -> None:
        there = kube.list("Service")
        if there:
            kube.delete(rng.choice(there))

    def outage() -> None:
        kube.down()
        for _ in range(rng.randint(0, 3)):
            rng.choice([put, put, drop, kube.compact])()
        kube.up()

    def trouble() -> None:
        kube.fault("/api/v1/services", status=rng.choice([500, 503, 429, 410, 403]), times=rng.randint(1, 3))

    return [put, put, put, drop, drop, kube.break_watches, kube.compact, kube.send_bookmarks, outage, trouble]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_known_becomes_what_is_there(tmp_path: Path, seed: int) -> None:
    rng, known = Random(seed), Known()
    with KubeApi() as kube:
        load = from_kubeconfig(kube.write_kubeconfig(tmp_path / "kubeconfig"))
        cluster = ApiCluster(load, timing=timing(Waits(free=1_000_000), page_size=3))
        cluster.start([msgspec.structs.replace(SERVICES, record=Named)], known)

        def settle() -> None:
            there = {NamespacedName("default", found["metadata"]["name"]) for found in kube.list("Service")}
            assert kube.wait_for(lambda: known.names == there, PATIENCE), known.names ^ there

        steps = [*_steps(kube, rng), settle]
        for _ in range(80):
            rng.choice(steps)()
        settle()
        cluster.stop()
