"""The chart installed on an API server: all of it is taken, and the program runs as its StatefulSet says.

With the token and the rights that the chart gives and no others; on the stand-in, or on a real API server
(`make envtest`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ako.core.control.delete_config import CONDITION
from ako.sim import Simulator
from ako.testing import KubeApi
from tests.builders import endpoints, ingress, service
from tests.chart.in_pod import Mounts, why_not
from tests.chart.kubelet import Kubelet
from tests.chart.place import NAMESPACE, PLAIN, Manifest, documents, manifests, one
from tests.e2e.stage import AviControl
from tests.envtest.named import real_server
from tests.envtest.real_cluster import RealCluster
from tests.envtest.sweeping import sweep
from tests.ports import free_ports
from tests.rights.shipped import ACCOUNT
from tests.scenarios.scenario_cluster import ApiServer, definition
from tests.waiting import eventually

SHOP = (service("web"), endpoints("web", "10.0.0.1", "10.0.0.2"), ingress("shop", ("shop.com", "/", "web:80")))


@contextmanager
def an_api_server() -> Iterator[ApiServer]:
    if kubeconfig := real_server():
        with closing(RealCluster(kubeconfig)) as cluster:
            sweep(cluster, [])
            yield cluster
    else:
        with KubeApi() as kube:
            kube.add_user(ACCOUNT)
            yield kube


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    with an_api_server() as cluster:
        yield cluster


@pytest.fixture
def controller() -> Iterator[str]:
    with Simulator() as simulator:
        yield simulator.url


_LAST = (
    "IngressClass",
    "Service",
    "StatefulSet",
    "RoleBinding",
    "Role",
    "ClusterRoleBinding",
    "ClusterRole",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
)
"""The order in which Helm deletes kinds."""


class Release:
    """A release of the chart, as Helm would install and upgrade it."""

    def __init__(self, cluster: ApiServer, controller: str, **values: Any) -> None:
        self.cluster = cluster
        self.values: dict[str, Any] = {
            "AKOSettings": {"clusterName": "c", "apiServerPort": free_ports(1)[0]},
            "ControllerSettings": {"controllerHost": controller},
            **values,
        }
        self.applied = self._apply()

    @property
    def stateful_set(self) -> Manifest:
        return one(self.applied, "StatefulSet")

    def upgrade(self, **settings: Any) -> Sequence[str]:
        """Give other values; give the kinds of what differs by them."""
        before = self.applied
        self.values["AKOSettings"] = {**self.values["AKOSettings"], **settings}
        self.applied = self._apply()
        return [new["kind"] for old, new in zip(before, self.applied, strict=True) if old != new]

    def condition(self) -> Mapping[str, str]:
        """Give the condition of a deletion, as the StatefulSet has it."""
        found = self.cluster.get("StatefulSet", NAMESPACE, "ako") or {}
        conditions = found.get("status", {}).get("conditions") or ()
        return next((entry for entry in conditions if entry["type"] == CONDITION), {})

    def addresses(self) -> Sequence[Mapping[str, str]]:
        """Give the addresses of the Ingress."""
        found = self.cluster.get("Ingress", "default", "shop") or {}
        balancer = found.get("status", {}).get("loadBalancer", {})
        return balancer.get("ingress") or ()

    def uninstall(self) -> None:
        """Delete what Helm deletes, in its order: what it keeps stays."""
        for manifest in sorted(self.applied, key=lambda one: _LAST.index(one["kind"])):
            if (manifest["metadata"].get("annotations") or {}).get("helm.sh/resource-policy") != "keep":
                self.cluster.delete(manifest)

    def _apply(self) -> list[Manifest]:
        rendered = manifests(self.values)
        for manifest in rendered:
            self.cluster.apply(manifest)
        return rendered


EVERYTHING: Mapping[str, Any] = {
    "replicaCount": 2,
    "image": {"repository": "r.example.com/ako", "digest": f"sha256:{'0' * 64}", "pullSecrets": ["a"]},
    "avicredentials": {"username": "admin", "password": "{{ \"x\": 'y' }}\n# z"},
    "serviceAccount": {"annotations": {"a/b": "1e3"}},
    "podAnnotations": {"note": "a: 'b' {{ c }} # d"},
    "podLabels": {"tier": "on"},
    "podSecurityContext": {"fsGroup": 1000680000},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {"podAntiAffinity": {}},
    "extraEnv": [{"name": "NOTE", "value": "no"}],
    "extraVolumes": [{"name": "more", "emptyDir": {"medium": "Memory"}}],
    "extraVolumeMounts": [{"name": "more", "mountPath": "/more", "readOnly": True}],
    "rbac": {"extraRules": [{"apiGroups": ["x.com"], "resources": ["xs"], "verbs": ["list"]}]},
    "featureGates": {"EnablePrometheus": True},
    "podDisruptionBudget": {"enabled": True, "maxUnavailable": "50%"},
    "networkPolicy": {"enabled": True, "ingressFrom": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}]},
    "serviceMonitor": {"enabled": True, "scrapeTimeout": "10s", "labels": {"release": "p"}},
    "podMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True, "labels": {"release": "p"}},
    "grafanaDashboard": {"enabled": True},
}
MONITORING = [
    definition({"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "plural": f"{kind.lower()}s"})
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule")
]


def missing(wanted: Any, stored: Any, at: str = "") -> list[str]:
    """Give what an API server did not take of what it was given, such as fields that it does not know."""
    if isinstance(wanted, dict) and isinstance(stored, dict):
        return [each for name in wanted for each in missing(wanted[name], stored.get(name), f"{at}.{name}")]
    if isinstance(wanted, list) and isinstance(stored, list) and len(wanted) == len(stored):
        return [each for pair in zip(wanted, stored, strict=True) for each in missing(*pair, at=at)]
    return [] if wanted == stored else [at]


@pytest.mark.parametrize(
    ("given", "unserved_at_most"),
    [
        (manifests, set()),
        # The stand-in knows neither of them, and servers before 1.21 have another version of the second.
        (partial(manifests, EVERYTHING), {"NetworkPolicy", "PodDisruptionBudget"}),
        (partial(documents, PLAIN.read_text(encoding="utf-8")), set()),
    ],
    ids=["defaults", "everything", "plain"],
)
def test_an_api_server_takes_all_of_it_as_it_is(
    cluster: ApiServer, given: Callable[[], Iterable[Manifest]], unserved_at_most: set[str]
) -> None:
    cluster.apply(*MONITORING)
    unserved = []
    for manifest in given():
        try:
            (stored,) = cluster.apply(manifest)
        except LookupError:
            unserved.append(manifest["kind"])
        else:
            assert missing(manifest, stored) == [], manifest["kind"]
    assert set(unserved) <= unserved_at_most


OF_AKO: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "ako", "namespace": NAMESPACE},
    "spec": {
        "replicas": 1,
        "serviceName": "ako",
        "selector": {"matchLabels": {"app.kubernetes.io/name": "ako", "app.kubernetes.io/instance": "ako"}},
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": "ako", "app.kubernetes.io/instance": "ako"}},
            "spec": {"containers": [{"name": "ako", "image": "ako"}], "serviceAccountName": "ako-sa"},
        },
    },
}
"""What AKO's chart makes, as far as it cannot be changed later."""


def test_every_release_can_follow_every_other_one(cluster: ApiServer) -> None:
    """One of AKO's own chart too: nothing that cannot be changed differs, so that an API server takes it."""
    in_place = {"podManagementPolicy": "OrderedReady"}
    (first,) = cluster.apply(OF_AKO)
    seen: dict[tuple[str, str], str] = {("StatefulSet", "ako"): first["metadata"]["uid"]}
    for values in (in_place, {**EVERYTHING, **in_place}, in_place):
        for manifest in manifests(values, judges=False):
            if manifest["kind"] in UNCHANGING:
                (stored,) = cluster.apply(manifest)
                uid = seen.setdefault((manifest["kind"], manifest["metadata"]["name"]), stored["metadata"]["uid"])
                assert stored["metadata"]["uid"] == uid, f"{manifest['kind']} had to be made anew"
    assert len(seen) == len(UNCHANGING)


UNCHANGING = ("StatefulSet", "Service", "RoleBinding", "ClusterRoleBinding")
"""Kinds of which some fields cannot be changed."""


CREDENTIALS = {"username": "admin", "password": "admin"}


def test_an_ingress_is_served_and_everything_goes_and_comes_as_the_values_say(
    cluster: ApiServer, controller: str, tmp_path: Path
) -> None:
    release = Release(cluster, controller, avicredentials=CREDENTIALS)
    cluster.apply(*map(dict, SHOP))
    kubelet = Kubelet(release.stateful_set, cluster.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT), tmp_path)
    with kubelet.start() as ako:
        eventually(kubelet.is_ready, f"ready: {ako.err}")
        assert (kubelet.probe("startup"), kubelet.probe("liveness")) == (200, 200)
        (address,) = eventually(release.addresses, "an address")
        assert address["ip"]
        assert release.condition() == {}

        assert release.upgrade(deleteConfig="true") == ["ConfigMap"]
        eventually(lambda: release.condition().get("reason") == "Done", "the condition")
        assert release.condition()["status"] == "False"
        with AviControl(controller) as avi:
            assert avi.ours() == {}
        eventually(lambda: not release.addresses(), "no address")

        assert release.upgrade(deleteConfig=False) == ["ConfigMap"]
        eventually(lambda: not release.condition(), "no condition")
        eventually(release.addresses, "an address again")
        ako.stop()
        assert "forbidden" not in ako.err


def test_the_credentials_of_an_existing_secret_are_followed(
    cluster: ApiServer, controller: str, tmp_path: Path
) -> None:
    def log_in(password: str) -> None:
        metadata = {"name": "avi-login", "namespace": NAMESPACE}
        data = {"username": "admin", "password": password}
        cluster.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "stringData": data}
        )

    release = Release(cluster, controller, existingSecret="avi-login")
    log_in("not this one")
    kubelet = Kubelet(release.stateful_set, cluster.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT), tmp_path)
    with kubelet.start() as ako:
        ako.explains("401")
        assert kubelet.probe("readiness") == 503
        assert (kubelet.probe("startup"), kubelet.probe("liveness")) == (200, 200)
        log_in("admin")
        eventually(kubelet.is_ready, "ready")
        ako.stop()
        assert "forbidden" not in ako.err


def test_who_uninstalls_it_leaves_everything_served(cluster: ApiServer, controller: str, tmp_path: Path) -> None:
    """Though the program is still there while Helm deletes one object after the other."""
    release = Release(cluster, controller, avicredentials=CREDENTIALS)
    named = ingress("shop", ("shop.com", "/", "web:80"), ingressClassName="avi-lb")
    cluster.apply(*map(dict, (*SHOP[:2], named)))
    kubelet = Kubelet(release.stateful_set, cluster.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT), tmp_path)
    with kubelet.start() as ako, AviControl(controller) as avi:
        (address,) = eventually(release.addresses, "an address")
        before = avi.ours()
        release.uninstall()
        # What comes after it is served: what Helm has deleted is known by now.
        cluster.apply(dict(service("later", type="LoadBalancer")))
        eventually(lambda: any("later" in name for name in avi.ours()), "served")
        ako.stop()
        after = avi.ours()
        assert {name: after.get(name) for name in before} == before
    assert list(release.addresses()) == [address]


@pytest.mark.campaign
@pytest.mark.skipif(real_server() is None, reason="the stand-in has no certificate, which a pod insists on")
@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_the_pod_finds_its_api_server_by_what_is_mounted_for_it(
    cluster: ApiServer, controller: str, tmp_path: Path
) -> None:
    release = Release(cluster, controller, avicredentials=CREDENTIALS)
    cluster.apply(*map(dict, SHOP))
    mounts = Mounts(cluster.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT), tmp_path)
    kubelet = Kubelet(release.stateful_set, None, tmp_path, start=mounts.start)
    with kubelet.start() as ako:
        eventually(kubelet.is_ready, f"ready: {ako.err}")
        eventually(release.addresses, "an address")
        ako.stop()
        assert "forbidden" not in ako.err


@pytest.mark.campaign
def test_of_two_replicas_one_works_and_both_are_ready(cluster: ApiServer, controller: str, tmp_path: Path) -> None:
    election = {"leaderElection": {"leaseDurationSeconds": 5, "renewDeadlineSeconds": 3, "retryPeriodSeconds": 1}}
    release = Release(cluster, controller, avicredentials=CREDENTIALS, replicaCount=2, ako=election)
    cluster.apply(*map(dict, SHOP))
    kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT)
    pods = [
        Kubelet(release.stateful_set, kubeconfig, tmp_path, ordinal=number, port=port)
        for number, port in enumerate(free_ports(2))
    ]
    with pods[0].start() as first, pods[1].start() as second:
        for pod, ako in zip(pods, (first, second), strict=True):
            eventually(pod.is_ready, f"ready: {ako.err}")
        eventually(release.addresses, "an address")
        working = [ako for ako in (first, second) if ako.metric("ako_leader") == 1]
        assert len(working) == 1
        (standby,) = {first, second} - set(working)
        working[0].stop()
        eventually(lambda: standby.metric("ako_leader") == 1, "the other one works")
        standby.stop()
        assert "forbidden" not in first.err + second.err
