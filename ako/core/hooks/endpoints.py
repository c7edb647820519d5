"""Which endpoints of a Service take traffic: the same for every placement, and the same as kube-proxy takes.

They are the ready ones; where there is none, those that still serve while they terminate: a last pod that goes gets
what is sent until it is gone. Only addresses of the IP families that are in use count, and a pod with one of each
counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.view import View
from ako.core.hooks.claims import SERVERS_STAY, UNREADABLE, PlacementFault
from ako.core.hooks.records import Endpoint, EndpointPort, Endpoints, EndpointSlice, is_address
from ako.core.hooks.site import SETTINGS
from ako.core.model.base import family_of

_BOTH = frozenset({"V4", "V6"})


class ServingEndpoint(Struct, frozen=True):
    """Where an endpoint is reached.

    Attributes:
        address: IP address.
        port: number of the port.
        node: the name of the node it runs on, empty if that is not known.
    """

    address: str
    port: int
    node: str = ""


def serving_endpoints(
    view: View, service: NamespacedName, names: Set[str], *, is_single: bool, any_family: bool = False
) -> tuple[ServingEndpoint, ...]:
    """Find the endpoints of a Service that take traffic, at their port with one of these names.

    Where there are no EndpointSlices, the older Endpoints are looked at, which tell ready ones only. A Service with one
    port (`is_single`) takes the only one there is, whatever its name. `any_family` is for who asks where the endpoints
    are, and not how to get to them.

    Args:
        view: what reads.
        service: which Service.
        names: names that the port may have; the empty text is that of a port without a name.
        is_single: the Service has one port.
        any_family: addresses of IP families that are not in use count too.
    """
    families = _BOTH if any_family else view.input(SETTINGS).ip_families
    slices = view.list(EndpointSlice, "service", service)
    if not slices:
        return tuple(_in_endpoints(view.get(Endpoints, *service), families, names, is_single=is_single))
    found = tuple(_in_slices(slices, families, names, is_single=is_single))
    taken = [(endpoint, port) for endpoint, port in found if endpoint.is_ready]
    taken = taken or [(endpoint, port) for endpoint, port in found if endpoint.serves_while_terminating]
    return tuple(_one_a_pod(taken))


def outdated_endpoints(view: View, service: NamespacedName) -> tuple[PlacementFault, ...]:
    """Say that the endpoints of a Service are those of before, as the present ones cannot be read.

    Args:
        view: what reads.
        service: which Service.
    """
    outdated = view.outdated_in(EndpointSlice, "service", service)
    if not outdated and not view.list(EndpointSlice, "service", service):
        fault = view.outdated(Endpoints, *service)
        outdated = (fault,) if fault else ()
    if not outdated:
        return ()
    more = f" (and {len(outdated) - 1} more of this Service)" if len(outdated) > 1 else ""
    return (PlacementFault(UNREADABLE, f"{outdated[0]}{more}", SERVERS_STAY),)


def endpoint_port(ports: Iterable[EndpointPort] | None, names: Set[str], *, is_single: bool) -> int:
    """Give the number of the endpoint port with one of these names, 0 if there is none.

    Args:
        ports: of a slice or a subset.
        names: as for `serving_endpoints`.
        is_single: likewise.
    """
    available = [port for port in ports or () if port.port]
    if is_single and len(available) == 1:
        return available[0].port or 0
    return next((port.port or 0 for port in available if (port.name or "") in names), 0)


def _in_slices(
    slices: Iterable[EndpointSlice], families: Set[str], names: Set[str], *, is_single: bool
) -> Iterator[tuple[Endpoint, int]]:
    for found in slices:
        port = endpoint_port(found.ports, names, is_single=is_single)
        for endpoint in found.endpoints or () if port else ():
            if _is_reached(endpoint.addresses[:1], families):
                yield endpoint, port


def _is_reached(addresses: tuple[str, ...], families: Set[str]) -> bool:
    return any(is_address(address) and family_of(address) in families for address in addresses)


def _one_a_pod(found: list[tuple[Endpoint, int]]) -> Iterator[ServingEndpoint]:
    """Give a pod that has an address of each family at the IPv4 one: two servers would get twice its share."""
    first = {(e.pod, port) for e, port in found if e.pod and family_of(e.addresses[0]) == "V4"}
    for endpoint, port in found:
        address = endpoint.addresses[0]
        if family_of(address) == "V4" or (endpoint.pod, port) not in first:
            yield ServingEndpoint(address, port, endpoint.node_name or "")


def _in_endpoints(
    endpoints: Endpoints | None, families: Set[str], names: Set[str], *, is_single: bool
) -> Iterator[ServingEndpoint]:
    for subset in (endpoints.subsets if endpoints else None) or ():
        port = endpoint_port(subset.ports, names, is_single=is_single)
        for address in subset.addresses or () if port else ():
            if _is_reached((address.ip,), families):
                yield ServingEndpoint(address.ip, port, address.node_name or "")
