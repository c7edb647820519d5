"""The page lists what is exposed, and nothing else is: asked of a program to which everything happens."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from ako.sim import Baseline, Simulator, SimulatorOptions
from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import AviControl, Running, Stage, config_map
from tests.metrics.exposition import Exposition, scraped
from tests.metrics.page import OPEN, label_values, metrics, reasons
from tests.monitoring import promtool
from tests.plugins.clusterip_routes.worlds import node
from tests.replicas.rig import LEASE, TERMS
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
MAKERS = {"Problem", "PlacementFault", "NoCertificate"}
TENANT = "ako.vmware.com/tenant-name"
POOL = "c--shop.com_-default-shop"


def balanced(name: str, address: str) -> Manifest:
    made = dict(service(name, type="LoadBalancer"))
    return {**made, "spec": {**made["spec"], "loadBalancerIP": address}}


@pytest.fixture
def eventful(tmp_path: Path, kube: KubeApi, kubeconfig: Path) -> Iterator[tuple[Stage, Running]]:
    """Give a program to which everything happened that there is a metric for."""
    options = SimulatorOptions(baseline=Baseline(tenants=[{"name": "red"}]))
    with Simulator(options) as simulator, AviControl(simulator.url) as avi:
        stage = Stage(tmp_path, avi, simulator.url)
        stage.configure(AKOSettings={"fullSyncFrequency": 1}, ako={"leaderElection": {**TERMS, "enabled": True}})
        stage.variables["POD_NAME"] = "ako-0"
        kube.apply(LEASE, *map(dict, everything()))
        with stage.start(kubeconfig=kubeconfig) as ako:
            eventually(lambda: f"pool/{POOL}" in avi.ours(), "shop.com served")
            avi.edit("pool", POOL, servers=[{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}])
            kube.apply(dict(ingress("new", ("new.com", "/", "web:80"))))
            for name, label in (
                ("ako_drift_repaired_total", "type"),
                ("ako_programming_duration_seconds_count", "source"),
                ("ako_ports_unserved", "reason"),
                ("ako_avi_tenant_objects", "tenant"),
            ):
                eventually(partial(seen, ako, name, label), name)
            yield stage, ako


def seen(ako: Running, name: str, label: str) -> Mapping[str, float]:
    return scraped(ako).by(name, label)


def everything() -> Iterator[Manifest]:
    yield from (CLASS, service("web"), endpoints("web", "10.0.0.1"), node("n", "10.1.0.1"))
    yield config_map(tenantsPerCluster="true")
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "red", "annotations": {TENANT: "red"}}}
    yield from (service("web", namespace="red"), endpoints("web", "10.0.1.1", namespace="red"))
    yield ingress("app", ("red.com", "/", "web:80"), namespace="red")
    yield ingress("shop", ("shop.com", "/", "web:80"))
    yield tls_secret("cert", "bank.com")
    yield ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})
    yield ingress("none", ("none.com", "/", "web:80"), tls={"none.com": "missing"})
    yield from (balanced("first", "10.250.0.7"), balanced("second", "10.250.0.7"))


def test_page_and_exposition_are_the_same(eventful: tuple[Stage, Running]) -> None:
    _, ako = eventful
    eventually(lambda: scraped(ako).value("ako_hosts_served") == 4, "shop, bank, red and new")
    text = ako.get("/metrics").text
    exposed, page = Exposition(text), {row.name: row for row in metrics()}
    assert set(exposed.types) - page.keys() == set(), "exposed and not on the page"
    assert page.keys() - set(exposed.types) == set(), "on the page and not exposed"
    assert {name: row.type for name, row in page.items()} == exposed.types
    labels: dict[str, set[str]] = {name: set() for name in page}
    for name, label, _ in exposed.labels():
        labels[name].add(label)
    assert {name: set(row.labels) for name, row in page.items()} == labels
    listed = label_values()
    for name, label, value in exposed.labels():
        known = listed.get((name, label)) or listed["all", label]
        assert label in OPEN or value in known, f"{name}: {label} may be {sorted(known)}, not {value!r}"
    assert exposed.by("ako_hosts_unserved", "reason") == {"SecretNotFound": 1}
    assert (exposed.value("ako_ports_served"), exposed.by("ako_ports_unserved", "reason")) == (1, {"AddressTaken": 1})
    assert sum(exposed.by("ako_certificates", "expires").values()) == 1
    if not promtool.is_there():
        pytest.skip(promtool.MISSING)
    assert promtool.run("check", "metrics", given=text) == (0, "")


def test_every_metric_has_a_question() -> None:
    for row in metrics():
        assert "?" in row.question, row.name
        assert row.present, row.name


def test_every_label_is_on_the_page_with_its_values() -> None:
    listed = label_values()
    for row in metrics():
        for label in row.labels:
            assert (row.name, label) in listed or ("all", label) in listed, f"{row.name}: {label}"


def test_every_word_that_a_problem_may_have_is_on_the_page() -> None:
    """As far as it is written where the problem is made."""
    paths = [path for folder in ("core", "plugins") for path in (ROOT / "ako" / folder).rglob("*.py")]
    said = {word for path in paths for word in words(path)}
    assert len(said) > 40
    assert said - reasons() == set()


def words(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in MAKERS:
            given = (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))
            yield from (word for word in given if word.isalpha() and word[0].isupper())
