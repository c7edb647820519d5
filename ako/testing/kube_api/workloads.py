"""What the API server fills in for pods and for what makes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ako.testing.kube_api.resources import Manifest

_TAINTED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def with_protocol(ports: Iterable[Any] | None) -> list[Any]:
    """Return ports with TCP where they name no protocol."""
    return [{"protocol": "TCP", **port} for port in ports or ()]


def pod(body: Manifest) -> None:
    """Complete a Pod."""
    spec = _pod_spec(body.get("spec") or {})
    priority = {"priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
    body["spec"] = {"tolerations": [_toleration(key) for key in _TAINTED], **priority, **spec}
    body["status"] = {"phase": "Pending", "qosClass": _quality(spec), **(body.get("status") or {})}


def stateful_set(body: Manifest) -> None:
    """Complete a StatefulSet."""
    _workload(body, {
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    })  # fmt: skip
    status = {"replicas": 0, "availableReplicas": 0, **(body.get("status") or {})}
    body["status"] = _with_conditions(status, ("lastTransitionTime",))


def deployment(body: Manifest) -> None:
    """Complete a Deployment."""
    rolling = {"maxUnavailable": "25%", "maxSurge": "25%"}
    _workload(
        body,
        {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}, "progressDeadlineSeconds": 600},
    )
    body["status"] = _with_conditions(body.get("status") or {}, ("lastUpdateTime", "lastTransitionTime"))


def _workload(body: Manifest, defaults: Manifest) -> None:
    spec = {"replicas": 1, "revisionHistoryLimit": 10, **defaults, **(body.get("spec") or {})}
    if isinstance(template := spec.get("template"), dict) and "spec" in template:
        spec["template"] = {**template, "spec": _pod_spec(template["spec"])}
    body["spec"] = spec


def _with_conditions(status: Manifest, times: tuple[str, ...]) -> Manifest:
    if not status.get("conditions"):
        return status
    conditions = [
        {**dict.fromkeys(times), **{field: value for field, value in one.items() if value != ""}}
        for one in status["conditions"]
    ]
    return {**status, "conditions": conditions}


def _pod_spec(spec: Manifest) -> Manifest:
    defaults = {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    return {**defaults, **spec, "containers": [_container(one) for one in spec.get("containers") or ()]}


def _container(container: Manifest) -> Manifest:
    tag = container.get("image", "").rpartition("/")[2].partition(":")[2]
    defaults = {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "Always" if tag in {"", "latest"} else "IfNotPresent",
    }
    ports = {"ports": with_protocol(container["ports"])} if "ports" in container else {}
    return {**defaults, **container, **ports}


def _quality(spec: Manifest) -> str:
    asked = [container.get("resources") or {} for container in spec["containers"]]
    if not any(one.get("requests") or one.get("limits") for one in asked):
        return "BestEffort"
    equal = all(one.get("limits") and one.get("requests", one["limits"]) == one["limits"] for one in asked)
    return "Guaranteed" if equal else "Burstable"


def _toleration(key: str) -> Manifest:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
