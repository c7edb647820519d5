"""Which endpoints of a Service take traffic: the same for every placement, and the same as kube-proxy takes.

They are the ready ones; where there is none, those that still serve while they terminate: a last pod that goes gets
what is sent until it is gone. Only addresses of the IP families that are in use count, and a pod with one of each
counts once. Whoever asks why another one is left out is told by the same judgement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.view import View
from ako.core.hooks.claims import SERVERS_STAY, UNREADABLE, PlacementFault
from ako.core.hooks.reasons import LeftOut
from ako.core.hooks.records import Endpoint, EndpointPort, Endpoints, EndpointSlice, is_address
from ako.core.hooks.scope import in_print
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
    judged = _judged(view, service, names, is_single=is_single, any_family=any_family)
    return tuple(
        ServingEndpoint(one.endpoint.addresses[0], one.port, one.endpoint.node_name or "")
        for one in judged
        if one.fate is _Fate.TAKEN
    )


def left_out_endpoints(
    view: View, service: NamespacedName, names: Set[str], *, is_single: bool, any_family: bool = False
) -> tuple[LeftOut, ...]:
    """Say which endpoints of a Service take no traffic, and why: those that `serving_endpoints` does not give.

    Args:
        view: what reads.
        service: which Service.
        names: as for `serving_endpoints`.
        is_single: likewise.
        any_family: likewise.
    """
    judged = tuple(_judged(view, service, names, is_single=is_single, any_family=any_family))
    if not judged:
        why = f"Service {service} has no endpoints: no pod has the labels of its selector, or it has no selector."
        return (LeftOut(why, "Compare its spec.selector with the labels of the pods, and see whether they run."),)
    taken = {one.endpoint.addresses[0] for one in judged if one.fate is _Fate.TAKEN}
    others = (one for one in judged if one.fate is not _Fate.TAKEN and taken.isdisjoint(one.endpoint.addresses[:1]))
    return tuple(dict.fromkeys(_told(one, view, service, names) for one in others))


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


class _Fate(Enum):
    TAKEN = auto()
    READY = auto()
    LAST = auto()
    NOT_READY = auto()
    NO_PORT = auto()
    NO_ADDRESS = auto()
    OTHER_FAMILY = auto()
    SAME_POD = auto()


class _Judged(NamedTuple):
    """An endpoint, its port, and what becomes of it; `ports` are those of all endpoints that are told with it."""

    endpoint: Endpoint
    port: int
    fate: _Fate
    ports: Sequence[EndpointPort]


def _judged(
    view: View, service: NamespacedName, names: Set[str], *, is_single: bool, any_family: bool
) -> Iterator[_Judged]:
    """Judge every endpoint of a Service: by itself, then in view of the others."""
    families = _BOTH if any_family else view.input(SETTINGS).ip_families
    found = tuple(
        _Judged(endpoint, port, _fate(endpoint, port, families), ports)
        for ports, endpoints in _pieces(view, service)
        for port in (endpoint_port(ports, names, is_single=is_single),)
        for endpoint in endpoints
    )
    taken = _Fate.READY if any(one.fate is _Fate.READY for one in found) else _Fate.LAST
    at_v4 = {(one.endpoint.pod, one.port) for one in found if one.fate is taken and _is_v4_of_pod(one.endpoint)}
    for one in found:
        if one.fate is not taken:
            yield one
        elif family_of(one.endpoint.addresses[0]) != "V4" and (one.endpoint.pod, one.port) in at_v4:
            yield one._replace(fate=_Fate.SAME_POD)  # two servers would get twice the share of a pod
        else:
            yield one._replace(fate=_Fate.TAKEN)


def _pieces(view: View, service: NamespacedName) -> Iterator[tuple[Sequence[EndpointPort], Iterable[Endpoint]]]:
    """Give ports with the endpoints that have them."""
    slices = view.list(EndpointSlice, "service", service)
    for piece in slices:
        yield piece.ports or (), piece.endpoints or ()
    older = None if slices else view.get(Endpoints, *service)
    for subset in (older.subsets if older else None) or ():
        yield subset.ports or (), (Endpoint(addresses=(a.ip,), node_name=a.node_name) for a in subset.addresses or ())


def _fate(endpoint: Endpoint, port: int, families: Set[str]) -> _Fate:
    if not port:
        return _Fate.NO_PORT
    if not endpoint.addresses or not is_address(endpoint.addresses[0]):
        return _Fate.NO_ADDRESS
    if family_of(endpoint.addresses[0]) not in families:
        return _Fate.OTHER_FAMILY
    if endpoint.is_ready:
        return _Fate.READY
    return _Fate.LAST if endpoint.serves_while_terminating else _Fate.NOT_READY


def _is_v4_of_pod(endpoint: Endpoint) -> bool:
    return bool(endpoint.pod) and family_of(endpoint.addresses[0]) == "V4"


def _told(one: _Judged, view: View, service: NamespacedName, names: Set[str]) -> LeftOut:
    endpoint = one.endpoint
    pod = endpoint.target_ref.name if endpoint.target_ref else ""
    return LeftOut(
        *_words(one, view, names),
        address=in_print(next(iter(endpoint.addresses), "")),
        pod=in_print(str(NamespacedName(service.namespace, pod))) if pod else "",
        node=in_print(endpoint.node_name or ""),
    )


def _words(one: _Judged, view: View, names: Set[str]) -> tuple[str, str]:
    """Give why an endpoint is left out, and what would bring it in."""
    match one.fate:
        case _Fate.NO_PORT:
            known = ", ".join(f"{port.name or '-'}:{port.port}/{port.protocol}" for port in one.ports) or "none"
            wanted = " or ".join(sorted(name or "-" for name in names))
            why = f"it has no port {wanted}; it has {in_print(known)}."
            return why, "Name the port of Service and endpoints alike."
        case _Fate.NO_ADDRESS:
            return "its address is no IP address.", "Have its controller write addresses."
        case _Fate.OTHER_FAMILY:
            family = view.input(SETTINGS).ako_settings.ip_family
            why = f"its address is not of the IP family {family}, which AKOSettings.ipFamily asks for."
            return why, "Give the Service that family, or change the setting."
        case _Fate.SAME_POD:
            return "the same pod is a server at its IPv4 address.", ""
        case _Fate.LAST:
            return "it is about to end, and others are ready.", ""
        case _:
            if one.endpoint.conditions.terminating:
                return "it is about to end and does not answer any more.", ""
            remedy = "See what the pod says of itself: its readiness probe, readiness gates and containers."
            return "it is not ready.", remedy
