"""What the API server fills in by itself when an object is written."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from typing import Any

from ako.testing.kube_api.resources import INGRESS_CLASS, RBAC_GROUP, Manifest, Resource
from ako.testing.kube_api.store import Store
from ako.testing.kube_api.structural import complete
from ako.testing.kube_api.workloads import deployment, pod, stateful_set, with_protocol

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
LEGACY_CLASS = "kubernetes.io/ingress.class"

_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
_NODE_INFO = (
    "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion",
    "kubeProxyVersion", "operatingSystem", "architecture",
)  # fmt: skip


class Defaults:
    """Fills in defaults; holds the counters that cluster addresses and node ports are taken from."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._addresses = itertools.count(1)
        self._node_ports = itertools.count(30000)
        self._by_kind: dict[str, Callable[[Manifest], None]] = {
            "Service": self._service,
            "Ingress": self._ingress,
            "IngressClass": _ingress_class,
            "Endpoints": _endpoints,
            "EndpointSlice": _endpoint_slice,
            "Secret": _secret,
            "Pod": pod,
            "StatefulSet": stateful_set,
            "Deployment": deployment,
            "Node": _node,
            "Namespace": _namespace,
            "Event": _event,
            "CustomResourceDefinition": _definition,
            "ClusterRoleBinding": _binding,
            "RoleBinding": _binding,
        }

    def fill(self, resource: Resource, body: Manifest, before: Manifest | None) -> None:
        """Complete a body in place; what is nested is copied before it is changed.

        Args:
            resource: its kind.
            body: what is about to be stored.
            before: what it replaces, None for a new object.
        """
        if resource.custom:
            complete(body, resource.schema or {"x-kubernetes-preserve-unknown-fields": True})
            return
        if before is not None and resource.kind == "Service":
            _carry_over(body, before["spec"])
        fill = self._by_kind.get(resource.kind)
        if fill is not None:
            fill(body)

    def admit(self, resource: Resource, body: Manifest) -> None:
        """Do in place what admission does to a new object that a client sends."""
        if resource.kind == "Node" and not resource.group:
            spec = body.get("spec") or {}
            taints = spec.get("taints") or []
            if _NOT_READY not in taints:
                body["spec"] = {**spec, "taints": [*taints, _NOT_READY]}

    def _ingress(self, body: Manifest) -> None:
        body["status"] = {"loadBalancer": {}, **(body.get("status") or {})}
        spec = body.get("spec")
        annotations = body["metadata"].get("annotations") or {}
        if not isinstance(spec, dict) or spec.get("ingressClassName") or LEGACY_CLASS in annotations:
            return
        # The DefaultIngressClass admission acts on a create only; a stored Ingress carries a uid.
        if "uid" not in body["metadata"] and (name := self._default_class()):
            body["spec"] = {"ingressClassName": name, **spec}

    def _default_class(self) -> str:
        classes = self._store.of(INGRESS_CLASS).objects.values()
        marked = [c for c in classes if c.body["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true"]
        return marked[0].key[1] if marked else ""

    def _service(self, body: Manifest) -> None:
        spec = body["spec"] = dict(body.get("spec") or {})
        kind = spec.setdefault("type", "ClusterIP")
        spec["ports"] = [_service_port(port) for port in spec.get("ports") or ()]
        if not spec["ports"]:
            del spec["ports"]
        spec.setdefault("sessionAffinity", "None")
        if kind != "ExternalName":
            self._cluster_address(spec)
        if kind in {"NodePort", "LoadBalancer"}:
            spec.setdefault("externalTrafficPolicy", "Cluster")
            if kind == "LoadBalancer":
                spec.setdefault("allocateLoadBalancerNodePorts", True)
            if kind == "NodePort" or spec["allocateLoadBalancerNodePorts"]:
                for port in spec.get("ports", ()):
                    port.setdefault("nodePort", next(self._node_ports))
        status = dict(body.get("status") or {})
        status["loadBalancer"] = _load_balancer(status.get("loadBalancer") or {})
        body["status"] = status

    def _cluster_address(self, spec: Manifest) -> None:
        if not spec.get("clusterIP"):
            number = next(self._addresses)
            spec["clusterIP"] = f"10.96.{number // 250}.{number % 250 + 1}"
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec.setdefault("internalTrafficPolicy", "Cluster")


def _carry_over(body: Manifest, old: Manifest) -> None:
    """Keep the addresses and node ports that were given out, where an update does not name them."""
    spec = body["spec"] = dict(body.get("spec") or {})
    for field in ("clusterIP", "clusterIPs"):
        if field in old and spec.get("type") != "ExternalName":
            spec.setdefault(field, old[field])
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        given = {(port["port"], port["protocol"]): port.get("nodePort") for port in old.get("ports", ())}
        carried = []
        for port in spec.get("ports") or ():
            number = given.get((port["port"], port.get("protocol", "TCP")))
            carried.append({"nodePort": number, **port} if number else port)
        spec["ports"] = carried


def _service_port(port: Manifest) -> Manifest:
    return {"protocol": "TCP", "targetPort": port.get("port"), **port}


def _load_balancer(status: Manifest) -> Manifest:
    if not status.get("ingress"):
        return {}
    return {"ingress": [{**entry, "ipMode": "VIP"} if "ip" in entry else entry for entry in status["ingress"]]}


def _ingress_class(body: Manifest) -> None:
    spec = body.get("spec") or {}
    if "parameters" in spec:
        body["spec"] = {**spec, "parameters": {"scope": "Cluster", **spec["parameters"]}}


def _endpoints(body: Manifest) -> None:
    if "subsets" in body:
        body["subsets"] = [
            {**subset, "ports": with_protocol(subset["ports"])} if "ports" in subset else subset
            for subset in body["subsets"] or ()
        ]


def _endpoint_slice(body: Manifest) -> None:
    if "ports" in body:
        body["ports"] = [{"name": "", **port} for port in with_protocol(body["ports"])]


def _secret(body: Manifest) -> None:
    body.setdefault("type", "Opaque")
    plain = body.pop("stringData", None)
    if plain:
        encoded = {name: base64.b64encode(str(value).encode()).decode() for name, value in plain.items()}
        body["data"] = {**(body.get("data") or {}), **encoded}


def _node(body: Manifest) -> None:
    status = {
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
        "nodeInfo": dict.fromkeys(_NODE_INFO, ""),
        **(body.get("status") or {}),
    }
    if "conditions" in status:
        times = {"lastHeartbeatTime": None, "lastTransitionTime": None}
        status["conditions"] = [{**times, **condition} for condition in status["conditions"]]
    body["status"] = status


def _namespace(body: Manifest) -> None:
    body["spec"] = {"finalizers": ["kubernetes"], **(body.get("spec") or {})}
    body["status"] = {"phase": "Active", **(body.get("status") or {})}
    metadata = body["metadata"]
    labels = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": metadata.get("name", "")}
    body["metadata"] = {**metadata, "labels": labels}


def _event(body: Manifest) -> None:
    if body["apiVersion"] == "v1":
        body.setdefault("eventTime", None)
        body.setdefault("reportingComponent", "")
        body.setdefault("reportingInstance", "")
        body.setdefault("source", {})
    else:
        body.setdefault("deprecatedSource", {})
        body.setdefault("deprecatedFirstTimestamp", None)
        body.setdefault("deprecatedLastTimestamp", None)


def _binding(body: Manifest) -> None:
    body["roleRef"] = {"apiGroup": RBAC_GROUP, **(body.get("roleRef") or {})}
    if body.get("subjects"):
        groups = {"User": RBAC_GROUP, "Group": RBAC_GROUP}
        body["subjects"] = [{"apiGroup": groups.get(one.get("kind"), ""), **one} for one in body["subjects"]]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {field: _without_nulls(inner) for field, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _definition(body: Manifest) -> None:
    spec = body["spec"]
    names = spec["names"]
    listed = {"listKind": f"{names['kind']}List", "singular": names["kind"].lower()}
    body["spec"] = _without_nulls({"conversion": {"strategy": "None"}, **spec, "names": {**listed, **names}})
    # Not accepted yet: that happens right after it is stored.
    waiting = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}}
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    body["status"] = {**waiting, "storedVersions": stored, **(body.get("status") or {})}
