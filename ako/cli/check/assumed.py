"""What a check takes for given: the class that the chart makes and, of a part of a cluster, what is in no file.

These are files as all others are, but for lying nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ako.core.base.refs import NamespacedName
from ako.core.hooks.records import NAMESPACES
from ako.core.kube.folder import FolderCluster
from ako.core.kube.manifests import Manifest
from ako.core.settings import Settings
from ako.plugins.ingress.classes import CONTROLLER
from ako.plugins.ingress.records import INGRESS, INGRESS_CLASS
from ako.testing.manifests import Manifest as JsonObject
from ako.testing.manifests import ingress_class, tls_secret

CLASS = "avi-lb"
"""The IngressClass that the chart makes."""
_NAMED_AT_MOST = 5
"""How many things of a kind a note names."""


class Assumed:
    """What is assumed, as files of a cluster."""

    def __init__(self, cluster: FolderCluster) -> None:
        self._cluster = cluster
        self._count = 0

    def add_class(self, settings: Settings, there: Iterable[Manifest]) -> str:
        """Assume the class of the chart, unless there is one of ours; say so where it matters, or give nothing."""
        found_there = tuple(there)
        classes = [found for found in found_there if found.kind == INGRESS_CLASS]
        if any(found.name == CLASS or _controller_of(found) == CONTROLLER for found in classes):
            return ""
        is_default = settings.l7_settings.default_ing_controller
        self._add(ingress_class(CLASS, is_default=is_default))
        if not any(found.kind == INGRESS for found in found_there):
            return ""
        default = "the default, " if is_default else ""
        return f"IngressClass {CLASS} is assumed to be there, {default}as the chart makes it: no file has one of ours"

    def add_namespaces(self, settings: Settings, there: Iterable[Manifest]) -> str:
        """Assume that namespaces which no file has are selected and name no tenant, if it counts; say so."""
        selector = settings.ako_settings.namespace_selector
        if not selector.label_key and not settings.controller_settings.tenants_per_cluster:
            return ""
        found = tuple(there)
        missing = sorted({one.namespace or "default" for one in found} - _namespaces_in(found))
        for name in missing:
            labels = {selector.label_key: selector.label_value} if selector.label_key else {}
            metadata = {"name": name, "labels": labels}
            self._add({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        return f"these Namespaces are assumed to be there, and selected: {_listed(missing)}" if missing else ""

    def add_secrets(self, hosts: Mapping[NamespacedName, Iterable[str]]) -> str:
        """Assume that Secrets are there, each with a certificate for the hosts that it is named for; say so."""
        for (place, name), served in hosts.items():
            self._add(tls_secret(name, "assumed.invalid", *sorted(served), namespace=place))
        return f"these Secrets are assumed to be there: {_listed(sorted(map(str, hosts)))}"

    def _add(self, manifest: JsonObject) -> None:
        self._count += 1
        self._cluster.give(Path(f"assumed/{self._count}.json"), msgspec.json.encode(manifest))


def unselected(settings: Settings, there: Iterable[Manifest], asked_in: Iterable[str]) -> str:
    """Say in which namespaces nothing is looked at, for they are to be selected and are in no file; or give nothing.

    Args:
        settings: ask for a label, or not.
        there: what the files have.
        asked_in: the namespaces with objects that may ask for something.
    """
    missing = sorted(set(asked_in) - _namespaces_in(there))
    if not missing or not settings.ako_settings.namespace_selector.label_key:
        return ""
    return f"nothing in these Namespaces was checked, for no file has them: {_listed(missing)}; with --partial it is"


def _namespaces_in(there: Iterable[Manifest]) -> set[str]:
    return {one.name for one in there if one.kind == NAMESPACES.kind}


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _controller_of(manifest: Manifest) -> object:
    spec = msgspec.json.decode(manifest.json).get("spec")
    return spec.get("controller") if isinstance(spec, dict) else None
