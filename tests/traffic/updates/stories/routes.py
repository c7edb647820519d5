"""Routes of OpenShift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.builders import Manifest, endpoints, service
from tests.plugins.openshift_route.worlds import edge, passthrough, route
from tests.traffic.updates.world import UpdateWorld

BEHIND: Sequence[Manifest] = (
    service("web"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    service("next"),
    endpoints("next", "10.0.1.1"),
    service("pods"),
    endpoints("pods", "10.0.2.1", "10.0.2.2", port=8443),
    service("newer"),
    endpoints("newer", "10.0.3.1", port=8443),
)
"""Two Services whose pods speak HTTP, two whose pods speak TLS."""


def weights_changed(world: UpdateWorld) -> None:
    """Requests go over from one Service to another, by the weights of a Route."""
    plain, tls = ("plain.com", "web"), edge("secure.com")
    world.declare(*BEHIND, route("a", *plain, "next=0"), route("b", "secure.com", "web", tls=tls))
    world.begin()
    for old, new in ((90, 10), (50, 50), (0, 100)):
        shares = (f"web={old}", f"next={new}")
        world.change(route("a", "plain.com", *shares), route("b", "secure.com", *shares, tls=tls))
    world.change(route("a", "plain.com", "next"), route("b", "secure.com", "next", tls=tls))
    world.change(withdrawn=[("Service", "default", "web"), ("EndpointSlice", "default", "web-1")])
    world.pods_leave("10.0.0.1:8080", "10.0.0.2:8080")
    world.go_on()


def insecure_policies(world: UpdateWorld) -> None:
    """A host goes from plain HTTP to TLS beside it (Allow), to a redirect, and back."""
    world.declare(*BEHIND, route("a", "secure.com", "web"), route("b", "plain.com", "web"))
    world.begin()
    for policy in ("Allow", "Redirect", "Allow"):
        world.change(route("a", "secure.com", "web", tls=edge("secure.com", policy)))
    world.change(route("a", "secure.com", "web"))


def reencrypted(world: UpdateWorld) -> None:
    """TLS that ended at the load balancer goes on to pods, which are replaced, and are verified anew."""
    authority = world.authority.cert_pem.bytes().decode()

    def to(name: str, **more: str) -> dict[str, Any]:
        return route("a", "secure.com", name, tls=edge("secure.com", termination="reencrypt", **more))

    world.declare(*BEHIND, to("pods"), route("b", "plain.com", "web"))
    world.begin()
    world.change(to("pods", destinationCACertificate=authority))
    world.change(to("newer", destinationCACertificate=authority))
    world.change(endpoints("newer", "10.0.3.2", port=8443))
    world.pods_leave("10.0.3.1:8443")
    world.go_on()


def passed_through(world: UpdateWorld) -> None:
    """Pods that terminate TLS are scaled and replaced, and their Service is switched by weights."""
    world.declare(*BEHIND, route("a", "secure.com", "pods", tls=passthrough("Redirect")))
    world.begin()
    world.change(endpoints("pods", "10.0.2.2", "10.0.2.3", port=8443))
    world.pods_leave("10.0.2.1:8443")
    for weights in (("pods=50", "newer=50"), ("pods=0", "newer=100"), ("newer",)):
        world.change(route("a", "secure.com", *weights, tls=passthrough("Redirect")))
    world.pods_leave("10.0.2.2:8443", "10.0.2.3:8443")
    world.go_on()
