"""What happens while clients ask: all stories by their names."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.traffic.updates.stories import balancers, controller, hosts, ordinary, routes, shards, takeover
from tests.traffic.updates.stream import Count
from tests.traffic.updates.world import Size, UpdateWorld

Plot = Callable[[UpdateWorld], None]


@dataclass(frozen=True)
class Story:
    """What happens, and what the world is like that it happens in."""

    plot: Plot
    routes: bool = False
    version: str = "20.1.5"

    @property
    def told(self) -> str:
        """Give it in a line."""
        return (self.plot.__doc__ or "").partition("\n")[0]

    def play(self, size: Size) -> Count:
        """Have it happen, and give what became of the requests."""
        with UpdateWorld(size, routes=self.routes, version=self.version) as world:
            self.plot(world)
            world.ask_enough()
        return world.count


STORIES: Mapping[str, Story] = {
    "endpoints scaled and replaced": Story(ordinary.endpoints_scaled),
    "pods gone before their endpoints": Story(ordinary.pods_vanish),
    "Secret renewed": Story(ordinary.secret_renewed),
    "Secret replaced": Story(ordinary.secret_replaced),
    "paths beside": Story(ordinary.paths_beside),
    "backend Service switched": Story(ordinary.service_switched),
    "host changes hands": Story(hosts.hands_changed),
    "host to TLS and back": Story(hosts.to_tls_and_back),
    "Ingress split in two": Story(hosts.split_in_two),
    "class changed beside": Story(hosts.class_changed),
    "host renamed": Story(shards.host_renamed),
    "shard left": Story(shards.shard_left),
    "host moves between shards": Story(shards.between_shards, routes=True),
    "host moves to a new shard": Story(shards.to_new_parent, routes=True),
    "weights of a Route": Story(routes.weights_changed, routes=True),
    "plain to Allow, Redirect and back": Story(routes.insecure_policies, routes=True),
    "re-encryption": Story(routes.reencrypted, routes=True),
    "passthrough": Story(routes.passed_through, routes=True),
    "port of a Service added": Story(balancers.port_added),
    "endpoints of a port": Story(balancers.endpoints_replaced),
    "address shared and left": Story(balancers.address_shared),
    "product restarted": Story(controller.restarted),
    "product killed": Story(controller.killed),
    "sessions lost": Story(controller.sessions_lost),
    "Controller in trouble": Story(controller.errors_for_a_while),
    "Controller restored": Story(controller.restored),
    "drift repaired": Story(controller.drifted),
    "names of the release before": Story(controller.names_replaced),
    **{
        f"Go AKO {name}": Story(takeover.taken_over(name), "routes__" in name, takeover.VERSION)
        for name in takeover.STATES
    },
}


def play(name: str, size: Size) -> Count:
    """Play a story; one that does not come to its end has lost something."""
    try:
        return STORIES[name].play(size)
    except Exception as error:  # noqa: BLE001 - the others are played, and the table says so
        return Count(lost=("".join(traceback.format_exception(error)),))
