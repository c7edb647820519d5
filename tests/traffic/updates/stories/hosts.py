"""Who has a host, and how it is served."""

from __future__ import annotations

from tests.builders import endpoints, ingress, service, tls_secret
from tests.traffic.updates.stories.ordinary import CERTIFIED, PATHS, begun
from tests.traffic.updates.world import UpdateWorld


def hands_changed(world: UpdateWorld) -> None:
    """The older Ingress of a host is deleted; a younger one of another namespace has it alone, also its certificate."""
    begun(
        world,
        service("web", namespace="red"),
        endpoints("web", "10.1.0.1", namespace="red"),
        tls_secret("cert", "younger.com", namespace="red"),
        ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/red", "web:80"), namespace="red", tls=CERTIFIED),
        ingress("plain", ("plain.com", "/", "web:80"), ("plain.com", "/red", "web:80"), namespace="red"),
    )
    world.change(withdrawn=[("Ingress", "default", "shop")])
    world.change(withdrawn=[("Ingress", "default", "plain")])
    again = [("shop.com", *path) for path in PATHS]
    world.change(ingress("shop", *again, tls=CERTIFIED), withdrawn=[("Ingress", "red", "shop")])


def to_tls_and_back(world: UpdateWorld) -> None:
    """A host gets TLS, with a redirect on port 80, and gives it up again."""
    begun(world)
    paths = [("plain.com", *path) for path in PATHS]
    world.change(ingress("plain", *paths, tls={"plain.com": "cert"}))
    world.change(ingress("plain", *paths))


def split_in_two(world: UpdateWorld) -> None:
    """An Ingress is split in two: the second comes with a part of the paths, then the first leaves them to it."""
    begun(world)
    world.change(
        ingress("shop-api", ("shop.com", "/api", "api:80"), tls=CERTIFIED),
        ingress("shop", ("shop.com", "/", "web:80"), tls=CERTIFIED),
        ingress("plain-api", ("plain.com", "/api", "api:80")),
        ingress("plain", ("plain.com", "/", "web:80")),
    )
    world.change(withdrawn=[("Ingress", "default", "plain-api"), ("Ingress", "default", "shop-api")])


def class_changed(world: UpdateWorld) -> None:
    """An Ingress goes to another controller by its class, and comes back, beside others of its host and shard."""
    other = ingress("api", ("shop.com", "/more", "api:80"), ("noo.com", "/", "api:80"), tls=CERTIFIED)
    begun(world, other)
    world.change({**other, "spec": {**other["spec"], "ingressClassName": "nginx"}})
    world.change({**other, "spec": {**other["spec"], "ingressClassName": "avi-lb"}})
