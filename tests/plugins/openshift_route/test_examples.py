"""The example Routes are served as their comments say."""

from __future__ import annotations

from pathlib import Path

import yaml

from ako.core.model import PoolGroup
from tests.plugins.openshift_route.worlds import hosts_of, objects, one, problems, world

FILES = sorted((Path(__file__).parents[3] / "examples" / "routes").glob("*.yaml"))


def test_all_examples_are_served() -> None:
    manifests = [found for file in FILES for found in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    fed = world(*manifests)
    assert hosts_of(fed) == {"shop.avi.internal", "bank.avi.internal", "vault.avi.internal"}
    assert problems(fed) == {}
    assert "virtualservice/my-cluster--Shared-Passthrough-0-insecure" in objects(fed)
    group = next(item for item in objects(fed).values() if isinstance(item, PoolGroup) and len(item.members) > 1)
    assert sorted(member.ratio for member in one(fed, PoolGroup, group.name).members) == [10, 90]
