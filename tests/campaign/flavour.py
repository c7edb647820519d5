"""What kind of cluster a schedule plays in."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Flavour:
    """A cluster, and how the controller is set for it.

    Attributes:
        routes: Routes are served, and both they and Ingresses are processed.
        node_ports: pods are reached through node ports.
        by_elements: paths are matched as the Ingress API says.
    """

    routes: bool = False
    node_ports: bool = False
    by_elements: bool = False

    def __str__(self) -> str:
        sources = "Ingresses and Routes" if self.routes else "Ingresses"
        return f"{sources}, {self._service_type}, paths as in {self._path_matching}"

    @property
    def _path_matching(self) -> str:
        return "kubernetes" if self.by_elements else "ako"

    @property
    def _service_type(self) -> str:
        return "NodePort" if self.node_ports else "ClusterIP"

    @property
    def flags(self) -> Mapping[str, str]:
        """Give the settings, by helm key."""
        sources = {"ako.sources": "ingress,openshift_route,loadbalancer"} if self.routes else {}
        paths = {"L7Settings.pathMatching": self._path_matching}
        return {"L7Settings.serviceType": self._service_type, **paths, **sources}


def any_flavour(rng: random.Random) -> Flavour:
    """Take one of the eight."""
    return Flavour(routes=rng.random() < 0.5, node_ports=rng.random() < 0.25, by_elements=rng.random() < 0.5)
