"""The settings that a check goes by, and what is wrong with them: every fault, with the file and line it is in."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from msgspec import Struct

from ako.cli.api_server import own_namespace, own_secret
from ako.cli.check.report import Finding
from ako.cli.settings_arguments import load_with_plugins, sources_from
from ako.core.base.errors import AkoError
from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.errors import KubeError
from ako.core.kube.folder import FolderCluster
from ako.core.kube.manifests import Manifest
from ako.core.kube.positions import Positions
from ako.core.settings import LoadedSettings, SettingsError, Sources
from ako.core.settings.config_files import located
from ako.core.settings.faults import Fault
from ako.core.settings.given import CONFIG_MAP

REASON = "InvalidSettings"
_CONFIG_MAPS = Kind("", "v1", "ConfigMap")
_SECRETS = Kind("", "v1", "Secret")
_WHOLE_FILE = "--config "
_LINE = re.compile(r"\(line (\d+)")

Data = Mapping[str, str] | None


class Given(Struct, frozen=True):
    """Settings and plugins to check by.

    Attributes:
        loaded: None if they cannot be used.
        plugins: likewise.
        findings: why not.
    """

    loaded: LoadedSettings | None
    plugins: PluginHost | None
    findings: tuple[Finding, ...] = ()


def given_settings(arguments: Namespace, cluster: FolderCluster, positions: Positions) -> Given:
    """Load the settings of files, of the ConfigMap and the Secret among the manifests, of variables and flags.

    Raises:
        AkoError: a file cannot be read, or a plugin cannot be loaded.
    """
    own = _Own(cluster, positions)
    sources = sources_from(arguments, os.environ)
    for text in sources.config_files:
        if text.text is None:
            raise AkoError(f"--config {text.path}: {text.failure}")
    data: dict[Kind, Data] = {}
    findings: list[Finding] = []
    for ref, read in ((own.config_map, cluster.read_config_map), (own.secret, cluster.read_secret)):
        data[ref.kind] = own.read(ref, read, findings)
    sources = replace(sources, secret_name=own.secret.name, config_map=data[_CONFIG_MAPS], secret=data[_SECRETS])
    return _loaded(sources, own, findings)


def namesakes(there: Iterable[Manifest]) -> Iterator[str]:
    """Say which ConfigMaps and Secrets are called as ours and hold no settings, for they are in another namespace."""
    names = {_CONFIG_MAPS: CONFIG_MAP, _SECRETS: own_secret()}
    for one in there:
        place = one.namespace or "default"
        if names.get(one.kind) == one.name and place != own_namespace():
            which = f"{one.kind.name} {place}/{one.name}"
            yield f"{which} is not read for settings: those are in namespace {own_namespace()}, or in POD_NAMESPACE"


def _loaded(sources: Sources, own: _Own, findings: list[Finding]) -> Given:
    try:
        loaded, plugins = load_with_plugins(sources)
    except SettingsError as error:
        return Given(None, None, (*findings, *map(own.finding, error.faults)))
    return Given(None, None, tuple(findings)) if findings else Given(loaded, plugins)


class _Own:
    """The ConfigMap and the Secret with settings among the manifests, and where what is wrong with settings stands."""

    def __init__(self, cluster: FolderCluster, positions: Positions) -> None:
        self._cluster = cluster
        self._positions = positions
        self.config_map = ObjectRef(_CONFIG_MAPS, own_namespace(), CONFIG_MAP)
        self.secret = ObjectRef(_SECRETS, own_namespace(), own_secret())

    def read(self, ref: ObjectRef, read: Callable[[str, str], Data], findings: list[Finding]) -> Data:
        """Read the data of one of them; one that cannot be read is a finding."""
        try:
            return read(ref.namespace, ref.name)
        except KubeError as error:
            about = f"{ref.kind.name}/{ref.namespaced_name}"
            file, line = self._place(ref, str(error))
            findings.append(Finding(about=about, reason=REASON, message=str(error), file=file, line=line))
            return None

    def finding(self, fault: Fault) -> Finding:
        """Give a fault with its place."""
        file, line = self._where(fault)
        return Finding(
            about=file if fault.key.startswith(_WHOLE_FILE) else fault.key,
            reason=REASON,
            message=fault.reason if fault.value is None else f"{fault.value} {fault.reason}",
            remedy=f"Allowed: {fault.allowed}." if fault.allowed else "",
            file=file,
            line=line,
        )

    def _where(self, fault: Fault) -> tuple[str, int]:
        if fault.key.startswith(_WHOLE_FILE):
            line = _LINE.search(fault.reason)
            return fault.key.removeprefix(_WHOLE_FILE), int(line[1]) if line else 1
        if place := located(fault.origin):
            return str(place[0]), place[1]
        return next(self._in_objects(fault), ("", 0))

    def _in_objects(self, fault: Fault) -> Iterator[tuple[str, int]]:
        """Give the place in ConfigMap or Secret: the origin has the name that the key has there, if it is another."""
        of, _, name = fault.origin.partition(", key ")
        for ref in (self.config_map, self.secret):
            if of == f"{ref.kind.name} {ref.name}":
                key = (name or fault.key).partition(",")[0]
                yield self._place(ref, f"data.{key} stringData.{key}")

    def _place(self, ref: ObjectRef, words: str) -> tuple[str, int]:
        written = self._cluster.written(ref)
        if written is None:
            return "", 0
        return str(written[0]), self._positions.line_about(*written, words)
