"""A rehearsal: plugins and manifests through the whole pure half of the controller, with no server and no thread.

For the tests of plugins. What comes out is what the controller would want on the Avi Controller; nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import AviRef, Kind, NamespacedName, ObjectRef
from ako.core.control.hook_limit import HookLimit
from ako.core.engine.changes import Availability, AvailabilityChanged, Listed, Records, Removed, Unreadable, Upserted
from ako.core.engine.store import ObjectKey
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, Discovery, Placement, Problem
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.outcome import Outcome, SourceObject
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.site import CLOUD, SETTINGS, CloudFacts
from ako.core.kube.cluster import watches
from ako.core.kube.decode import RecordDecoder
from ako.core.model import AviObject, ForeignObject
from ako.core.settings import Sources, load_settings
from ako.testing.manifests import Manifest

__all__ = ["Manifest", "Rehearsal", "ref_of"]

HOOK_LIMIT = 5.0
"""Seconds that a hook may take in a rehearsal, in the main thread; a plugin that takes longer is suspended."""

_REMEDIES = (
    ("it raised", "what a user wrote is a Problem, and what is not known is `ako.Unknown`"),
    ("its answer:", "give what the hook is declared to give"),
    ("is suspended:", "a hook answers at once, whatever it is asked"),
    ("which no hook may", "what a plugin needs arrives as an argument, or is a setting"),
)
"""What a fault says → what its author does."""

_NO_SETTINGS: Mapping[str, object] = MappingProxyType({})
_CLOUD = CloudFacts(type="CLOUD_VCENTER", version="20.1.5")


class Rehearsal:
    """A cluster of manifests, seen through plugins.

    A kind that replaces another (Route, Ingress) is served while there is an object of it, any other always.

    Args:
        plugins: names of installed plugins, or `Plugin` values of such as are not; in this order.
        settings: keys as for `--set`, such as `{"ako.sites.redirect": "false"}`.
        cloud: what was read about the Avi cloud; without domains every host is taken.

    Raises:
        PluginError: a plugin cannot be loaded.
        SettingsError: the settings cannot be used.
    """

    def __init__(
        self, plugins: Sequence[str | Plugin], settings: Mapping[str, object] = _NO_SETTINGS, cloud: CloudFacts = _CLOUD
    ) -> None:
        self.host = PluginHost(_loaded(plugins))
        self.host.calls.limit = HOOK_LIMIT
        self.pipeline = Pipeline(self.host)
        given = load_settings(Sources(flags=settings), self.host.settings_models()).settings
        self.pipeline.engine.set_input(SETTINGS, given)
        self.pipeline.engine.set_input(CLOUD, cloud)
        self._decoders = {k: RecordDecoder(watch.records) for k, watch in watches(self.pipeline.watched).items()}
        self._replacing = {kind.kind: kind.record for kind in self.pipeline.watched if kind.replaces}
        self.pipeline.apply([Listed(kind, {}) for kind in self._decoders])
        self._withdraw_unused()

    def apply(self, *manifests: Manifest) -> None:
        """Add or change objects; those of kinds that no plugin declared change nothing."""
        with HookLimit(self.host.calls):
            for manifest in manifests:
                self._put(manifest)
            self.pipeline.refresh()

    def _put(self, manifest: Manifest) -> None:
        ref = ref_of(manifest)
        if ref.kind in self._decoders:
            records = self._decoded(manifest)
            if self.pipeline.store.availability(ref.kind)[0] is Availability.NOT_SERVED:
                self.pipeline.apply([Listed(ref.kind, {})])
            self.pipeline.apply([Upserted(ref.kind, ref.namespaced_name, records)])

    def delete(self, *manifests: Manifest) -> None:
        """Take objects away."""
        refs = [ref for ref in map(ref_of, manifests) if ref.kind in self._decoders]
        with HookLimit(self.host.calls):
            self.pipeline.apply([Removed(ref.kind, ref.namespaced_name) for ref in refs])
            self._withdraw_unused()
            self.pipeline.refresh()

    def _withdraw_unused(self) -> None:
        for kind, record in self._replacing.items():
            if not self.pipeline.store.names(record):
                self.pipeline.apply([AvailabilityChanged(kind, Availability.NOT_SERVED, "no object of the kind")])

    @property
    def view(self) -> View:
        """Give a view, for calling a plugin's functions directly."""
        return View(self.pipeline.engine)

    def source(self, manifest: Manifest) -> SourceObject | None:
        """Give a source object as its plugin gets it; None if it is not there or never was readable."""
        return self.pipeline.source(ref_of(manifest))

    def discovery(self, manifest: Manifest) -> Discovery | None:
        """Give what was discovered in a source object; None if that never could be said."""
        return self.pipeline.claims.value(ref_of(manifest))

    def placement(self, backend: Backend) -> Placement:
        """Give the servers of a backend, from the first plugin that answers."""
        with HookLimit(self.host.calls):
            return self.pipeline.engine.ask(self.host.place, backend)

    def whose(self, manifest: Manifest) -> Whose:
        """Give what whoever asks is told: whether a source object is ours, and why."""
        with HookLimit(self.host.calls):
            return self.pipeline.whose(self.view, ref_of(manifest))

    def left_out(self, backend: Backend) -> tuple[LeftOut, ...]:
        """Give what whoever asks is told: what is no server of a backend, and why."""
        with HookLimit(self.host.calls):
            return self.pipeline.left_out(self.view, backend)

    def report(self, manifest: Manifest, outcome: Outcome) -> Mapping[str, Any] | None:
        """Give the status patch for a source object of this outcome; None if its status is right."""
        source = self.source(manifest)
        if source is None:
            raise LookupError(f"{ref_of(manifest)} is not there, or is no source object of these plugins")
        with HookLimit(self.host.calls):
            return self.host.report(source, outcome)

    def objects(self) -> dict[AviRef, AviObject]:
        """Give every Avi object that is wanted; static routes are entries in objects of others, and not among them."""
        wanted = (item for _, tree in self.pipeline.trees.values() for item in tree.objects.values())
        return {item.ref: item for item in wanted if not isinstance(item, ForeignObject)}

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that owners of source objects are told, sorted."""
        found: set[Problem] = set()
        for _, discovery in self.pipeline.claims.values():
            found |= set(discovery.problems)
        for key, model in self.pipeline.hosts.values():
            found |= set((self.pipeline.model(key) or model).problems)
        for _, tree in self.pipeline.trees.values():
            found |= set(tree.problems)
        return tuple(sorted(found))

    def doubts(self) -> dict[Hashable, str]:
        """Give what is out of date or never could be computed, with the reason: source objects, hosts and trees."""
        tables = self.pipeline.tables
        return {row: reason for table in tables for row, reason in table.doubts.items()}

    def faults(self) -> tuple[str, ...]:
        """Give what plugins did wrong by now, in words: of each hook of each plugin the first fault, and its remedy."""
        return tuple(_with_remedy(fault) for _, fault in sorted(self.host.calls.first_faults.items()))

    def unreadable(self, manifest: Manifest) -> str:
        """Say why a manifest does not decode into a record that is declared for its kind; empty if it does."""
        if ref_of(manifest).kind not in self._decoders:
            return f"no plugin declares {ref_of(manifest).kind}"
        records = self._decoded(manifest).values()
        return next((record.reason for record in records if isinstance(record, Unreadable)), "")

    def tampered(self, manifest: Manifest) -> str:
        """Name a record of an object that is not any more what its manifest says; empty if all are."""
        if ref_of(manifest).kind not in self._decoders:
            return ""
        seen = {key: self.pipeline.store.get(key) for key in self._keys(manifest)}
        fresh = self._decoded(manifest)
        return next((key.record.__name__ for key, held in seen.items() if held not in (None, fresh[key.record])), "")

    def _decoded(self, manifest: Manifest) -> Records:
        ref = ref_of(manifest)
        return self._decoders[ref.kind].records(ref.namespaced_name, msgspec.json.encode(manifest))

    def _keys(self, manifest: Manifest) -> list[ObjectKey]:
        name = ref_of(manifest).namespaced_name
        return [ObjectKey(record, name) for record in self._decoded(manifest)]


def _with_remedy(fault: str) -> str:
    remedy = next((remedy for said, remedy in _REMEDIES if said in fault), "")
    text = fault.encode("utf-8", "backslashreplace").decode()
    return f"{text}; {remedy}" if remedy else text


def _loaded(plugins: Sequence[str | Plugin]) -> list[Plugin]:
    names = tuple(plugin for plugin in plugins if isinstance(plugin, str))
    found = {plugin.name: plugin for plugin in _installed(names, tuple(sys.path))}
    return [found[plugin] if isinstance(plugin, str) else plugin for plugin in plugins]


@lru_cache(maxsize=16)
def _installed(names: tuple[str, ...], _path: tuple[str, ...]) -> tuple[Plugin, ...]:
    """Find installed plugins once for as long as the path is the same: it takes longer than most rehearsals."""
    return load_plugins(names) if names else ()


def ref_of(manifest: Manifest) -> ObjectRef:
    """Give the identity of a manifest's object."""
    group, _, version = str(manifest["apiVersion"]).rpartition("/")
    metadata = manifest["metadata"]
    return ObjectRef(
        Kind(group, version, str(manifest["kind"])),
        *NamespacedName(metadata.get("namespace") or "", str(metadata["name"])),
    )
