"""Shared virtual services: hosts come, move and go, and nobody beside them notices."""

from __future__ import annotations

from ako.core.hooks.sharding import shard_of
from tests.builders import ingress
from tests.plugins.openshift_route.worlds import edge, passthrough, route
from tests.traffic.updates.stories.ordinary import PATHS, begun
from tests.traffic.updates.stories.routes import BEHIND
from tests.traffic.updates.world import UpdateWorld


def _elsewhere() -> str:
    """Give a host of a shard that none of those of `begun` is on."""
    taken = {shard_of(host, 8, "md5") for host in ("shop.com", "plain.com")}
    return next(name for n in range(100) if shard_of(name := f"h{n}.com", 8, "md5") not in taken)


def host_renamed(world: UpdateWorld) -> None:
    """An Ingress asks for another host, of another shard; the host that it leaves is another Ingress's too."""
    begun(world, ingress("more", ("plain.com", "/more", "web:80")))
    world.change(ingress("plain", *((_elsewhere(), *path) for path in PATHS)))
    world.change(ingress("plain", *(("plain.com", *path) for path in PATHS)))


def shard_left(world: UpdateWorld) -> None:
    """All hosts of a shard go; at the next start their virtual service does, while others are served."""
    leaving = ingress("leaving", *((_elsewhere(), *path) for path in PATHS))
    begun(world, leaving)
    world.change(withdrawn=[("Ingress", "default", "leaving")])
    before = len(world.avi.objects("virtualservice"))
    world.stop()
    world.go_on()
    world.start()
    world.settle()
    assert len(world.avi.objects("virtualservice")) < before
    world.change(leaving)


def between_shards(world: UpdateWorld) -> None:
    """A Route goes from TLS that ends at the load balancer to TLS that ends at the pod, and back: it moves."""
    secured = [edge(name, "Redirect", termination="reencrypt") for name in ("secure.com", "other.com")]
    world.declare(*BEHIND, route("a", "secure.com", "pods", tls=secured[0]), route("b", "plain.com", "web"))
    world.begin()
    world.change(route("a", "secure.com", "pods", tls=passthrough("Redirect")))
    world.change(route("a", "secure.com", "pods", tls=secured[1]))


def to_new_parent(world: UpdateWorld) -> None:
    """A passthrough Route gets TLS that ends at the load balancer: there is no virtual service yet for its shard."""
    tls = edge("secure.com", "Redirect", termination="reencrypt")
    world.declare(
        *BEHIND, route("a", "secure.com", "pods", tls=passthrough("Redirect")), route("b", "plain.com", "web")
    )
    world.begin()
    world.change(route("a", "secure.com", "pods", tls=tls))
