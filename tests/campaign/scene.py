"""Two hosts on an Avi Controller, one of which is going to be in trouble: the stage of the failure table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.builders import endpoints, ingress, service
from tests.campaign.life import Life
from tests.campaign.schedule import LONG_MS
from tests.campaign.world import PREFIX, World
from tests.scenarios.world import AviRequest
from tests.waiting import eventually

TROUBLED, CALM = "foo.com", "bar.com"
NEIGHBOUR = "h2.com"
"""A host that has its place beside the troubled one."""
TROUBLED_POOL, CALM_POOL = f"{PREFIX}foo.com_-default-troubled", f"{PREFIX}bar.com_-default-calm"
TROUBLED_TREE = f"{PREFIX}Shared-L7-0"


class Scene:
    """Two hosts on two virtual services, one of which is going to be in trouble."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.avi = world.avi
        world.declare(
            service("t"),
            endpoints("t", "10.0.0.1"),
            service("c"),
            endpoints("c", "10.0.0.1"),
            ingress("troubled", (TROUBLED, "/", "t:80"), created="2026-01-01T00:00:01Z"),
            ingress("calm", (CALM, "/", "c:80"), created="2026-01-01T00:00:02Z"),
        )
        self.life = Life(world, 1)
        self.eventually_rests()

    def restart(self, *, kill: bool) -> None:
        if kill:
            self.life.kill()
        else:
            self.life.end()
        self.life = Life(self.world, 2)

    def misbehave(self, match: Mapping[str, str], **fault: Any) -> None:
        """Lay a fault over some requests; late answers are for a controller that does not wait for them."""
        if fault.get("delay_ms") == LONG_MS:
            self.world.is_late = True
            self.restart(kill=False)
            self.eventually_rests()
        self.avi.misbehave({"match": match, **fault})

    def eventually_rests(self) -> None:
        assert self.life.comes_to_rest(), self.life.controller.shortcomings()

    def servers(self, pool: str) -> list[str]:
        found = self.world.ours().get(f"pool/{pool}", {})
        return sorted(server["ip"]["addr"] for server in found.get("servers", ()))

    def move(self, service_name: str, address: str) -> None:
        self.world.declare(endpoints(service_name, address))

    def move_both(self, address: str) -> None:
        """Give both pools another server; the calm one must have it whatever happens to the other."""
        self.move("t", address)
        self.move("c", address)
        eventually(lambda: self.servers(CALM_POOL) == [address], "the calm pool has its server")

    def follows(self, pool: str, address: str) -> None:
        eventually(lambda: self.servers(pool) == [address], f"{pool} has its server")
        self.eventually_rests()

    def writes(self, mark: int, name: str) -> Sequence[AviRequest]:
        return [write for write in self.avi.writes_since(mark) if write.name == name]

    def attempted(self, mark: int, name: str, count: int = 1) -> None:
        eventually(lambda: len(self.writes(mark, name)) >= count, f"{count} attempts to write {name}")

    def ingress_status(self, name: str) -> list[str]:
        found = self.world.kube.get("Ingress", "default", name) or {}
        entries = found.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
        return [entry["hostname"] for entry in entries]

    def events_of(self, name: str) -> list[str]:
        return [event["message"] for event in self.world.kube.events() if event["involvedObject"]["name"] == name]
