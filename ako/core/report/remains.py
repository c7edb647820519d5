"""What the Controller still serves of source objects although it is not wanted, was refused, or cannot be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import AviRef, ObjectRef, TreeName
from ako.core.hooks.claims import Claim, HostKey, PortClaim
from ako.core.hooks.outcome import HostOutcome, HostState
from ako.core.model import CHILD, PARENT, VirtualService
from ako.core.observe.observed import Observed
from ako.core.observe.served import hosts_of, served_by, tree_of
from ako.core.settle.secured import AS_BEFORE, NOT_SERVED, WITH_CERTIFICATE, WITHOUT_TLS


class Remains:
    """Finds what is served, by what is written on the objects there."""

    def __init__(self, pipeline: Pipeline, observed: Observed) -> None:
        self._pipeline = pipeline
        self._observed = observed

    def kept(self, claim: Claim, rejected: HostOutcome) -> HostOutcome:
        """Give the outcome of a claim that is rejected: kept, as long as something of it is served."""
        service = next(self._entrances(claim), None)
        if service is None:
            return rejected
        return replace(rejected, state=HostState.KEPT, tree=rejected.tree or tree_of(service))

    def unclaimed(self, ref: ObjectRef, claims: Iterable[Claim]) -> Iterator[HostOutcome]:
        """Give the hosts that are served for a source object without being claimed by it, or not any more."""
        owned = self._observed.owned_by(ref.namespaced_name)
        left = sorted(owned.difference(*map(self._wanted, claims))) if owned else ()
        asked = self._asked_under_name_of(ref) if left else frozenset()
        found: dict[tuple[str, bool], TreeName] = {}
        for carrier in left:
            service = next(self._observed.entrances(carrier), None)
            if service is not None:
                found.update((host, tree_of(service)) for host in self._hosts(carrier, asked))
        for (host, is_port), tree in found.items():
            yield HostOutcome(host, HostState.KEPT, reason="it is not asked for any more", tree=tree, is_port=is_port)

    def consequence(self, claim: Claim) -> str:
        """Say how what an object claims of a host is served, where it cannot be judged how it is to be."""
        types = {service.vs_type for service in self._entrances(claim)}
        if CHILD in types:
            return WITH_CERTIFICATE
        if PARENT in types:
            return WITHOUT_TLS
        return AS_BEFORE if types else NOT_SERVED

    def _entrances(self, claim: Claim) -> Iterator[VirtualService]:
        owner = claim.source.namespaced_name
        if isinstance(claim, PortClaim):
            carriers = frozenset(ref for ref in self._observed.owned_by(owner) if self._observed.serving(ref))
        else:
            carriers = self._observed.pools_of(owner, claim.host)
        return (service for carrier in sorted(carriers) for service in self._observed.entrances(carrier))

    def _wanted(self, claim: Claim) -> Iterable[AviRef]:
        """Give the objects that are wanted of a claim."""
        model = self._pipeline.model(claim.key)
        tree = self._pipeline.trees.value(model.tree) if model is not None else None
        placed = tree.by_key.get(claim.key) if tree is not None else None
        return placed.refs if placed is not None else ()

    def _asked_under_name_of(self, ref: ObjectRef) -> frozenset[HostKey]:
        """Give what objects of a name ask for, of whatever kind: that is not written on what was made for them."""
        found = map(self._pipeline.claims.value, self._pipeline.namesakes(ref.namespaced_name))
        return frozenset(claim.key for discovery in found if discovery for claim in discovery.claims)

    def _hosts(self, carrier: AviRef, asked: frozenset[HostKey]) -> Iterator[tuple[str, bool]]:
        """Give the hosts that an object serves, less those that are asked for; one without a name is empty.

        With each is said whether it is that of a port claim.
        """
        seen = self._observed.get(carrier)
        for served in served_by(seen.object) if seen is not None else ():
            if isinstance(served, str):
                yield from () if served in asked else ((served, False),)
            elif seen is not None and all(isinstance(key, str) for key in asked):
                yield next(iter(hosts_of(seen.object)), ""), True
