"""The checks behind a 422: those that a controller or its author runs into."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

from ako.testing.kube_api import errors
from ako.testing.kube_api.causes import Cause, invalid_value, required, unsupported
from ako.testing.kube_api.rbac_validation import binding_causes, role_causes
from ako.testing.kube_api.resources import RBAC_GROUP, Manifest, Resource
from ako.testing.kube_api.structural import schema_causes

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")

_MICRO_TIMES = {
    "Lease": (("spec", "acquireTime"), ("spec", "renewTime")),
    "Event": (("eventTime",), ("series", "lastObservedTime")),
}

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
    " and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    r" '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end"
    " with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


def validate(resource: Resource, body: Manifest, before: Manifest | None) -> None:
    """Raise a 422 that lists what is wrong with a body about to be stored."""
    causes = list(_name(resource, body["metadata"])) if before is None else []
    if resource.custom:
        causes += schema_causes(body, resource.schema or {})
    elif check := _CHECKS.get(resource.kind):
        causes += check(body, before)
    if causes:
        raise errors.invalid(resource, body["metadata"].get("name", ""), causes)


def _name(resource: Resource, metadata: Manifest) -> Iterator[Cause]:
    name = metadata.get("name") or ""
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif resource.group == RBAC_GROUP:
        # Roles may be called anything that can stand in a path, such as `system:basic-user`.
        if name in {".", ".."} or set(name) & {"/", "%"}:
            yield invalid_value("metadata.name", name, "may not be '.' or '..' and may not contain '/' or '%'")
    elif resource.kind in {"Namespace", "Service"}:
        if not _LABEL.fullmatch(name):
            yield invalid_value("metadata.name", name, _LABEL_RULE)
    elif not _is_subdomain(name):
        yield invalid_value("metadata.name", name, _SUBDOMAIN_RULE)


def _ingress(body: Manifest, _before: Manifest | None) -> Iterator[Cause]:
    spec = body.get("spec") or {}
    if not spec.get("rules") and not spec.get("defaultBackend"):
        yield invalid_value("spec", None, "either `defaultBackend` or `rules` must be specified")
    for number, rule in enumerate(spec.get("rules") or ()):
        host = rule.get("host") or ""
        if host and not _SUBDOMAIN.fullmatch(host.removeprefix("*.")):
            yield invalid_value(f"spec.rules[{number}].host", host, _SUBDOMAIN_RULE)
        yield from _ingress_paths(f"spec.rules[{number}].http", rule.get("http") or {})
    yield from _load_balancer(body)


def _ingress_paths(field: str, http: Manifest) -> Iterator[Cause]:
    for number, path in enumerate(http.get("paths") or ()):
        where = f"{field}.paths[{number}]"
        kind, text = path.get("pathType"), path.get("path") or ""
        if not kind:
            yield required(f"{where}.pathType", "pathType must be specified")
        elif kind not in {"Exact", "Prefix", "ImplementationSpecific"}:
            yield unsupported(f"{where}.pathType", kind, ("Exact", "ImplementationSpecific", "Prefix"))
        elif kind != "ImplementationSpecific" and not text.startswith("/"):
            yield invalid_value(f"{where}.path", text, "must be an absolute path")


def _load_balancer(body: Manifest) -> Iterator[Cause]:
    ingress = ((body.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    for number, entry in enumerate(ingress):
        if entry.get("ip") and not _is_address(entry["ip"]):
            rule = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            yield invalid_value(f"status.loadBalancer.ingress[{number}].ip", entry["ip"], rule)
        if (host := entry.get("hostname")) and (_is_address(host) or not _is_subdomain(host)):
            rule = "must be a DNS name, not an IP address" if _is_address(host) else _SUBDOMAIN_RULE
            yield invalid_value(f"status.loadBalancer.ingress[{number}].hostname", host, rule)


def _is_subdomain(text: str) -> bool:
    return bool(_SUBDOMAIN.fullmatch(text)) and len(text) <= 253


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _service(body: Manifest, _before: Manifest | None) -> Iterator[Cause]:
    ports = body["spec"].get("ports") or ()
    if not ports and body["spec"].get("clusterIP") != "None" and body["spec"]["type"] != "ExternalName":
        yield required("spec.ports")
    for number, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield required(f"spec.ports[{number}].name")
    yield from _load_balancer(body)


def _secret(body: Manifest, before: Manifest | None) -> Iterator[Cause]:
    if body["type"] == "kubernetes.io/tls":
        for name in ("tls.crt", "tls.key"):
            if name not in (body.get("data") or {}):
                yield required(f"data[{name}]")
    if before is not None and before["type"] != body["type"]:
        yield invalid_value("type", body["type"], "field is immutable")


def _lease(body: Manifest, _before: Manifest | None) -> Iterator[Cause]:
    spec = body.get("spec") or {}
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        yield invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")


def unreadable(resource: Resource, body: Manifest) -> str:
    """Say why a body cannot be read at all, in the words of the decoder; "" if it can."""
    for path in _MICRO_TIMES.get(resource.kind, ()):
        value: Any = body
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and not (isinstance(value, str) and _MICRO_TIME.fullmatch(value)):
            return f'parsing time "{value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse it'
    return ""


def _event(body: Manifest, _before: Manifest | None) -> Iterator[Cause]:
    field = "involvedObject" if body["apiVersion"] == "v1" else "regarding"
    about = (body.get(field) or {}).get("namespace", "")
    # Events about cluster-scoped objects live in the namespace `default`.
    if about != body["metadata"]["namespace"] and (about or body["metadata"]["namespace"] != "default"):
        yield invalid_value(f"{field}.namespace", about, "does not match event.namespace")


def _node(body: Manifest, before: Manifest | None) -> Iterator[Cause]:
    old = (before or {}).get("spec", {}).get("podCIDRs")
    if old and (body.get("spec") or {}).get("podCIDRs") != old:
        rule = 'Forbidden: node updates may not change podCIDR except from "" to valid'
        yield Cause("FieldValueForbidden", "spec.podCIDRs", rule)


_CHECKS: dict[str, Callable[[Any, Any], Iterator[Cause]]] = {
    "Ingress": _ingress,
    "Service": _service,
    "Secret": _secret,
    "Lease": _lease,
    "Event": _event,
    "Node": _node,
    "ClusterRole": role_causes,
    "Role": role_causes,
    "ClusterRoleBinding": binding_causes,
    "RoleBinding": binding_causes,
}
