"""Makes a real API server as good as new for the next test: what tests leave there goes, and kinds come and go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tests.envtest.real_cluster import RealCluster
from tests.waiting import eventually

Manifest = dict[str, Any]

LEFT_BY_TESTS = (
    "Ingress",
    "Service",
    "EndpointSlice",
    "Endpoints",
    "Secret",
    "ConfigMap",
    "StatefulSet",
    "Lease",
    "Event",
    "IngressClass",
    "Node",
    "Route",
)
_OF_THE_CLUSTER = ("default", "kube-node-lease", "kube-public", "kube-system")
_ITS_OWN = "kubernetes"
"""The Service of the API server itself, and what it makes for that."""

# Before 1.21 there are no EndpointSlices of v1; a kind of that name that takes any fields does for the tests.
_SLICES: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "endpointslices.discovery.k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, for tests on servers before 1.21"},
    },
    "spec": {
        "group": "discovery.k8s.io",
        "names": {"plural": "endpointslices", "kind": "EndpointSlice"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def sweep(cluster: RealCluster, definitions: Sequence[Manifest], *, serves_slices: bool = True) -> None:
    """Delete what tests left, and have exactly these definitions of kinds established.

    Raises:
        LookupError: it is to know no EndpointSlices, and does.
    """
    wanted = list(definitions)
    if serves_slices_itself(cluster):
        if not serves_slices:
            raise LookupError("this API server serves EndpointSlices, whatever a test would like")
    elif serves_slices:
        wanted.append(_SLICES)
    for kind in LEFT_BY_TESTS:
        with suppress(LookupError):
            _delete_all(cluster, kind)
    names = {definition["metadata"]["name"] for definition in wanted}
    for present in cluster.list("CustomResourceDefinition"):
        if present["metadata"]["name"] not in names:
            cluster.delete(present)
            _await_unserved(cluster, present)
    for namespace in cluster.list("Namespace"):
        if namespace["metadata"]["name"] not in _OF_THE_CLUSTER:
            cluster.delete(namespace)
    cluster.apply(*wanted)


def serves_slices_itself(cluster: RealCluster) -> bool:
    """Say whether EndpointSlices of v1 are served by the API server itself."""
    slices = cluster.client.find("/apis/discovery.k8s.io/v1")
    defined = cluster.client.find(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + _SLICES["metadata"]["name"]
    )
    return slices is not None and defined is None


def _delete_all(cluster: RealCluster, kind: str) -> None:
    for item in cluster.list(kind):
        metadata = item["metadata"]
        if metadata["name"] != _ITS_OWN and not metadata.get("namespace", "").startswith("kube-"):
            cluster.delete(item)


def _await_unserved(cluster: RealCluster, definition: Manifest) -> None:
    """Wait until the kinds of a definition that is gone are gone from discovery too."""
    spec = definition["spec"]
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}"

    def is_gone() -> bool:
        listed = cluster.client.find(path) or {"resources": []}
        return all(resource["name"] != spec["names"]["plural"] for resource in listed["resources"])

    eventually(is_gone, f"{definition['metadata']['name']} is no longer served", interval=0.1)
    cluster.served.forget()
