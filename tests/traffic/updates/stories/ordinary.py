"""What users do every day: endpoints, Secrets, paths, backends."""

from __future__ import annotations

from collections.abc import Sequence

from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service, tls_secret
from tests.traffic.updates.world import UpdateWorld

SHOP: Sequence[Manifest] = (
    service("web"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    service("api"),
    endpoints("api", "10.0.1.1"),
    tls_secret("cert"),
    ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/api", "api:80"), tls={"shop.com": "cert"}),
    ingress("plain", ("plain.com", "/", "web:80"), ("plain.com", "/api", "api:80")),
)


def endpoints_scaled(world: UpdateWorld) -> None:
    """Endpoints come, go and are replaced; pods go once their endpoints have left the pools."""
    world.declare(*SHOP)
    world.begin()
    world.change(endpoints("web", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"))
    world.change(endpoints("web", "10.0.0.4"))
    world.pods_leave("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080")
    world.go_on()
    world.change(endpoints("web", "10.0.0.5"), endpoints("api", "10.0.1.2"))
    world.pods_leave("10.0.0.4:8080", "10.0.1.1:8080")
    world.go_on()


def secret_renewed(world: UpdateWorld) -> None:
    """A certificate is renewed in its Secret, and again."""
    world.declare(*SHOP)
    world.begin()
    for name in ("other.com", "third.com"):
        world.change(secret("cert", *certificate_for(name)))


def paths_beside(world: UpdateWorld) -> None:
    """Paths come, are edited and go beside others."""
    world.declare(*SHOP)
    world.begin()
    for path in ("/new", "/newer", ""):
        more = [(host, path, "api:80") for host in ("shop.com", "plain.com") if path]
        world.change(
            ingress("shop", *(("shop.com", "/", "web:80"), ("shop.com", "/api", "api:80"), *more[:1]),
                    tls={"shop.com": "cert"}),
            ingress("plain", *(("plain.com", "/", "web:80"), ("plain.com", "/api", "api:80"), *more[1:])),
        )  # fmt: skip
