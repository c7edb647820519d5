"""Whatever is broken around the program, its check is blamed, with what to do, and no other check is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ako.cli.main import main
from ako.testing import KubeApi, custom_object, ingress, ingress_class, node, route, secret
from ako.testing.kube_api.route import ROUTE_CRD
from ako.testing.listener import Response
from tests.builders import dated_certificate
from tests.diagnosis.conftest import Examine
from tests.diagnosis.surroundings import BEHIND, NAMESPACE, SHOP, blamed

Json = Mapping[str, Any]
Break = Callable[[KubeApi], object]
ROUTES = ("--set", "AKOSettings.disableStaticRouteSync=false")
CNI = ("--set", "AKOSettings.cniPlugin=cilium")
NODE_PORT = ("--set", "L7Settings.serviceType=NodePort")
N1 = node("n1", pod_cidr="10.244.1.0/24")
READYZ = f"/api/v1/namespaces/{NAMESPACE}/pods/ako-0:8080/proxy/readyz"
NOW = datetime.now(UTC)


class Broken(Struct, frozen=True, kw_only=True):
    """Something that is wrong.

    Attributes:
        what: is wrong.
        check: that says so.
        words: of what it says.
        remedy: words of what is to be done; empty where the words say it.
        breaks: breaks it, once all else is there.
        manifests: which are there beside the sound ones.
        more: arguments.
        verdict: how bad it is.
        follows: checks that say something because of it.
    """

    what: str
    check: str
    words: str
    remedy: str
    breaks: Break = lambda _: None
    manifests: tuple[Json, ...] = ()
    more: tuple[str, ...] = ()
    verdict: str = "warning"
    follows: tuple[str, ...] = ()


def pod(name: str = "ako-0", image: str = "registry.test/ako:0.2.0", phase: str = "Running", **container: Any) -> Json:
    status = {"phase": phase, "containerStatuses": [{"name": "ako", "restartCount": 0, **container}]}
    spec = {"containers": [{"name": "ako", "image": image}]}
    return custom_object("v1", "Pod", name, namespace=NAMESPACE, spec=spec, status=status)


def workload(namespace: str, image: str) -> Json:
    metadata = {"labels": {"app": "ako"}}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "ako", "image": image}]}}
    spec = {"selector": {"matchLabels": metadata["labels"]}, "serviceName": "ako", "template": template}
    return custom_object("apps/v1", "StatefulSet", "ako", namespace=namespace, spec=spec)


def saying(*lines: str) -> Break:
    """Have the pod say how ready it is."""
    return lambda kube: kube.add_path(READYZ, lambda _: Response(503, "\n".join([*lines, "not ready"]).encode()))


def certificate(name: str, begin: timedelta, end: timedelta) -> tuple[Json, Json]:
    host = f"{name}.com"
    made = secret(name, *dated_certificate(NOW + begin, NOW + end, host))
    return made, ingress(name, (host, "/", "web:80"), tls={host: name})


LEASE = custom_object(
    "coordination.k8s.io/v1", "Lease", "ako-leader", namespace=NAMESPACE, spec={"holderIdentity": "ako-7_0123"}
)
ANYTHING = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
CALICO = (
    custom_object(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "blockaffinities.crd.projectcalico.org",
        namespace="",
        spec={
            "group": "crd.projectcalico.org",
            "names": {"kind": "BlockAffinity", "plural": "blockaffinities", "singular": "blockaffinity"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": ANYTHING}],
        },
    ),
    custom_object(
        "crd.projectcalico.org/v1",
        "BlockAffinity",
        "n1-10-9-0-0-26",
        namespace="",
        spec={"node": "n1", "cidr": "10.9.0.0/26", "state": "confirmed"},
    ),
)
ADMITTED = {"routerName": "default", "conditions": [{"type": "Admitted", "status": "True"}]}
ROUTE = {**route("way", "way.com", "web"), "status": {"ingress": [{"host": "way.com", **ADMITTED}]}}

BROKEN = (
    Broken(
        what="a setting that nobody knows",
        check="settings",
        words="L7Settings.shardVSize",
        remedy="",
        more=("--set", "L7Settings.shardVSize=SMALL"),
        verdict="wrong",
        follows=("rights", "network plugin", "avi", "declared"),
    ),
    Broken(
        what="no class is ours",
        check="ingress classes",
        words="none has the controller",
        remedy="Create one",
        breaks=lambda kube: kube.delete("IngressClass", "", "avi-lb"),
        follows=("objects",),
    ),
    Broken(
        what="two classes are the default",
        check="ingress classes",
        words="several are the default: avi-lb, other",
        remedy="Take the annotation",
        manifests=(ingress_class("other"),),
    ),
    Broken(
        what="two AKOs run",
        check="workloads",
        words="default/ako (old/ako:1.12.1)",
        remedy="Stop all but one",
        manifests=(workload(NAMESPACE, "registry.test/ako:0.2.0"), workload("default", "old/ako:1.12.1")),
        verdict="wrong",
    ),
    Broken(
        what="a pod had too little memory",
        check="pods",
        words="ako-0 was started again 3 times; it ended last with OOMKilled, exit code 137",
        remedy="Raise the memory limit",
        manifests=(
            pod(restartCount=3, lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}}, phase="Pending"),
        ),
    ),
    Broken(
        what="the image of a pod is not there",
        check="pods",
        words="ako-0 does not run: ImagePullBackOff: no such image",
        remedy="kubectl -n avi-system describe pod ako-0",
        manifests=(
            pod(state={"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}, phase="Pending"),
        ),
        verdict="wrong",
    ),
    Broken(
        what="pods are of different versions",
        check="pods",
        words="registry.test/ako:0.1.0, registry.test/ako:0.2.0",
        remedy="Have the rollout end",
        manifests=(pod(phase="Pending"), pod("ako-1", "registry.test/ako:0.1.0", phase="Pending")),
    ),
    Broken(
        what="a pod that is gone has the Lease",
        check="leader",
        words="ako-7 has the Lease, and is none of ako-0",
        remedy="stop one of the two",
        manifests=(pod(phase="Pending"), LEASE),
    ),
    Broken(
        what="the controller waits for being confirmed",
        check="readiness",
        words="ako-0: guard plan 0123 would delete too much and waits",
        remedy="",
        manifests=(pod(),),
        breaks=saying("[+] avi", "[-] guard plan 0123 would delete too much and waits for being confirmed"),
        verdict="wrong",
    ),
    Broken(
        what="the controller cannot be asked",
        check="readiness",
        words="cannot be looked at",
        remedy="",
        manifests=(pod(),),
        verdict="unknown",
    ),
    Broken(
        what="something else is at the port of the controller",
        check="readiness",
        words="pod ako-0 gives no readiness of ako at port 8080 (200)",
        remedy="",
        manifests=(pod(),),
        breaks=lambda kube: kube.add_path(READYZ, lambda _: Response(200, b"hello")),
        verdict="unknown",
    ),
    Broken(
        what="pods have networks of Calico, and nobody said so",
        check="network plugin",
        words="calico has others for their pods: 10.9.0.0/26",
        remedy="Set AKOSettings.cniPlugin to calico",
        manifests=(N1, *CALICO),
        more=ROUTES,
    ),
    Broken(
        what="another network plugin is set than is there",
        check="network plugin",
        words="is cilium, and the cluster has networks of calico alone",
        remedy="Set AKOSettings.cniPlugin to calico",
        manifests=(N1, *CALICO),
        more=(*ROUTES, *CNI),
        follows=("nodes",),
    ),
    Broken(
        what="a node has no pod network",
        check="nodes",
        words="Node/n2: NoPodNetwork",
        remedy="AKOSettings.cniPlugin",
        manifests=(N1, node("n2", "192.0.2.2")),
        more=ROUTES,
    ),
    Broken(
        what="Ingresses cannot be read",
        check="declared",
        words="cannot be read: networking.k8s.io/v1/Ingress: ",
        remedy="See to the API server",
        breaks=lambda kube: kube.fault("/apis/networking.k8s.io/v1/ingresses", status=500),
        verdict="unknown",
        follows=("other controllers",),
    ),
    Broken(
        what="the credentials in the cluster cannot be read",
        check="plan",
        words="cannot be looked at: Forbidden",
        remedy="",
        breaks=lambda kube: kube.fault(f"/api/v1/namespaces/{NAMESPACE}/secrets", status=403),
        verdict="unknown",
        follows=("own namespace",),
    ),
    Broken(
        what="a path is claimed twice",
        check="duplicates",
        words="Ingress/default/copy: DuplicateHostPath",
        remedy="takes over when it goes",
        manifests=(ingress("copy", ("shop.com", "/", "web:80"), created="2026-02-01T00:00:00Z"),),
    ),
    Broken(
        what="a certificate has ended",
        check="certificates",
        words="Ingress/default/old: CertificateExpired",
        remedy="enew",
        manifests=certificate("old", timedelta(-9), timedelta(-2)),
    ),
    Broken(
        what="a certificate ends soon",
        check="certificates",
        words="end within 30 days: soon.com (",
        remedy="Renew them",
        manifests=certificate("soon", timedelta(-9), timedelta(5)),
    ),
    Broken(
        what="there is no such Service",
        check="objects",
        words="Ingress/default/lost: ",
        remedy="Create it",
        manifests=(ingress("lost", ("lost.com", "/", "gone:80")),),
    ),
    Broken(
        what="a Service has no node ports",
        check="objects",
        words="Ingress/default/shop: NoNodePort",
        remedy="NodePort",
        more=NODE_PORT,
    ),
    Broken(
        what="another controller serves a host of ours",
        check="other controllers",
        words="Ingress/default/theirs of class nginx (unknown) asks for shop.com",
        remedy="one controller for each host",
        manifests=(ingress("theirs", ("shop.com", "/", "web:80"), ingressClassName="nginx"),),
        follows=("objects",),
    ),
    Broken(
        what="another router admits a Route",
        check="routers",
        words="default/way: host way.com is admitted by default",
        remedy="routeSelector",
        manifests=(ROUTE_CRD, ROUTE),
    ),
)


def test_of_sound_surroundings_each_check_says_that_all_is_well(examine: Examine, kube: KubeApi) -> None:
    kube.add_path(READYZ, lambda _: Response(200, b"[+] avi\nready"))
    code, found = examine(SHOP, *BEHIND, N1, pod(), more=ROUTES)
    assert (code, blamed(found)) == (0, {})
    assert {"pods", "leader", "readiness", "network plugin", "nodes"} <= found.keys()
    assert found["readiness"][0]["text"] == "ako-0 is ready"


def test_who_may_not_read_what_is_not_served_is_told_no_less(examine: Examine, kube: KubeApi) -> None:
    for group in ("route.openshift.io", "crd.projectcalico.org", "cilium.io", "network.openshift.io"):
        kube.fault(f"/apis/{group}/", status=403)  # as an API server says it, whether the resource is there or not
    _, found = examine(SHOP, *BEHIND, N1, more=ROUTES)
    assert {found[check][0]["verdict"] for check in ("network plugin", "other controllers")} == {"ok"}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.what)
def test_what_is_wrong_is_named(examine: Examine, kube: KubeApi, broken: Broken) -> None:
    kube.apply(*map(dict, (SHOP, *BEHIND, *broken.manifests)))
    broken.breaks(kube)
    code, found = examine(more=broken.more)
    others = blamed(found)
    assert others.pop(broken.check, None) == broken.verdict, found
    assert set(others) == set(broken.follows), found
    (at_fault,) = [one for one in found[broken.check] if one["verdict"] != "ok"]
    assert broken.words in at_fault["text"]
    assert broken.remedy in at_fault["remedy"], at_fault
    assert code == int(broken.verdict == "wrong")


def test_deletions_that_wait_are_told_with_how_they_are_confirmed(
    examine: Examine, kube: KubeApi, kubeconfig: Path, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    hosts = [ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(3)]
    kube.apply(*map(dict, (*hosts, *BEHIND)))
    main(["run", "--once", "--kubeconfig", str(kubeconfig), *flags])
    capsys.readouterr()
    for one in hosts:
        kube.delete("Ingress", "default", one["metadata"]["name"])
    code, found = examine()
    assert (code, blamed(found)) == (1, {"guard": "wrong"})
    assert "--confirm" in found["guard"][0]["remedy"]


def test_objects_of_another_cluster_of_our_name_are_told(
    examine: Examine, flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with KubeApi() as other:
        other.apply(*map(dict, (ingress_class(), SHOP, *BEHIND)))
        main(["run", "--once", "--kubeconfig", str(other.write_kubeconfig(tmp_path / "other")), *flags])
    capsys.readouterr()
    code, found = examine()
    assert (code, blamed(found)) == (1, {"one controller": "wrong"})
    assert "Give one of the two another name" in found["one controller"][0]["text"]
