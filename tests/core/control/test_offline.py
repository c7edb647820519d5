"""What follows from a folder of manifests where no Avi Controller is."""

from __future__ import annotations

import random
import time
from pathlib import Path

import msgspec

from ako.core.base.backoff import Pace
from ako.core.control.offline import assumed_cloud, offline
from ako.core.control.reconcile import Reconciler
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.outcome import HostState
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.scope import TENANT
from ako.core.kube.folder import FolderCluster
from tests.builders import CLASS, Manifest, endpoints, ingress, service, settings

NAMESPACE: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}


def from_folder(folder: Path, *manifests: Manifest, domains: tuple[str, ...] = (), **flags: object) -> Reconciler:
    for number, manifest in enumerate((CLASS, *manifests)):
        (folder / f"{number}.json").write_bytes(msgspec.json.encode(manifest))
    plugins = PluginHost(load_plugins(("ingress", "clusterip_routes")))
    given, cluster = settings(**flags), FolderCluster(folder, poll_seconds=None)
    pace = Pace(time.monotonic, random.Random(1))
    return offline(given, plugins, cluster, "avi-system", assumed_cloud(given, domains), pace)


def test_it_plans_to_create_what_is_declared_and_says_what_is_wrong(tmp_path: Path) -> None:
    shop, gone = ingress("shop", ("shop.com", "/", "web:80")), ingress("gone", ("gone.com", "/", "gone:80"))
    found = from_folder(tmp_path, service("web"), endpoints("web", "10.0.0.1"), shop, gone)
    outcomes = {ref.name: outcome for ref, outcome in found.reporter.explain()}
    assert [host.state for host in outcomes["shop"].hosts] == [HostState.PENDING]
    assert outcomes["shop"].problems == ()
    assert [problem.reason for problem in outcomes["gone"].problems] == ["BackendNotFound"]
    assert {op.ref.type for op in found.preview().plan.operations} >= {"vsvip", "virtualservice", "pool"}


def test_domains_are_those_that_are_assumed(tmp_path: Path) -> None:
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    found = from_folder(tmp_path, service("web"), shop, domains=("example.org",))
    ((_, outcome),) = found.reporter.explain()
    assert not outcome.hosts
    told = "Didn't find match for hostname :shop.com Available sub-domains:example.org"
    assert [problem.message for problem in outcome.problems] == [told]


def test_a_tenant_that_a_namespace_names_is_taken_to_be_there(tmp_path: Path) -> None:
    namespace = {**NAMESPACE, "metadata": {"name": "default", "annotations": {TENANT: "blue"}}}
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    objects = (namespace, service("web"), endpoints("web", "10.0.0.1"), shop)
    found = from_folder(tmp_path, *objects, ControllerSettings__tenantsPerCluster=True)
    ((_, outcome),) = found.reporter.explain()
    assert outcome.problems == ()
    assert {op.ref.tenant for op in found.preview().plan.operations if op.ref.type == "pool"} == {"blue"}
