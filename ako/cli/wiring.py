"""From command-line arguments to a controller: which cluster, which settings, which plugins."""

from __future__ import annotations

import argparse
import logging
import os
import random
import socket
import time
import uuid
from dataclasses import replace
from pathlib import Path

from msgspec import Struct

from ako.cli.api_server import api_cluster, loader_of, own_namespace, own_secret
from ako.cli.settings_arguments import add_settings_arguments, load_for, load_with_plugins, sources_from
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession, RequestObserver
from ako.core.base.backoff import Pace
from ako.core.base.errors import AkoError
from ako.core.base.fence import ALWAYS, NEVER, Fence
from ako.core.base.log import configure_logging
from ako.core.base.outages import Outages
from ako.core.base.places import Places
from ako.core.base.secrecy import Secrecy
from ako.core.base.version import build
from ako.core.control.leadership import Candidate
from ako.core.control.loop import Controller
from ako.core.control.office import Replica
from ako.core.control.own_objects import OwnData, ordinal_of
from ako.core.control.world import World
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.cluster import Cluster
from ako.core.kube.errors import KubeError
from ako.core.settings import ConfigTexts, LoadedSettings, Settings, SettingsError, Sources, require_controller
from ako.core.settings.given import CONFIG_MAP

_log = logging.getLogger(__name__)


class Wired(Struct, frozen=True):
    """Everything a command needs to run a controller."""

    controller: Controller
    loaded: LoadedSettings
    cluster: Cluster

    @property
    def settings(self) -> Settings:
        """Give the settings."""
        return self.loaded.settings


class Given(Struct, frozen=True):
    """What a command line, and the cluster that it names, say of the settings.

    Attributes:
        sources: all places of settings, those in the cluster included.
        loaded: the settings.
        plugins: those that they enable.
        server: which cluster, for people.
    """

    sources: Sources
    loaded: LoadedSettings
    plugins: PluginHost
    server: str


def add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where Kubernetes objects come from and what is written goes, and those of settings."""
    add_looking_arguments(parser)
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="with --manifests: append what would go to Kubernetes, one JSON object a line",
    )


def add_looking_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where Kubernetes objects come from, for who writes nothing, and those of settings."""
    parser.set_defaults(report=None)
    add_settings_arguments(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--kubeconfig", type=Path, metavar="FILE", help="talk to this cluster instead of our own")
    where.add_argument("--manifests", type=Path, metavar="DIR", help="read a folder of manifests instead of a cluster")


def wire(arguments: argparse.Namespace, *, follows: bool, observer: RequestObserver | None = None) -> Wired:
    """Build a controller; `follows` says whether folder of manifests and files are watched after their first reading.

    Raises:
        AkoError: settings, plugins or the cluster cannot be used.
    """
    several = follows and arguments.manifests is None
    fence = Fence(until=NEVER if several else ALWAYS)
    cluster = cluster_of(arguments, fence, follows=follows)
    try:
        sources, loaded, plugins = _settings(sources_from(arguments, os.environ), cluster, follows=follows)
    except SettingsError as error:
        raise SettingsError((*error.faults, *error.missing)) from None  # told at once, not one after the other
    settings, places = loaded.settings, Places(loaded.origins)
    configure_logging(settings.ako_settings.log_level, settings.ako.log_format)
    _log.info("ako %(version)s on Python %(python)s, %(platform)s", build())
    for warning in loaded.warnings:
        _log.warning("%s", warning)
    for note in loaded.notes:
        _log.debug("%s", note)
    require_controller(loaded)
    outages = Outages(time.monotonic)  # one that other settings end begins in one session, and ends in the next
    world = World(
        cluster,
        connect=lambda wanted, on_return: AviSession(
            endpoint_of(wanted, places),
            observer=observer,
            on_return=on_return,
            warrant=fence.warrant(),
            outages=outages,
        ),
        reload=lambda own, files: _loaded(sources, plugins, own, files, places),
        pace=Pace(time.monotonic, random.Random(), ceiling=settings.ako.api.retry_ceiling_seconds),  # noqa: S311 - jitter
        fence=fence,
        namespace=own_namespace(),
        secret=own_secret(),
        confirmed=getattr(arguments, "confirm", ""),
        replica=_replica(arguments, cluster) if several else None,
        config_files=sources.config_files if follows else (),
    )
    return Wired(Controller(loaded, plugins, world), loaded, cluster)


def given(arguments: argparse.Namespace) -> Given:
    """Load the settings, and the plugins that they enable; no Avi Controller need be among them.

    Raises:
        AkoError: settings, plugins or the cluster cannot be used.
    """
    cluster = cluster_of(arguments)
    sources, loaded, plugins = _settings(sources_from(arguments, os.environ), cluster, follows=False)
    cluster.stop()
    return Given(sources, loaded, plugins, getattr(cluster, "server", ""))


def cluster_of(arguments: argparse.Namespace, fence: Fence | None = None, *, follows: bool = False) -> Cluster:
    """Give the cluster, or the folder that stands for one, that a command line names.

    Raises:
        AkoError: there is none, or it cannot be read.
    """
    # Imported where needed: the client library of the one takes half a second, the YAML of the other is not free.
    if arguments.manifests is not None:
        from ako.core.kube.folder import FolderCluster  # noqa: PLC0415

        if not follows:
            _require_readable(arguments.manifests)
        poll = 0.5 if follows else None
        try:
            return FolderCluster(
                arguments.manifests, report_file=arguments.report, poll_seconds=poll, secrecy=arguments.secrecy
            )
        except OSError as error:
            raise AkoError(
                f"--report {arguments.report}: {error.strerror}; name a file that can be written."
            ) from error
    return api_cluster(arguments.kubeconfig, arguments.secrecy, fence)


def _replica(arguments: argparse.Namespace, cluster: Cluster) -> Replica | None:
    """Say which of several replicas this process may be; the Lease has a connection of its own."""
    from ako.core.kube.api import ApiCluster  # noqa: PLC0415
    from ako.core.kube.connection import Connection  # noqa: PLC0415
    from ako.core.kube.lease_lock import LeaseLock  # noqa: PLC0415

    if not isinstance(cluster, ApiCluster):
        return None
    load = loader_of(arguments.kubeconfig)
    pod = os.environ.get("POD_NAME") or socket.gethostname()
    secrecy: Secrecy = arguments.secrecy
    me = Candidate(pod, f"{pod}_{uuid.uuid4().hex[:12]}", ordinal_of(pod))
    return Replica(
        me,
        LeaseLock(lambda: Connection(load, pool_size=1, secrecy=secrecy), own_namespace()),
        cluster.learn_events,
    )


def _require_readable(folder: Path) -> None:
    """Insist on a folder that can be read: who looks at it only once would wait for ever."""
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise AkoError(f"--manifests {folder}: {error.strerror}; name a folder of manifests.") from error


def _settings(sources: Sources, cluster: Cluster, *, follows: bool) -> tuple[Sources, LoadedSettings, PluginHost]:
    """Load the settings; one that is to stay goes on without a ConfigMap it cannot read, and takes it in later.

    The sources are given with ConfigMap and Secret.

    Nothing is concluded from what is not known yet: while the cluster cannot be read, nothing is taken away.
    """
    namespace, name = own_namespace(), own_secret()
    sources = replace(sources, secret_name=name)
    try:
        config_map, secret = cluster.read_config_map(namespace, CONFIG_MAP), cluster.read_secret(namespace, name)
    except KubeError as error:
        if not follows:
            raise
        try:
            loaded, plugins = load_with_plugins(sources)
            require_controller(loaded)
        except SettingsError:
            raise error from None  # what is missing is probably in there
        # Said with the others: how the log is written stands in the settings.
        warnings = (f"going on without ConfigMap and Secret for now: {error}", *loaded.warnings)
        return sources, replace(loaded, warnings=warnings), plugins
    sources = replace(sources, config_map=config_map, secret=secret)
    return sources, *load_with_plugins(sources)


def _loaded(
    sources: Sources, plugins: PluginHost, own: OwnData | None, files: ConfigTexts | None, places: Places
) -> LoadedSettings:
    """Load the settings anew; which plugins run is decided once, at start, and so are flags and variables."""
    if own is not None:
        sources = replace(sources, config_map=own[0], secret=own[1])
    if files is not None:
        sources = replace(sources, config_files=files)
    loaded = load_for(sources, plugins)
    require_controller(loaded)
    places.take(loaded.origins)
    return loaded


def endpoint_of(settings: Settings, places: Places) -> AviEndpoint:
    """Give where the Avi Controller of some settings is, and who we are there."""
    controller, credentials = settings.controller_settings, settings.credentials
    return AviEndpoint(
        url=str(controller.controller_host),
        username=credentials.username,
        password=credentials.password.get_secret_value(),
        token=credentials.authtoken.get_secret_value(),
        tenant=controller.tenant_name,
        ca_pem=credentials.certificate_authority_data or None,
        trusts_anybody=controller.insecure_skip_verify,
        version=controller.controller_version,
        concurrency=settings.ako.api.concurrency,
        places=places,
    )
