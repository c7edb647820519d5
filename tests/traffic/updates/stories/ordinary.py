"""What users do every day: endpoints, Secrets, paths, backends."""

from __future__ import annotations

from collections.abc import Sequence

from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service, tls_secret
from tests.traffic.updates.world import UpdateWorld

CERTIFIED = {"shop.com": "cert"}
PATHS = (("/", "web:80"), ("/api", "api:80"))
BACKENDS: Sequence[Manifest] = (
    service("web"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    service("api"),
    endpoints("api", "10.0.1.1"),
    tls_secret("cert"),
)
SHOP, PLAIN = (
    ingress("shop", *(("shop.com", *path) for path in PATHS), tls=CERTIFIED),
    ingress("plain", *(("plain.com", *path) for path in PATHS)),
)


def begun(world: UpdateWorld, *more: Manifest) -> None:
    """Serve two hosts, one of them over TLS, and what is more."""
    world.declare(*BACKENDS, SHOP, PLAIN, *more)
    world.begin()


def endpoints_scaled(world: UpdateWorld) -> None:
    """Endpoints come, go and are replaced; pods go once their endpoints have left the pools."""
    begun(world)
    world.change(endpoints("web", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"))
    world.change(endpoints("web", "10.0.0.4"))
    world.pods_leave("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080")
    world.change(endpoints("web", "10.0.0.5"), endpoints("api", "10.0.1.2"))
    world.pods_leave("10.0.0.4:8080", "10.0.1.1:8080")
    world.go_on()


def pods_vanish(world: UpdateWorld) -> None:
    """Pods take no more requests before their endpoints have gone, which is promised where others are left."""
    begun(world)
    world.change(endpoints("web", "10.0.0.1", "10.0.0.2", "10.0.0.3"))
    world.pods_vanish("10.0.0.1:8080", "10.0.0.2:8080")
    world.go_on()
    world.change(endpoints("web", "10.0.0.3"))


def secret_renewed(world: UpdateWorld) -> None:
    """A certificate is renewed in its Secret, and again."""
    begun(world)
    for name in ("other.com", "third.com"):
        world.change(secret("cert", *certificate_for(name)))


def secret_replaced(world: UpdateWorld) -> None:
    """An Ingress names another Secret, and the one before is deleted."""
    begun(world)
    other = secret("newer", *certificate_for("other.com"))
    paths = [("shop.com", *path) for path in PATHS]
    world.change(other, ingress("shop", *paths, tls={"shop.com": "newer"}), withdrawn=[("Secret", "default", "cert")])


def paths_beside(world: UpdateWorld) -> None:
    """Paths come, are edited and go beside others."""
    begun(world)
    for more in ([("/new", "api:80")], [("/newer", "web:80")], []):
        paths = (*PATHS, *more)
        world.change(
            ingress("shop", *(("shop.com", *path) for path in paths), tls=CERTIFIED),
            ingress("plain", *(("plain.com", *path) for path in paths)),
        )


def service_switched(world: UpdateWorld) -> None:
    """A path gets another backend Service, and the Service before is deleted."""
    begun(world, service("next"), endpoints("next", "10.0.2.1"))
    paths = (("/", "next:80"), ("/api", "api:80"))
    world.change(
        ingress("shop", *(("shop.com", *path) for path in paths), tls=CERTIFIED),
        ingress("plain", *(("plain.com", *path) for path in paths)),
    )
    world.change(withdrawn=[("Service", "default", "web"), ("EndpointSlice", "default", "web-1")])
    world.pods_leave("10.0.0.1:8080", "10.0.0.2:8080")
    world.go_on()
