"""What an IP address is: one that hosts are reached at, that of a pod or a node, and in which pools it is or is not."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.base.refs import AviRef, NamespacedName, ObjectRef
from ako.core.engine.store import ObjectKey
from ako.core.explain.claims import services_of
from ako.core.explain.picture import Picture
from ako.core.hooks.claims import HostKey
from ako.core.hooks.records import ENDPOINT_SLICES, NODES, EndpointSlice, Node
from ako.core.model import Pool, VsVip
from ako.core.settle.rivals import Address


def entrances_at(picture: Picture, address: str) -> Iterator[AviRef]:
    """Give the VsVips that have an address."""
    for ref, seen in picture.observed.items():
        if isinstance(seen.object, VsVip) and address in seen.object.addresses:
            yield ref


def pools_with(picture: Picture, address: str) -> Iterator[tuple[AviRef, HostKey]]:
    """Give the pools that are to have a server at an address, each with its host."""
    for _, model in picture.pipeline.hosts.values():
        for item in model.translation.objects if model.translation else ():
            if isinstance(item, Pool) and any(server.ip.addr == address for server in item.servers):
                yield item.ref, model.virtual_host.key


def nodes_at(picture: Picture, address: str) -> Iterator[ObjectRef]:
    """Give the nodes that have an address."""
    store = picture.pipeline.store
    for name in store.names(Node) if Node in store.records_of(NODES.kind) else ():
        node = store.get(ObjectKey(Node, name))
        if isinstance(node, Node) and any(one.address == address for one in node.status.addresses or ()):
            yield ObjectRef(NODES.kind, *name)


def hosts_asking_for(picture: Picture, address: str) -> Iterator[HostKey]:
    """Give the ports of whoever asks for an address, whether it has it or not."""
    yield from (asker.key for asker in picture.pipeline.claims.group(Address(address)))


def hosts_behind(picture: Picture, address: str) -> Iterator[HostKey]:
    """Give the hosts that lead to a Service which has an endpoint at an address, taken or left out."""
    services = set(_services_at(picture, address))
    for _, discovery in picture.pipeline.claims.values() if services else ():
        yield from (claim.key for claim in discovery.claims if not services.isdisjoint(services_of(claim)))


def _services_at(picture: Picture, address: str) -> Iterator[NamespacedName]:
    store = picture.pipeline.store
    for name in store.names(EndpointSlice) if EndpointSlice in store.records_of(ENDPOINT_SLICES.kind) else ():
        found = store.get(ObjectKey(EndpointSlice, name))
        if isinstance(found, EndpointSlice) and any(address in one.addresses for one in found.endpoints or ()):
            yield NamespacedName(name.namespace, found.metadata.label("kubernetes.io/service-name") or "")
