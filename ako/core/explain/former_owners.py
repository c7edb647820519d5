"""For whom objects on the Controller were made, by what is written on them, or on what they belong with. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ako.core.base.refs import AviRef, NamespacedName, ObjectRef
from ako.core.explain.changed_parts import named_in
from ako.core.explain.owners import Owner
from ako.core.explain.picture import title
from ako.core.model import AviObject, VsVip
from ako.core.model.names import is_shared_name
from ako.core.observe.observed import Observed
from ako.core.translate.metadata import read_metadata

_SERVICE = "Service"


class FormerOwners:
    """Looks up whose objects were.

    Args:
        observed: what is on the Controller.
        is_there: gives the source objects of a namespace and name, of whatever kind.
    """

    def __init__(self, observed: Observed, is_there: Callable[[NamespacedName], Iterable[ObjectRef]]) -> None:
        self._observed = observed
        self._is_there = is_there

    def of(self, ref: AviRef) -> tuple[Owner, ...]:
        """Give for whom an object was made, by what is on it; else by what it leads to, or what leads to it.

        What hosts share and leads to none of them is theirs whose names are on the VsVip beside it.
        """
        found = self._written(ref) or self._led_to(ref) or self._leading_to(ref)
        if not found and is_shared_name(ref.name):
            found = self._led_to(ref.namesake.ref(VsVip.avi_type))
        return tuple(found)

    def named(self, name: str) -> tuple[Owner, ...]:
        """Give for whom a DNS name was."""
        refs = sorted(self._observed.serving(name))
        return tuple(owner for ref in refs for owner in self._written(ref) if owner.host == name)

    def _led_to(self, ref: AviRef) -> list[Owner]:
        """Follow references downwards; who has a host name leads to what serves that host."""
        owners: dict[Owner, None] = {}
        reached, pending = {ref}, [ref]
        while pending:
            item = self._object(pending.pop())
            for name in named_in(item) if item is not None else ():
                if isinstance(name, str):
                    owners.update(dict.fromkeys(self.named(f"*{name}" if name.startswith(".") else name)))
                elif name not in reached:
                    reached.add(name)
                    if written := self._written(name):
                        owners.update(dict.fromkeys(written))
                    elif not is_shared_name(name.name) or is_shared_name(ref.name):
                        pending.append(name)
        return list(owners)

    def _leading_to(self, ref: AviRef) -> list[Owner]:
        """Follow references upwards, through nothing that others share."""
        owners: dict[Owner, None] = {}
        reached, pending = {ref}, [ref]
        while pending:
            for name in sorted(self._observed.referrers(pending.pop()) - reached):
                reached.add(name)
                if written := self._written(name):
                    owners.update(dict.fromkeys(written))
                elif not is_shared_name(name.name):
                    pending.append(name)
        return list(owners)

    def _written(self, ref: AviRef) -> list[Owner]:
        """Read what is written on an object; of several Services that share an address each is an owner."""
        text = getattr(self._object(ref), "service_metadata", None)
        metadata = read_metadata(text) if text else None
        if metadata is None or not metadata.owners:
            return []
        if services := metadata.namespace_svc_name:
            return [self._owner(f"{_SERVICE}/{services[0]}", metadata.owners, is_service=True)]
        return [self._owner(host, metadata.owners) for host in metadata.hostnames or ("",)]

    def between(self, host: str, old: str | None, new: str | None) -> Owner | None:
        """Give the owners that are in one of two texts of `service_metadata` only, None if there are none."""
        before, after = (dict.fromkeys(read_metadata(text).owners) for text in (old, new))
        names = [*(name for name in before if name not in after), *(name for name in after if name not in before)]
        is_service = bool(read_metadata(new or old).namespace_svc_name)
        return self._owner(host, names, is_service=is_service) if names else None

    def _owner(self, host: str, names: Iterable[NamespacedName], *, is_service: bool = False) -> Owner:
        """Give an owner; of objects that are gone what is written, which says no more of their kind than that."""
        there: list[str] = []
        gone: list[str] = []
        for name in names:
            found = [title(ref) for ref in self._is_there(name) if (ref.kind.name == _SERVICE) == is_service]
            there += found
            gone += [] if found else [f"{_SERVICE}/{name}" if is_service else str(name)]
        return Owner(host, (*there, *gone), tuple(gone))

    def _object(self, ref: AviRef) -> AviObject | None:
        seen = self._observed.get(ref)
        return seen.object if seen is not None else None
