"""The servers behind a port of a Service: endpoints, or node ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from tests.traffic.reading import Cluster, Setup, Thing, Who, labels, name, spec

SLICE_OF = "kubernetes.io/service-name"


@dataclass(frozen=True)
class Backend:
    """A port of a Service, and what it weighs among those it stands beside.

    Attributes:
        port: name or number; None if none is named.
        is_target: the port is one of the endpoints, as Routes name them.
        for_l4: asked for by the Service itself, as it is of type LoadBalancer.
    """

    namespace: str
    service: str
    port: int | str | None
    weight: int = 100
    is_target: bool = False
    protocol: str = "TCP"
    for_l4: bool = False

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.service}"


def servers(backend: Backend, cluster: Cluster, setup: Setup, who: Who) -> frozenset[str]:
    """Give `ip:port` of all that may answer for a backend."""
    service = cluster.get("Service", backend.namespace, backend.service)
    if service is None or spec(service).get("type") == "ExternalName":
        return frozenset()
    port = _port(backend, service, who)
    if port is None:
        return frozenset()
    if setup.is_node_port:
        return _nodes(service, port, cluster, setup, who)
    if spec(service).get("type") == "LoadBalancer" and not backend.for_l4:
        return frozenset()
    found = _endpoints(service, port, cluster, setup, who)
    return frozenset(_joined(address, number) for address, number, _ in found)


def _port(backend: Backend, service: Thing, who: Who) -> Thing | None:
    ports: Sequence[Thing] = spec(service).get("ports") or ()
    right = [port for port in ports if (port.get("protocol") or "TCP") == backend.protocol]
    wanted = backend.port
    if wanted is None:
        # Go AKO takes the port of a Service with one port only.
        return right[0] if right and (who is Who.OURS or len(ports) == 1) else None
    if backend.is_target and len(ports) == 1:
        return right[0] if right else None
    return next((port for port in right if wanted in _called(port, is_target=backend.is_target)), None)


def _called(port: Thing, *, is_target: bool) -> tuple[int | str | None, ...]:
    if is_target:
        return (port.get("name"), port.get("targetPort") or port.get("port"))
    return (port.get("name"), port.get("port"))


Found = tuple[str, int, str]
"""Address, port and node of an endpoint."""


def _endpoints(
    service: Thing, port: Thing, cluster: Cluster, setup: Setup, who: Who, *, of_all_families: bool = False
) -> set[Found]:
    """Give the endpoints that take traffic."""
    its_namespace = str(service["metadata"].get("namespace") or "default")
    slices = [
        one
        for one in cluster.of("EndpointSlice")
        if labels(one).get(SLICE_OF) == name(service)
        and (one["metadata"].get("namespace") or "default") == its_namespace
    ]
    wanted, is_single = str(port.get("name") or ""), len(spec(service).get("ports") or ()) == 1
    if slices:
        ready, leaving = set[Found](), set[Found]()
        for one in slices:
            for found, conditions in _in_slice(one, wanted, is_single=is_single):
                if conditions.get("ready") is not False:
                    ready.add(found)
                elif conditions.get("serving") and conditions.get("terminating"):
                    leaving.add(found)
        taken = ready or (leaving if who is Who.OURS else set())
    else:
        taken = set(_in_old(cluster.get("Endpoints", its_namespace, name(service)), wanted, is_single=is_single))
    families = {4, 6} if of_all_families else setup.families
    return {found for found in taken if ip_address(found[0]).version in families}


def _in_slice(one: Thing, wanted: str, *, is_single: bool) -> Iterator[tuple[Found, Mapping[str, bool | None]]]:
    number = _number(one.get("ports"), wanted, is_single=is_single)
    if not number or one.get("addressType") == "FQDN":
        return
    for endpoint in one.get("endpoints") or ():
        for address in (endpoint.get("addresses") or ())[:1]:
            yield (address, number, str(endpoint.get("nodeName") or "")), endpoint.get("conditions") or {}


def _in_old(endpoints: Thing | None, wanted: str, *, is_single: bool) -> Iterator[Found]:
    for subset in (endpoints or {}).get("subsets") or ():
        if number := _number(subset.get("ports"), wanted, is_single=is_single):
            for address in subset.get("addresses") or ():
                yield (address["ip"], number, str(address.get("nodeName") or ""))


def _number(ports: Sequence[Thing] | None, wanted: str, *, is_single: bool) -> int:
    known = [port for port in ports or () if port.get("port")]
    if is_single and len(known) == 1:
        return int(known[0]["port"])
    return next((int(port["port"]) for port in known if str(port.get("name") or "") == wanted), 0)


def _nodes(service: Thing, port: Thing, cluster: Cluster, setup: Setup, who: Who) -> frozenset[str]:
    number = port.get("nodePort")
    if not number or spec(service).get("type") not in {"NodePort", "LoadBalancer"}:
        return frozenset()
    selector = setup.config.get("nodePortSelector") or {}
    key, value = str(selector.get("key") or ""), str(selector.get("value") or "")
    chosen = [node for node in cluster.of("Node") if not key or labels(node).get(key) == value]
    if spec(service).get("externalTrafficPolicy") == "Local":
        found = _endpoints(service, port, cluster, setup, who, of_all_families=True)
        with_pod = {node for _, _, node in found}
        chosen = [node for node in chosen if name(node) in with_pod]
    addresses = [_internal(node, setup) for node in chosen]
    if who is Who.THEIRS and not all(addresses):
        return frozenset()  # one node without an address empties every pool
    return frozenset(_joined(address, int(number)) for address in addresses if address)


def _internal(node: Thing, setup: Setup) -> str:
    for entry in (node.get("status") or {}).get("addresses") or ():
        if entry.get("type") == "InternalIP" and ip_address(entry["address"]).version in setup.families:
            return str(entry["address"])
    return ""


def _joined(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
