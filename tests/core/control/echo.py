"""A rig in which statuses are written back, as an API server does: what is told is what users see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import Problem
from ako.core.kube.merge_patch import merge_patched
from tests.builders import Manifest, kind_of, name_of
from tests.core.control.rig import Rig

Entry = Mapping[str, str]


class EchoingRig(Rig):
    """Applies every status that is written to its manifest, until none is."""

    def __init__(self, *manifests: Manifest, **arguments: Any) -> None:
        self._manifests: dict[ObjectRef, Manifest] = {}
        super().__init__(*manifests, **arguments)

    def apply(self, *manifests: Manifest) -> None:
        """Let users create or edit objects; who edits one keeps its status."""
        with_status: list[Manifest] = []
        for manifest in manifests:
            ref = ObjectRef(kind_of(manifest), *name_of(manifest))
            status = self._manifests.get(ref, {}).get("status")
            self._manifests[ref] = {"status": status, **manifest} if status else manifest
            with_status.append(self._manifests[ref])
        super().apply(*with_status)

    def relist(self, *manifests: Manifest) -> None:
        raise NotImplementedError("what a new list lacks has no status here")

    def delete(self, *manifests: Manifest) -> None:
        for manifest in manifests:
            self._manifests.pop(ObjectRef(kind_of(manifest), *name_of(manifest)), None)
        super().delete(*manifests)

    def turn(self) -> None:
        super().turn()
        while self.desk.statuses:
            written = dict(self.desk.statuses)
            self.desk.statuses.clear()
            for ref, patch in written.items():
                if ref in self._manifests:
                    self._manifests[ref] = merge_patched(self._manifests[ref], {"status": patch})
            super().apply(*(self._manifests[ref] for ref in written if ref in self._manifests))
            super().turn()

    def manifests(self) -> Iterable[Manifest]:
        """Give everything that is declared, statuses included."""
        return tuple(self._manifests.values())

    def entries(self, name: str, kind: str = "Ingress") -> list[tuple[str, str]]:
        """Give host and address of each entry in the status of an object."""
        (found,) = (m for ref, m in self._manifests.items() if (ref.kind.name, ref.name) == (kind, name))
        listed = ((found.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        return [(entry.get("hostname", ""), entry["ip"]) for entry in listed]

    def hosts(self, name: str, kind: str = "Ingress") -> list[str]:
        """Give the hosts in the status of an object."""
        return [host for host, _ in self.entries(name, kind)]

    def news(self) -> list[Problem]:
        """Give what was told since the last call."""
        told, self.desk.told = self.desk.told, []
        return told
