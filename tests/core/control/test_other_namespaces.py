"""What a source object names of other namespaces than its own is had by declaration of its plugin only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import Struct

from ako import (
    SECRETS,
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    NamespacedName,
    Needs,
    PathRule,
    PathType,
    SourceObject,
    Termination,
    Tls,
    View,
    WatchedKind,
    hookimpl,
)
from ako.core.hooks.loading import Plugin
from tests.builders import Manifest, endpoints, service, tls_secret
from tests.core.control.running import SHOP, Running
from tests.e2e.stage import AviControl
from tests.waiting import eventually

DOOR = Kind("doors.test", "v1", "Door")


class DoorSpec(Struct, frozen=True):
    host: str
    secret: str
    backend: str


class Door(Struct, frozen=True):
    metadata: Metadata
    spec: DoorSpec


class Doors:
    """Claims of a Door what it says, with no look at namespaces."""

    def __init__(self, **needs: Any) -> None:
        self._needs = Needs(**needs)

    @hookimpl
    def ako_needs(self) -> Needs:
        return self._needs

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return [WatchedKind(kind=DOOR, plural="doors", record=Door, is_source=True), SECRETS]

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery:
        door: Any = source.record
        secret, backend = (NamespacedName(*text.split("/")) for text in (door.spec.secret, door.spec.backend))
        rules = (PathRule("/", PathType.PREFIX, (Backend(backend.namespace, backend.name),)),)
        tls = Tls(Termination.EDGE, secret)
        return Discovery((HostClaim(source.ref, door.metadata.created, door.spec.host, rules, tls),))


def door(secret: str, backend: str) -> Manifest:
    spec = {"host": "shop.com", "secret": secret, "backend": backend}
    metadata = {"name": "front", "namespace": "mine"}
    return {"apiVersion": "doors.test/v1", "kind": "Door", "metadata": metadata, "spec": spec}


def world(secret: str, backend: str) -> Sequence[Manifest]:
    there = [
        one
        for namespace in ("mine", "theirs")
        for one in (
            service("web", namespace=namespace),
            endpoints("web", "10.0.0.1", namespace=namespace),
            tls_secret("tls", namespace=namespace),
        )
    ]
    return (SHOP[0], *there, door(secret, backend))


def children(avi: AviControl) -> list[str]:
    return [item["name"] for item in avi.objects("virtualservice") if item["name"] == "c--shop.com"]


@pytest.mark.parametrize(("secret", "backend"), [("theirs/tls", "mine/web"), ("mine/tls", "theirs/web")])
def test_nobody_has_what_is_anothers_unless_the_plugin_declares_it(
    avi: AviControl, url: str, secret: str, backend: str
) -> None:
    with Running(url, plugins=[Plugin("doors", Doors())], manifests=world(secret, backend)) as ako:
        ako.comes_to_rest()
        assert children(avi) == []
        told = str([event for _, event in ako.cluster.events])
        assert "in another namespace than" in told
        assert "`doors`" in told
        ako.cluster.declare(door("mine/tls", "mine/web"))
        eventually(lambda: children(avi), "the host of what is its own")
    with Running(url, plugins=[Plugin("doors", Doors())], manifests=world(secret, backend)) as ako:
        ako.comes_to_rest()
        assert children(avi), "what is there stays"
    plugins = [Plugin("doors", Doors(other_namespaces=True))]
    with Running(url, plugins=plugins, manifests=world(secret, backend)) as ako:
        ako.comes_to_rest()
        eventually(lambda: children(avi), "the host with what it names")
        assert ako.cluster.events == []
