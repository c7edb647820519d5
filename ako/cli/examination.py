"""Makes the checks of `ako doctor`, each with what those before it have found out."""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ako.cli.api_server import loader_of, own_namespace, own_secret
from ako.cli.settings_arguments import load_with_plugins, sources_from
from ako.cli.wiring import cluster_of, endpoint_of, wire
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.errors import AkoError, PluginError
from ako.core.base.places import Places
from ako.core.control.offline import assumed_cloud, offline
from ako.core.control.rights import rights
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.errors import KubeError, KubeRefused
from ako.core.model.names import Names
from ako.core.settings import LoadedSettings, Settings, SettingsError, Sources, require_controller
from ako.core.settings.given import CONFIG_MAP
from ako.core.settings.load import DEFAULT
from ako.diagnosis.avi import AviController
from ako.diagnosis.declared import Declared
from ako.diagnosis.finding import Finding, each, made, ok, unknown, warning, wrong
from ako.diagnosis.kubernetes import PATIENCE, ApiServer
from ako.diagnosis.neighbours import classes, making_routes, other_ingresses, workloads
from ako.diagnosis.networks import CHECK as NETWORK_PLUGIN
from ako.diagnosis.networks import PLACES, network_plugin
from ako.diagnosis.routes import rivals, route_facts
from ako.diagnosis.running import PODS, running

_PARTED = "Have each router take Routes of its own: see routeSelector and namespaceSelector of the IngressController."
_NETWORKING = "/apis/networking.k8s.io/v1"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what parts log and warn of out of the way: each check says in a line what there is to say."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


class Examination:
    """Makes the checks in an order in which each finds what those before it have found out.

    Args:
        arguments: of the command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._is_folder = arguments.manifests is not None
        self._server: ApiServer | None = None
        self._avi: AviController | None = None
        self._loaded: LoadedSettings | None = None
        self._plugins: PluginHost | None = None
        self._names_controller = False
        self._is_readable = False

    def examine(self) -> Iterator[Finding]:
        """Make all checks."""
        with ExitStack() as opened:
            yield from self._settings()
            if self._is_folder:
                yield from made("kubernetes", self._folder)
            else:
                yield from made("kubernetes", lambda: self._kubernetes(opened))
            yield from made("avi", self._controller)
            yield from made("declared", self._declared)

    # Each gives its findings, and keeps what later ones need.

    def _settings(self) -> Iterator[Finding]:
        check = "settings"
        try:
            loaded, self._plugins = load_with_plugins(self._sources())
        except SettingsError as error:
            yield from (wrong(check, str(fault)) for fault in error.faults)
            return
        except (PluginError, AkoError) as error:
            yield wrong(check, str(error))
            return
        self._loaded = loaded
        yield from (warning(check, text) for text in loaded.warnings)
        try:
            require_controller(loaded)
            self._names_controller = True
        except SettingsError as error:  # all that needs no Controller can be looked at
            yield from (wrong(check, str(fault)) for fault in error.faults)
        if self._names_controller and not loaded.warnings:
            places = {origin.partition(", line ")[0] for origin in loaded.origins.values()} - {DEFAULT}
            yield ok(check, f"can be used; given by {', '.join(sorted(places)) or 'nobody: all are defaults'}")
        names = ", ".join(plugin.name for plugin in self._plugins.plugins)
        yield ok("plugins", names or "none")

    def _sources(self) -> Sources:
        """Give all places of settings; ConfigMap and Secret as far as they can be read."""
        sources = replace(sources_from(self._arguments, os.environ), secret_name=own_secret())
        try:
            cluster = cluster_of(self._arguments)
        except AkoError:
            return sources  # the check of Kubernetes says why
        namespace = own_namespace()
        try:
            config_map = _if_granted(lambda: cluster.read_config_map(namespace, CONFIG_MAP))
            secret = _if_granted(lambda: cluster.read_secret(namespace, own_secret()))
            return replace(sources, config_map=config_map, secret=secret)
        except KubeError:
            return sources
        finally:
            cluster.stop()

    def _folder(self) -> Iterator[Finding]:
        try:
            cluster_of(self._arguments).stop()
        except AkoError as error:
            yield wrong("kubernetes", str(error))
            return
        self._is_readable = True
        yield ok("kubernetes", f"the folder {self._arguments.manifests} stands for it")

    def _kubernetes(self, opened: ExitStack) -> Iterator[Finding]:
        from ako.core.kube.connection import Connection  # noqa: PLC0415 - the client library takes half a second

        arguments = self._arguments
        try:
            connection = Connection(loader_of(arguments.kubeconfig), pool_size=1, secrecy=arguments.secrecy)
        except KubeError as error:
            yield wrong("kubernetes", f"{error} (tried {origin_of(arguments)})", "Name a kubeconfig with --kubeconfig.")
            return
        opened.callback(connection.close)
        server = ApiServer(connection, origin_of(arguments), time.time)
        yield from server.examine()
        if server.is_there:
            self._server, self._is_readable = server, True
            yield from self._in_cluster(server)

    def _in_cluster(self, server: ApiServer) -> Iterator[Finding]:
        """Make the checks that a cluster is asked for, and keep nothing of it."""
        are_needed = not self._names_controller
        own = server.own_objects(own_namespace(), CONFIG_MAP, own_secret(), are_needed=are_needed)
        yield from made("own namespace", lambda: own)
        yield from made("rights", lambda: self._rights(server))
        yield from made("workloads", lambda: workloads(_workloads(server)))
        yield from made(PODS, lambda: self._running(server))
        yield from made(NETWORK_PLUGIN, lambda: self._network_plugin(server))
        yield from made("ingress classes", lambda: classes(server.listed(f"{_NETWORKING}/ingressclasses")))
        if shutil.which("oc"):
            yield from made("oc", self._by_oc)

    def _rights(self, server: ApiServer) -> Iterator[Finding]:
        if self._loaded is None or self._plugins is None:
            yield unknown("rights", "cannot be looked at before what is wrong with the settings is mended")
            return
        wanted = rights(self._plugins, self._loaded.settings, own_namespace(), own_secret())
        yield from server.rights(wanted, self._arguments.user)

    def _running(self, server: ApiServer) -> Iterator[Finding]:
        settings = self._loaded.settings if self._loaded else None
        yield from running(server, own_namespace(), settings.ako_settings.api_server_port if settings else 0)

    def _network_plugin(self, server: ApiServer) -> Iterator[Finding]:
        if self._loaded is None:
            yield unknown(NETWORK_PLUGIN, "cannot be judged before what is wrong with the settings is mended")
            return
        listed = {name: server.if_served(*place) for name, place in PLACES.items()}
        yield from network_plugin(self._loaded.settings, server.listed("/api/v1/nodes"), listed)

    def _by_oc(self) -> Iterator[Finding]:
        from ako.openshift_tools.client import connected  # noqa: PLC0415 - its library takes a while

        with connected(self._arguments.kubeconfig, os.environ) as client:
            yield ok("oc", f"{client.path}, as {client.user()}")

    def _controller(self) -> Iterator[Finding]:
        if self._loaded is None or not self._names_controller:
            yield unknown("avi", "cannot be asked before what is wrong with the settings is mended")
            return
        settings = self._loaded.settings
        endpoint = endpoint_of(settings, Places(self._loaded.origins))
        session = AviSession(replace(endpoint, timeout=PATIENCE))  # somebody waits for the answer
        try:
            avi = AviController(session, settings, time.time)
            yield from avi.examine()
        finally:
            session.close()
        self._avi = avi

    def _declared(self) -> Iterator[Finding]:
        if self._loaded is None or self._plugins is None or not self._is_readable:
            yield unknown("declared", "cannot be looked at before what is wrong above is mended")
            return
        declared, calls = None, self._plugins.calls
        if self._avi is not None and self._avi.facts is not None:
            try:
                controller = wire(self._arguments, follows=False).controller
                preview = controller.preview()
            except AkoError as error:
                yield unknown("plan", f"cannot be looked at: {error}")
            else:
                declared, calls = Declared(controller.reconciler, time.time()), controller.plugins.calls
                yield from declared.examine()
                yield from declared.standing(preview)
        if declared is None:
            declared = self._offline(self._loaded.settings, self._plugins)
            yield from declared.examine()
        faults = (wrong("plugin calls", words) for words in calls.first_faults.values())
        yield from each("plugin calls", faults, "none failed")
        yield from made("other controllers", lambda: self._others(declared))

    def _offline(self, settings: Settings, plugins: PluginHost) -> Declared:
        """Give what would follow from what is declared, if the Controller had all that is asked of it."""
        pace = Pace(time.monotonic, random.Random())  # noqa: S311 - for jitter
        cluster, cloud = cluster_of(self._arguments), assumed_cloud(settings)
        return Declared(offline(settings, plugins, cluster, own_namespace(), cloud, pace), time.time())

    def _others(self, declared: Declared) -> Iterator[Finding]:
        """Look for whoever else serves what we do; a folder has nobody else."""
        if self._server is None or self._loaded is None:
            return
        found = self._server.listed(f"{_NETWORKING}/ingresses")
        known = self._server.listed(f"{_NETWORKING}/ingressclasses")
        routes = self._server.if_served("route.openshift.io", "routes")
        ours = declared.claimants().union(making_routes(routes))
        yield from other_ingresses(found, known, declared.hosts(), ours)
        if routes:
            router = Names(self._loaded.settings.ako_settings.cluster_name).created_by
            faults = (warning("routers", text, _PARTED) for text in rivals(map(route_facts, routes), router))
            yield from each("routers", faults, "no Route is admitted by another router")


def _if_granted(read: Callable[[], Mapping[str, str] | None]) -> Mapping[str, str] | None:
    """Give what is read; None if we may not read it, which leaves what else is readable."""
    try:
        return read()
    except KubeRefused:
        return None


def _workloads(server: ApiServer) -> Iterator[Mapping[str, Any]]:
    for plural in ("statefulsets", "deployments"):
        yield from server.listed(f"/apis/apps/v1/{plural}")


def origin_of(arguments: argparse.Namespace) -> str:
    """Say where address and credentials of the API server come from."""
    if arguments.kubeconfig is not None:
        return f"kubeconfig {arguments.kubeconfig}"
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "the service account of this pod"
    return f"kubeconfig {os.environ.get('KUBECONFIG') or '~/.kube/config'}"
