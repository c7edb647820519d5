"""An optional kind of a third party: its rights are taken, its absence is known, and it is read when it appears."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ako import (
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    PathRule,
    PathType,
    SourceObject,
    View,
    WatchedKind,
    hookimpl,
)
from ako.core.base.backoff import Pace
from ako.core.control.loop import Controller
from ako.core.control.rights import rights
from ako.core.control.world import World
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.core.kube.reflector import Timing
from ako.core.settings import Settings
from ako.sim import Simulator
from ako.testing.kube_api import KubeApi
from tests.core.control.running import POOL, SHOP, Running
from tests.e2e.stage import AviControl
from tests.scenarios.scenario_cluster import definition
from tests.waiting import eventually

DOOR = {"apiVersion": "doors.test/v1", "kind": "Door", "plural": "doors"}
KEY = {"apiVersion": "doors.test/v1", "kind": "Key", "plural": "keys", "namespaced": False}


class Door(Struct, frozen=True):
    """A source object."""

    metadata: Metadata
    host: str = ""


class Key(Struct, frozen=True):
    """What a door is opened with."""

    metadata: Metadata


class Doors:
    """Serves doors; those that are locked only if there is a key, or nobody could have one."""

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        doors, keys = Kind("doors.test", "v1", "Door"), Kind("doors.test", "v1", "Key")
        return (
            WatchedKind(
                kind=doors, plural="doors", record=Door, is_source=True, is_optional=True, access=("doors/lock:update",)
            ),
            WatchedKind(kind=keys, plural="keys", record=Key, namespaced=False, is_optional=True),
        )

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery:
        door: Any = source.record
        if view.is_served(Key) and view.get(Key, "", door.metadata.name) is None:
            return Discovery()
        rule = PathRule("/", PathType.PREFIX, (Backend(door.metadata.namespace, "web", BackendPort(number=80)),))
        return Discovery((HostClaim(source.ref, door.metadata.created, door.host, (rule,)),))


def test_its_rights_are_taken_whether_it_is_served_or_not() -> None:
    """Who grants them does not have to come back when somebody installs its definition."""
    host = PluginHost([Plugin("doors", Doors())])
    found = {(one.resource, one.verb) for one in rights(host, Settings(), "avi-system") if one.group == "doors.test"}
    assert found == {
        ("doors", "list"),
        ("doors", "watch"),
        ("doors/lock", "update"),
        ("keys", "list"),
        ("keys", "watch"),
    }


class Following(Running):
    """A controller that follows an API server, with the doors."""

    def __init__(self, url: str, kubeconfig: Path) -> None:
        super().__init__(url)
        pace = Pace(time.monotonic, random.Random(1), first=0.01, ceiling=0.05, linger=0.3, calm=0.05, grace=0.05)
        self.following = ApiCluster(from_kubeconfig(kubeconfig), timing=Timing(retry=pace, reprobe_seconds=0.05))
        world = World(
            self.following,
            connect=self._connect,
            reload=self._reload,
            pace=pace,
            fence=self.fence,
            namespace="avi-system",
        )
        host = PluginHost([*load_plugins(("ingress", "clusterip_routes")), Plugin("doors", Doors())])
        self.controller = Controller(self.settings(url), host, world)


@pytest.fixture
def kube() -> Iterator[KubeApi]:
    with KubeApi() as kube:
        kube.apply(*map(dict, SHOP))
        yield kube


def test_it_is_known_to_be_empty_and_read_when_it_appears(kube: KubeApi, tmp_path: Path) -> None:
    door = {"apiVersion": "doors.test/v1", "kind": "Door", "metadata": {"name": "d", "namespace": "default"}}
    kubeconfig = kube.write_kubeconfig(tmp_path / "kubeconfig")
    with Simulator() as simulator:
        avi = AviControl(simulator.url)

        def is_served() -> bool:
            return "c--door.com_-default-d" in {pool["name"] for pool in avi.objects("pool")}

        with Following(simulator.url, kubeconfig) as running:
            running.comes_to_rest()
            assert running.controller.shortcomings() == ()
            assert [pool["name"] for pool in avi.objects("pool")] == [POOL]
            kube.apply(definition(DOOR), {**door, "host": "door.com"})
            eventually(is_served, "the door served, as nobody can have a key")
            kube.apply(definition(KEY))
            eventually(lambda: not is_served(), "the door locked, as there is no key")
            kube.apply({"apiVersion": "doors.test/v1", "kind": "Key", "metadata": {"name": "d"}})
            eventually(is_served, "the door served, as there is a key")
        kube.delete("CustomResourceDefinition", "", "doors.doors.test")
        with Following(simulator.url, kubeconfig) as running:
            running.comes_to_rest()
            assert [pool["name"] for pool in avi.objects("pool")] == [POOL], "what is known to be gone is taken away"
