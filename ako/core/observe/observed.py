"""What we last saw on the Avi Controller, of our own objects: the other side of every comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.model import OWNED_TYPES, AviObject, ForeignObject, VsVip


class ObservedObject(Struct, frozen=True):
    """One object on the Controller.

    Attributes:
        uuid: its identity there.
        object: its JSON projected onto the fields we own.
        last_modified: version of the object, for updates that must not lose another's.
        body: the whole JSON, where an update has to send it back (VsVip).
    """

    uuid: str
    object: AviObject
    last_modified: str = ""
    body: Mapping[str, Any] | None = None


class Observed:
    """Our objects on the Controller, by identity, with what is looked up beside it."""

    def __init__(self) -> None:
        self._objects: dict[AviRef, ObservedObject] = {}
        self.addresses: frozenset[str] = frozenset()
        """Every address that is or was ours since this process started, or was found at its start."""
        self.without_address: set[AviRef] = set()
        """VsVips that the Controller has not given an address yet."""
        self._holders: dict[str, AviRef] = {}

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

    def count_ours(self) -> int:
        """Give the number of objects that are ours, or hold entries of ours."""
        return sum(1 for _ in self.ours())

    def get(self, ref: AviRef) -> ObservedObject | None:
        """Give what was seen under an identity, None if nothing was."""
        return self._objects.get(ref)

    def put(self, ref: AviRef, seen: ObservedObject) -> None:
        """Note what is there now."""
        if isinstance(seen.object, VsVip):
            names = seen.object.fqdns
            self._release_names(ref, frozenset(names))
            self._holders.update(dict.fromkeys(names, ref))
            (self.without_address.discard if seen.object.addresses else self.without_address.add)(ref)
            if not self.addresses.issuperset(seen.object.addresses):
                self.addresses = self.addresses.union(seen.object.addresses)
        self._objects[ref] = seen

    def forget(self, ref: AviRef) -> None:
        """Note that nothing is there any more."""
        self._release_names(ref)
        self.without_address.discard(ref)
        self._objects.pop(ref, None)

    def replace(self, objects: Mapping[AviRef, ObservedObject]) -> None:
        """Take over a complete observation; addresses that were ours stay known as such."""
        self._objects.clear()
        self._holders.clear()
        self.without_address.clear()
        for ref, seen in objects.items():
            self.put(ref, seen)

    def has_name(self, name: str) -> bool:
        """Say whether an object of ours is called so, whatever its type."""
        return any(AviRef(kind.avi_type, name) in self._objects for kind in OWNED_TYPES)

    def holder(self, fqdn: str) -> AviRef | None:
        """Give the VsVip that has a DNS name, None if none of ours has it."""
        return self._holders.get(fqdn)

    def _release_names(self, ref: AviRef, kept: frozenset[str] = frozenset()) -> None:
        seen = self._objects.get(ref)
        if seen is not None and isinstance(seen.object, VsVip):
            for fqdn in seen.object.fqdns:
                if fqdn not in kept and self._holders.get(fqdn) == ref:
                    del self._holders[fqdn]

    def vsvip(self, name: str) -> VsVip | None:
        """Give the VsVip of a tree."""
        seen = self._objects.get(AviRef("vsvip", name))
        return seen.object if seen is not None and isinstance(seen.object, VsVip) else None

    def items(self) -> Iterator[tuple[AviRef, ObservedObject]]:
        """Give everything that was seen."""
        return iter(self._objects.items())
