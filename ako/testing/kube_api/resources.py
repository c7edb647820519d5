"""The kinds the stand-in serves and how each behaves; read by every other module of the package."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Manifest = dict[str, Any]

_FIRST_LEVEL = {
    "ClusterRole": ("aggregationRule", "rules"),
    "ClusterRoleBinding": ("roleRef", "subjects"),
    "ConfigMap": ("binaryData", "data", "immutable"),
    "EndpointSlice": ("addressType", "endpoints", "ports"),
    "Endpoints": ("subsets",),
    "Event": (
        "action", "count", "deprecatedCount", "deprecatedFirstTimestamp", "deprecatedLastTimestamp",
        "deprecatedSource", "eventTime", "firstTimestamp", "involvedObject", "lastTimestamp", "message", "note",
        "reason", "regarding", "related", "reportingComponent", "reportingController", "reportingInstance", "series",
        "source", "type",
    ),
    "Role": ("rules",),
    "RoleBinding": ("roleRef", "subjects"),
    "Secret": ("data", "immutable", "stringData", "type"),
    "ServiceAccount": ("automountServiceAccountToken", "imagePullSecrets", "secrets"),
}  # fmt: skip
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


@dataclass(frozen=True)
class Resource:
    """One served kind of one group and version.

    Attributes:
        status: it has a `/status` subresource, so that status and the rest are written apart.
        generation: the server counts changes of the specification in `metadata.generation`.
        custom: it comes from a CustomResourceDefinition, which changes a number of rules.
        deletion_shows_object: a delete is answered with the object instead of a Status.
        collectively_deleted: all that a selector selects can be deleted at once.
        warning: what its requests are warned of.
        schema: what a custom kind may look like, None if anything goes.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    status: bool = False
    generation: bool = False
    custom: bool = False
    deletion_shows_object: bool = False
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    collectively_deleted: bool = True
    warning: str = ""
    schema: Manifest | None = field(default=None, compare=False)

    @cached_property
    def api_version(self) -> str:
        """Return the `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def qualified(self) -> str:
        """Return the name used in error messages, such as `ingresses.networking.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def qualified_kind(self) -> str:
        """Return the name used in validation messages, such as `Ingress.networking.k8s.io`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @cached_property
    def prefix(self) -> bytes:
        """Return how every encoded object of this kind begins; what follows is a list item."""
        return f'{{"kind":"{self.kind}","apiVersion":"{self.api_version}",'.encode()

    @cached_property
    def known_fields(self) -> Manifest | None:
        """Return the schema that says which fields there are; for a built-in kind it knows those of the first level."""
        if self.custom:
            return self.schema
        fields = _FIRST_LEVEL.get(self.kind, ("spec", "status") if self.status else ("spec",))
        return {"properties": {field: {"x-kubernetes-preserve-unknown-fields": True} for field in fields}}

    def details(self, name: str = "", *, as_kind: bool = False) -> Manifest:
        """Return the `details` of a Status about an object of this kind."""
        full = {"name": name, "group": self.group, "kind": self.kind if as_kind else self.plural}
        return {name: value for name, value in full.items() if value}

    @property
    def verbs(self) -> list[str]:
        """Return what can be done with it, in the order of discovery."""
        verbs = _CUSTOM_VERBS if self.custom else _VERBS
        return [verb for verb in verbs if verb != "deletecollection" or self.collectively_deleted]

    def discovery(self) -> list[Manifest]:
        """Return its entries in the resource list of its group and version."""
        entry: Manifest = {
            "name": self.plural,
            "singularName": self.kind.lower(),
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": self.verbs,
        }
        if self.short_names:
            entry["shortNames"] = list(self.short_names)
        if self.categories:
            entry["categories"] = list(self.categories)
        if not self.status:
            return [entry]
        verbs = ["get", "patch", "update"]
        status = {**entry, "name": f"{self.plural}/status", "singularName": "", "verbs": verbs}
        for name in ("shortNames", "categories"):
            status.pop(name, None)
        return [entry, status]


_ENDPOINTS_WARNING = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"

CRD = Resource(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    namespaced=False,
    status=True,
    generation=True,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
)
NAMESPACE = Resource(
    "",
    "v1",
    "namespaces",
    "Namespace",
    namespaced=False,
    status=True,
    deletion_shows_object=True,
    collectively_deleted=False,
    short_names=("ns",),
)
EVENT = Resource("", "v1", "events", "Event", short_names=("ev",))
NEW_EVENT = Resource("events.k8s.io", "v1", "events", "Event", short_names=("ev",))
RBAC_GROUP = "rbac.authorization.k8s.io"
CLUSTER_ROLE = Resource(RBAC_GROUP, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDING = Resource(RBAC_GROUP, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
ROLE = Resource(RBAC_GROUP, "v1", "roles", "Role")
ROLE_BINDING = Resource(RBAC_GROUP, "v1", "rolebindings", "RoleBinding")
INGRESS_CLASS = Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False, generation=True)

BUILT_IN = (
    NAMESPACE,
    Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    Resource("", "v1", "endpoints", "Endpoints", short_names=("ep",), warning=_ENDPOINTS_WARNING),
    EVENT,
    Resource("", "v1", "nodes", "Node", namespaced=False, status=True, short_names=("no",)),
    Resource(
        "",
        "v1",
        "pods",
        "Pod",
        status=True,
        generation=True,
        deletion_shows_object=True,
        short_names=("po",),
        categories=("all",),
    ),
    Resource("", "v1", "secrets", "Secret"),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", deletion_shows_object=True, short_names=("sa",)),
    Resource(
        "",
        "v1",
        "services",
        "Service",
        status=True,
        deletion_shows_object=True,
        short_names=("svc",),
        categories=("all",),
    ),
    Resource(
        "apps",
        "v1",
        "deployments",
        "Deployment",
        status=True,
        generation=True,
        short_names=("deploy",),
        categories=("all",),
    ),
    Resource(
        "apps",
        "v1",
        "statefulsets",
        "StatefulSet",
        status=True,
        generation=True,
        short_names=("sts",),
        categories=("all",),
    ),
    NEW_EVENT,
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", status=True, generation=True, short_names=("ing",)),
    INGRESS_CLASS,
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", generation=True),
    Resource("coordination.k8s.io", "v1", "leases", "Lease"),
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    CRD,
)


def from_definition(definition: Manifest) -> list[Resource]:
    """Return what a CustomResourceDefinition serves: one resource per served version."""
    spec = definition["spec"]
    names = spec["names"]
    return [
        Resource(
            spec["group"],
            version["name"],
            names["plural"],
            names["kind"],
            namespaced=spec.get("scope", "Namespaced") == "Namespaced",
            status="status" in (version.get("subresources") or {}),
            generation=True,
            custom=True,
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            schema=(version.get("schema") or {}).get("openAPIV3Schema"),
        )
        for version in spec.get("versions", ())
        if version.get("served", True)
    ]
