"""OpenShift's definition of a Route, as far as its rules go: its schema without descriptions and without CEL.

`httpHeaders` is kept as it comes.
"""

from __future__ import annotations

from ako.testing.kube_api.resources import Manifest

_TEXT: Manifest = {"type": "string"}
_LABEL = r"([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])"
_HOST: Manifest = {"type": "string", "maxLength": 253, "pattern": rf"^{_LABEL}(\.{_LABEL})*$"}
_EMPTY: Manifest = {"maxLength": 0}

_TARGET: Manifest = {
    "type": "object",
    "required": ["kind", "name"],
    "properties": {
        "kind": {"type": "string", "default": "Service", "enum": ["Service", ""]},
        "name": {"type": "string", "minLength": 1},
        "weight": {"type": "integer", "default": 100, "minimum": 0, "maximum": 256},
    },
}


def _unless(field: str, value: object, condition: Manifest) -> Manifest:
    """Ask for a condition where a field has a value."""
    return {"anyOf": [{"properties": condition}, {"not": {"properties": {field: {"enum": [value]}}}}]}


_CERTIFICATES = ("caCertificate", "certificate", "destinationCACertificate", "key")
_TLS: Manifest = {
    "type": "object",
    "required": ["termination"],
    "allOf": [
        _unless("termination", "passthrough", dict.fromkeys(_CERTIFICATES, _EMPTY)),
        _unless("termination", "edge", {"destinationCACertificate": _EMPTY}),
    ],
    "properties": {
        **dict.fromkeys(_CERTIFICATES, _TEXT),
        "externalCertificate": {"type": "object", "properties": {"name": _TEXT}},
        "insecureEdgeTerminationPolicy": {"type": "string", "enum": ["Allow", "None", "Redirect", ""]},
        "termination": {"type": "string", "enum": ["edge", "reencrypt", "passthrough"]},
    },
}
_PORT: Manifest = {
    "type": "object",
    "required": ["targetPort"],
    "properties": {
        "targetPort": {"x-kubernetes-int-or-string": True, "allOf": [{"not": {"enum": [0]}}, {"not": {"enum": [""]}}]}
    },
}
_PASSTHROUGH: Manifest = {"properties": {"tls": {"properties": {"termination": {"enum": ["passthrough"]}}}}}
_SPEC: Manifest = {
    "type": "object",
    "required": ["to"],
    "allOf": [
        {
            "anyOf": [
                {"properties": {"path": _EMPTY}},
                {"properties": {"tls": {"enum": [None]}}},
                {"not": _PASSTHROUGH},
            ]
        },
        {
            "anyOf": [
                {"not": {"properties": {"host": _EMPTY}}},
                {"not": {"properties": {"wildcardPolicy": {"enum": ["Subdomain"]}}}},
            ]
        },
    ],
    "properties": {
        "alternateBackends": {"type": "array", "maxItems": 3, "items": _TARGET},
        "host": _HOST,
        "httpHeaders": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "path": {"type": "string", "pattern": "^/"},
        "port": _PORT,
        "subdomain": _HOST,
        "tls": _TLS,
        "to": _TARGET,
        "wildcardPolicy": {"type": "string", "default": "None", "enum": ["None", "Subdomain", ""]},
    },
}
_CONDITION: Manifest = {
    "type": "object",
    "required": ["status", "type"],
    "properties": dict.fromkeys(("lastTransitionTime", "message", "reason", "status", "type"), _TEXT),
}
_ADMISSION: Manifest = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("host", "routerCanonicalHostname", "routerName", "wildcardPolicy"), _TEXT),
        "conditions": {"type": "array", "items": _CONDITION},
    },
}
_STATUS: Manifest = {"type": "object", "properties": {"ingress": {"type": "array", "items": _ADMISSION}}}

ROUTE_CRD: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "routes.route.openshift.io"},
    "spec": {
        "group": "route.openshift.io",
        "names": {"plural": "routes", "singular": "route", "kind": "Route", "listKind": "RouteList"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {"spec": _SPEC, "status": _STATUS},
                    }
                },
                "subresources": {"status": {}},
            }
        ],
        "conversion": {"strategy": "None"},
    },
}
