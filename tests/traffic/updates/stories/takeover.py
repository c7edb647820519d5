"""The product takes over from Go AKO: it starts on the cluster and on the objects that the other left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.traffic.go_ako import state
from tests.traffic.reading import Thing, spec
from tests.traffic.stage import with_authority
from tests.traffic.updates.world import UpdateWorld

VERSION = "30.2.1"
LEFT_OUT = {"kubernetes", "avi-k8s-config"}
"""What the stand-in of the API server makes itself, and the ConfigMap that would overrule the settings of the test."""

STATES = (
    "ingress__06-multi-path-02",
    "ingress__13-multi-host-02",
    "ingress__24-mixed-secure-insecure-hosts-02",
    "ingress__32-same-sni-host-two-namespaces-04",
    "routes__09-alternate-backends-02",
    "routes__23-edge-two-namespaces-allow-02",
    "routes__34-reencrypt-destination-ca-02",
    "routes__39-passthrough-redirect-02",
    "routes__46-passthrough-alternate-backends-02",
    "l4__02-multi-port-02",
    "nodeport__08-secure-two-hosts-02",
    "nodeport__11-l4-multi-port-02",
)
"""What is taken over: of all states in which both are to answer the same, some of each kind."""


def taken_over(name: str) -> Callable[[UpdateWorld], None]:
    """Give what happens when a state is taken over."""

    def plot(world: UpdateWorld) -> None:
        found = state(name)
        sections = {key: value for key, value in found.config.items() if isinstance(value, dict)}
        sections["ControllerSettings"] = {**sections.get("ControllerSettings", {}),
                                          "controllerHost": world.simulator.url}  # fmt: skip
        world.configure(**sections)
        world.domains = found.domains
        world.hold(with_authority(found.controller, world.authority))
        world.declare(*_trusting(found.cluster, world.authority.cert_pem.bytes().decode()))
        known = [one for one in found.promises if one.theirs is not None and not one.ours.is_nobody]
        assert all(one.ours == one.theirs for one in known)
        world.ask_on()
        world.start()
        world.settle()
        world.stop()
        world.start()
        world.settle()

    plot.__doc__ = f"Go AKO's objects of {name} are taken over."
    return plot


def _trusting(cluster: Sequence[Thing], authority: str) -> list[dict[str, Any]]:
    """Give the objects of a cluster, in which our authority stands for those that Routes name."""
    found = []
    for thing in cluster:
        if thing["metadata"]["name"] in LEFT_OUT:
            continue
        if thing["kind"] == "Route" and (spec(thing).get("tls") or {}).get("destinationCACertificate"):
            tls = {**spec(thing)["tls"], "destinationCACertificate": authority}
            thing = {**thing, "spec": {**spec(thing), "tls": tls}}  # noqa: PLW2901 - the same one, with our authority
        found.append(dict(thing))
    return found
