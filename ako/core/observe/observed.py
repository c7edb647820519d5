"""What we last saw on the Avi Controller, of our own objects: the other side of every comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.model import WRITTEN_TYPES, AviObject, ForeignObject, Pool, VirtualService, VsVip
from ako.core.observe.our_addresses import OurAddresses
from ako.core.observe.served import Served, owners_of, served_by

Moves = Iterable[tuple[dict[Any, set[AviRef]], frozenset[Any], frozenset[Any]]]
"""Index, the keys an object was filed under, the keys from now on."""

_OURS = frozenset(owned.avi_type for owned in WRITTEN_TYPES)


class ObservedObject(Struct, frozen=True):
    """One object on the Controller.

    Attributes:
        uuid: its identity there.
        object: its JSON projected onto the fields we own.
        last_modified: version of the object, for updates that must not lose another's.
        body: the whole JSON, where an update has to send it back (VsVip).
        cluster_uid: of the cluster whose mark it bears; empty if it bears none.
        remark: the uid that its mark has to be replaced by, where it was taken over from another cluster.
    """

    uuid: str
    object: AviObject
    last_modified: str = ""
    body: Mapping[str, Any] | None = None
    cluster_uid: str = ""
    remark: str = ""


class Observed:
    """Our objects on the Controller, by identity, with what is looked up beside it."""

    def __init__(self) -> None:
        self._objects: dict[AviRef, ObservedObject] = {}
        self._addresses = OurAddresses()
        self.without_address: set[AviRef] = set()
        """VsVips that the Controller has not given an address yet."""
        self.counts: Counter[str] = Counter()
        """How many objects there are, by type."""
        self._by_tenant: Counter[str] = Counter()
        self.losses = 0
        """How often something may have gone."""
        self._holders: dict[str, AviRef] = {}
        self._referrers: dict[AviRef, set[AviRef]] = {}
        self._serving: dict[Served, set[AviRef]] = {}
        self._owned: dict[NamespacedName, set[AviRef]] = {}

    def __contains__(self, ref: object) -> bool:
        return ref in self._objects

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[AviRef]:
        return iter(self._objects)

    def ours(self) -> Iterator[AviRef]:
        """Give the objects that are ours, or hold entries of ours."""
        found = ((ref, seen.object) for ref, seen in self._objects.items())
        return (ref for ref, item in found if not isinstance(item, ForeignObject) or item.holds_ours)

    def get(self, ref: AviRef) -> ObservedObject | None:
        """Give what was seen under an identity, None if nothing was."""
        return self._objects.get(ref)

    def put(self, ref: AviRef, seen: ObservedObject) -> None:
        """Note what is there now."""
        before = self._objects.get(ref)
        is_new = before is None or before.object is not seen.object
        moves = self._moves(before.object if before else None, seen.object) if is_new else ()
        if isinstance(seen.object, VsVip):
            names = seen.object.fqdns
            self._release_names(ref, frozenset(names))
            self._holders.update(dict.fromkeys(names, ref))
            (self.without_address.discard if seen.object.addresses else self.without_address.add)(ref)
            self._addresses.use(seen.object.addresses)
            self._addresses.release(_addresses(before))
        self.counts[ref.type] += before is None
        self._by_tenant[ref.tenant] += before is None and ref.type in _OURS
        self._objects[ref] = seen
        _move(ref, moves)

    def forget(self, ref: AviRef) -> None:
        """Note that nothing is there any more."""
        self._release_names(ref)
        self.without_address.discard(ref)
        before = self._objects.pop(ref, None)
        self._addresses.release(_addresses(before))
        if before is not None:
            self.losses += 1
            self.counts[ref.type] -= 1
            self._by_tenant[ref.tenant] -= ref.type in _OURS
            _move(ref, self._moves(before.object, None))

    def replace(self, objects: Mapping[AviRef, ObservedObject]) -> None:
        """Take over a complete observation; addresses that were ours stay known as such."""
        addresses = [address for seen in self._objects.values() for address in _addresses(seen)]
        self._objects.clear()
        self.losses += 1
        self.counts.clear()
        self._by_tenant.clear()
        self._referrers.clear()
        self._serving.clear()
        self._owned.clear()
        self._holders.clear()
        self.without_address.clear()
        for ref, seen in objects.items():
            self.put(ref, seen)
        self._addresses.release(addresses)

    @property
    def tenants(self) -> frozenset[str]:
        """Give the tenants that there are objects of ours in, as in `AviRef`."""
        return frozenset(tenant for tenant, count in self._by_tenant.items() if count)

    @property
    def in_tenants(self) -> Mapping[str, int]:
        """Give how many objects of ours are in other tenants than the one of the settings, by tenant."""
        return {tenant: count for tenant, count in self._by_tenant.items() if tenant and count}

    @property
    def addresses(self) -> frozenset[str]:
        """Give every address that is ours, and the latest that were since this process started."""
        return self._addresses.all

    def has_name(self, name: str) -> bool:
        """Say whether an object of ours is called so, whatever its type and tenant."""
        return any(
            AviRef(of.avi_type, name, tenant) in self._objects for tenant in self.tenants for of in WRITTEN_TYPES
        )

    def holder(self, fqdn: str) -> AviRef | None:
        """Give the VsVip that has a DNS name, None if none of ours has it."""
        return self._holders.get(fqdn)

    def referrers(self, ref: AviRef) -> frozenset[AviRef]:
        """Give the objects that refer to one of ours."""
        return frozenset(self._referrers.get(ref, ()))

    def serving(self, served: Served) -> frozenset[AviRef]:
        """Give the objects by which something is served, reached by traffic or not."""
        return frozenset(self._serving.get(served, ()))

    def owned_by(self, owner: NamespacedName) -> frozenset[AviRef]:
        """Give the objects that were made for a Kubernetes object of that name, by what is written on them."""
        return frozenset(self._owned.get(owner, ()))

    def pools_of(self, owner: NamespacedName, host: str) -> frozenset[AviRef]:
        """Give the pools by which what a Kubernetes object of that name claims of a host is served, or was."""
        owned = self._owned.get(owner, set())
        return frozenset(ref for ref in self._serving.get(host, ()) if ref.type == Pool.avi_type and ref in owned)

    def all_served(self) -> KeysView[Served]:
        """Give every host and port claim that is served."""
        return self._serving.keys()

    def is_reached(self, ref: AviRef) -> bool:
        """Say whether traffic gets to an object: it is a virtual service, or one refers to it over any way."""
        return next(self.entrances(ref), None) is not None

    def entrances(self, ref: AviRef) -> Iterator[VirtualService]:
        """Give the virtual services by which traffic gets to an object, over any way; of one, itself."""
        found, pending = {ref}, [ref]
        while pending:
            reached = pending.pop()
            seen = self._objects.get(reached)
            if seen is not None and isinstance(seen.object, VirtualService):
                yield seen.object
                continue
            more = self._referrers.get(reached, set()) - found
            found |= more
            pending += more

    def _moves(self, before: AviObject | None, now: AviObject | None) -> Moves:
        """Give what is filed otherwise: who refers to what, what serves whom, and for whom it was made."""
        return (
            (self._referrers, _references(before), _references(now)),
            (self._serving, _served(before), _served(now)),
            (self._owned, _owners(before), _owners(now)),
        )

    def _release_names(self, ref: AviRef, kept: frozenset[str] = frozenset()) -> None:
        seen = self._objects.get(ref)
        if seen is not None and isinstance(seen.object, VsVip):
            for fqdn in seen.object.fqdns:
                if fqdn not in kept and self._holders.get(fqdn) == ref:
                    del self._holders[fqdn]

    def vsvip(self, tree: TreeName) -> VsVip | None:
        """Give the VsVip of a tree."""
        seen = self._objects.get(tree.ref("vsvip"))
        return seen.object if seen is not None and isinstance(seen.object, VsVip) else None

    def items(self) -> Iterator[tuple[AviRef, ObservedObject]]:
        """Give everything that was seen."""
        return iter(self._objects.items())


def _addresses(seen: ObservedObject | None) -> tuple[str, ...]:
    return seen.object.addresses if seen is not None and isinstance(seen.object, VsVip) else ()


def _references(item: AviObject | None) -> frozenset[AviRef]:
    """Give what an object of ours refers to among our types; a VsVip, with its many names, refers to none."""
    if item is None or isinstance(item, (VsVip, ForeignObject)):
        return frozenset()
    return frozenset(other for other in item.references() if other.type in _OURS)


def _served(item: AviObject | None) -> frozenset[Served]:
    return frozenset(served_by(item)) if item is not None else frozenset()


def _owners(item: AviObject | None) -> frozenset[NamespacedName]:
    return frozenset(owners_of(item)) if item is not None else frozenset()


def _move(ref: AviRef, moves: Moves) -> None:
    """File an object under other keys than before."""
    for index, before, now in moves:
        for key in before - now:
            index[key].discard(ref)
            if not index[key]:
                del index[key]
        for key in now - before:
            index.setdefault(key, set()).add(ref)
