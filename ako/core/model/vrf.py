"""Objects of the Avi administrator in which some entries are ours: VRF contexts (routes), SE groups (a label)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

from ako.core.model.base import AviObject, IpAddr, IpPrefix

CLUSTER_LABEL = "clustername"
"""The key of the label that says whose a route is, and whose routes the engines of a group take."""


class ForeignObject(AviObject, frozen=True, kw_only=True):
    """An object that exists without us and is never created or deleted, only updated, whole, as it was last read.

    It is read and written in the API version of the Controller, whatever version we ask for else: its newer fields are
    in no answer to an older version, and would be reset. It is none that a plugin gives.

    Attributes:
        owner: the cluster whose entries count; no field on the Controller.
    """

    owner: str = ""

    def seen_by(self, owner: str) -> Self:
        """Give what concerns one cluster of an object as it was read."""
        return replace(self, owner=owner)

    def fitted(self, seen: Self, body: Mapping[str, Any]) -> Self:
        """Lay what is wanted into what is there; `body` is the whole object."""
        raise NotImplementedError

    def cleared(self) -> Self:
        """Want none of our entries any more."""
        raise NotImplementedError

    def keeping(self, seen: Self) -> Self:  # noqa: ARG002 - for types whose entries several clusters may have
        """Want the entries with our label too that are there already."""
        return self

    @property
    def holds_ours(self) -> bool:
        """Say whether there are entries of ours in it."""
        raise NotImplementedError

    def overlay(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Give the fields of the whole object that hold our entries, with those of others as they are in `body`."""
        raise NotImplementedError


class Label(Struct, frozen=True):
    """A key and a value.

    Attributes:
        key: such as `clustername`.
        value: empty for none.
    """

    key: str
    value: str = ""


class StaticRoute(Struct, frozen=True, kw_only=True):
    """A route of a VRF context; `static_route` makes one.

    Attributes:
        prefix: the network that it leads to.
        next_hop: the address that it leads over.
        route_id: filled in by the core, as the labels are.
        labels: ours carry the label of the cluster.
    """

    prefix: IpPrefix
    next_hop: IpAddr
    route_id: str = ""
    labels: tuple[Label, ...] = ()


def static_route(network: str, next_hop: str) -> StaticRoute:
    """Give the route to a network, written as `<address>/<length>`, over an address.

    Args:
        network: such as `10.1.0.0/24`.
        next_hop: an IP address of the same family.
    """
    address, _, length = network.partition("/")
    return StaticRoute(prefix=IpPrefix(IpAddr.of(address), int(length)), next_hop=IpAddr.of(next_hop))


class VrfContext(ForeignObject, frozen=True, kw_only=True):
    """A VRF context, of which only the static routes with the label of our cluster are ours.

    Clusters share it, and so does the administrator: the label decides whose a route is, never the beginning of its id,
    which `prod` and `prod-2` have in common.

    Attributes:
        static_routes: of our cluster.
    """

    avi_type: ClassVar[str] = "vrfcontext"

    static_routes: tuple[StaticRoute, ...] = ()

    def seen_by(self, owner: str) -> Self:
        """Leave out the routes of others."""
        label = Label(CLUSTER_LABEL, owner)
        return replace(self, owner=owner, static_routes=tuple(r for r in self.static_routes if label in r.labels))

    def fitted(self, seen: Self, body: Mapping[str, Any]) -> Self:
        """Label and number the routes: one whose prefix has a route keeps its id, others get the lowest free number."""
        foreign = {str(entry.get("route_id", "")) for entry in self._foreign(body)}
        ids = route_ids(self.owner, self.static_routes, seen.static_routes, foreign)
        label = (Label(CLUSTER_LABEL, self.owner),)
        routes = zip(self.static_routes, ids, strict=True)
        return replace(
            self, static_routes=tuple(replace(route, route_id=number, labels=label) for route, number in routes)
        )

    def cleared(self) -> Self:
        """Want no routes."""
        return replace(self, static_routes=())

    def keeping(self, seen: Self) -> Self:
        """Want the routes to other networks too that are there already."""
        networks = {route.prefix for route in self.static_routes}
        kept = (route for route in seen.static_routes if route.prefix not in networks)
        return replace(self, static_routes=(*self.static_routes, *kept))

    @property
    def holds_ours(self) -> bool:
        """Say whether there are routes of ours."""
        return bool(self.static_routes)

    def overlay(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace our routes, and keep those of others as they are, in their order."""
        return {"static_routes": [*self._foreign(body), *self.static_routes]}

    def _foreign(self, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        label = {"key": CLUSTER_LABEL, "value": self.owner}
        return [entry for entry in body.get("static_routes") or () if label not in (entry.get("labels") or ())]


def route_ids(
    cluster: str, wanted: Sequence[StaticRoute], seen: Sequence[StaticRoute], foreign: set[str]
) -> tuple[str, ...]:
    """Give the id of each wanted route; nobody is renumbered because another route comes or goes."""
    kept: dict[IpPrefix, str] = {}
    for route in seen:
        kept.setdefault(route.prefix, route.route_id)
    taken = foreign | {kept[route.prefix] for route in wanted if route.prefix in kept}
    free = (text for number in itertools.count(1) if (text := f"{cluster}-{number}") not in taken)
    return tuple(kept[route.prefix] if route.prefix in kept else next(free) for route in wanted)


class ServiceEngineGroup(ForeignObject, frozen=True, kw_only=True):
    """An SE group, of which only the label of our cluster is ours: by it its engines take the routes of the cluster.

    Attributes:
        labels: all there are.
    """

    avi_type: ClassVar[str] = "serviceenginegroup"

    labels: tuple[Label, ...] = ()

    def fitted(self, seen: Self, body: Mapping[str, Any]) -> Self:  # noqa: ARG002 - all that counts is in the labels
        """Put our label on a group without labels; one of another cluster is left alone."""
        own = Label(CLUSTER_LABEL, self.owner)
        if own not in self.labels:
            return replace(self, labels=tuple(label for label in seen.labels if label != own))
        return replace(self, labels=seen.labels or (own,))

    def cleared(self) -> Self:
        """Want our label gone."""
        return replace(self, labels=())

    @property
    def holds_ours(self) -> bool:
        """Say whether it has our label."""
        return Label(CLUSTER_LABEL, self.owner) in self.labels

    @property
    def is_of_another(self) -> bool:
        """Say whether its labels make it somebody else's; one beside ours does no harm."""
        return bool(self.labels) and not self.holds_ours

    def overlay(self, body: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the labels are complete
        """Give the labels, those of others included."""
        return {"labels": self.labels}


def group_of(name: str, owner: str, tenant: str = "") -> ServiceEngineGroup:
    """Want an SE group to carry the label of a cluster."""
    return ServiceEngineGroup(name=name, tenant=tenant, owner=owner, labels=(Label(CLUSTER_LABEL, owner),))
