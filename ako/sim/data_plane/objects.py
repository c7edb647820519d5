"""The objects that the simulator holds, read as they are at this moment."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from ako.sim.store import MARK, Json, Record, Store

CHILD = "VS_TYPE_VH_CHILD"
PARENT = "VS_TYPE_VH_PARENT"


class NotModelledError(Exception):
    """Something of an object that would change what becomes of a request, and that the data plane does not know."""


class Objects:
    """Follows references; records never change, so what was read stays as it was."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def follow(self, reference: Any) -> Record | None:
        """Give what a stored reference points to; None where there is none."""
        if not isinstance(reference, str) or not reference.startswith(MARK):
            return None
        kind, _, uuid = reference[len(MARK) :].partition("/")
        return self._store.get(kind, uuid)

    def follow_all(self, references: Iterable[Any]) -> list[Record]:
        """Give what is there of several."""
        return [record for reference in references if (record := self.follow(reference)) is not None]

    def data(self, holder: Json, field: str) -> Json:
        """Give the fields of what a field refers to; none where it refers to nothing."""
        record = self.follow(holder.get(field))
        return record.data if record is not None else {}

    @property
    def lock(self) -> threading.RLock:
        """Give what writers hold: who has it sees no restore that is half done."""
        return self._store.lock

    def virtual_services(self) -> list[Record]:
        """Give all virtual services, oldest first."""
        return self._store.all_of("virtualservice")

    def virtual_service(self, uuid: str) -> Record | None:
        """Give a virtual service as it is now."""
        return self._store.get("virtualservice", uuid)

    def pools(self) -> list[Record]:
        """Give all pools."""
        return self._store.all_of("pool")

    def children(self, parent: str) -> list[Record]:
        """Give the virtual services that have one as their parent, oldest first."""
        users = self._store.referrers(parent)
        return [user for user in users if user.kind == "virtualservice" and user.data.get("type") == CHILD]

    def addresses(self, service: Record) -> Iterator[str]:
        """Give the addresses of a virtual service that are switched on: of its VsVip, or its own where it has none."""
        for vip in self._holder(service).get("vip", ()):
            if not vip.get("enabled", True):
                continue
            for family in ("ip_address", "ip6_address"):
                if address := vip.get(family, {}).get("addr"):
                    yield address

    def names(self, service: Record) -> list[str]:
        """Give the DNS names of the addresses of a virtual service."""
        return [info["fqdn"] for info in self._holder(service).get("dns_info", ())]

    def _holder(self, service: Record) -> Json:
        return self.data(service.data, "vsvip_ref") or service.data


def by_index(entries: Iterable[Json]) -> list[Json]:
    """Put entries in the order of their indexes; those switched off are left out."""
    return sorted((one for one in entries if one.get("enable", True)), key=lambda one: int(one.get("index", 0)))
