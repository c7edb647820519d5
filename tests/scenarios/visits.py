"""The clients of a scenario: what they ask is answered through the objects on the Controller.

What a scenario says of the answers in words of the cluster (a Service, a Secret, a Route) is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.scenarios.scenario_cluster import ScenarioCluster
from tests.traffic.asking import Answer, Asked
from tests.traffic.promise import own_certificate
from tests.traffic.reading import Cluster, Setup, Thing, Who, secret_certificate, spec
from tests.traffic.servers import Backend, servers
from tests.traffic.stage import TrafficStage

AskAll = Callable[[Iterable[Asked]], Sequence[Answer]]


@dataclass(frozen=True)
class Clients:
    """Somebody who asks, and the cluster as it was then."""

    ask_all: AskAll
    cluster: Cluster
    setup: Setup

    def servers_of(self, service: str) -> frozenset[str]:
        """Give `ip:port` of all that may answer for a Service, `namespace/name` or `namespace/name:port`."""
        its_namespace, _, rest = service.partition("/")
        its_name, _, port = rest.partition(":")
        found = self.cluster.get("Service", its_namespace, its_name)
        ports: Sequence[Thing] = spec(found or {}).get("ports") or ()
        wanted = [one for one in ports if port in {"", str(one["port"]), one.get("name")}]
        backends = [
            Backend(its_namespace, its_name, one["port"], protocol=one.get("protocol") or "TCP", for_l4=True)
            for one in wanted
        ]
        return frozenset().union(*(servers(one, self.cluster, self.setup, Who.OURS) for one in backends))

    def certificate_of(self, name: str) -> str:
        """Give the certificate of a Secret or Route, `namespace/name`; empty if there is none."""
        its_namespace, _, its_name = name.partition("/")
        if found := secret_certificate(self.cluster, its_namespace, its_name):
            return found
        route = self.cluster.get("Route", its_namespace, its_name)
        return own_certificate((spec(route or {}).get("tls") or {}).get("certificate") or "")


def clients_of(cluster: ScenarioCluster, stage: TrafficStage, config: Mapping[str, Any]) -> Clients:
    """Give clients, with somebody behind each server that a pool names at this moment."""
    stage.stand_in()
    return Clients(stage.visitor.ask_all, Cluster(cluster.things()), Setup(config))
