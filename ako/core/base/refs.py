"""Identities: which Kubernetes object, which Avi object.

An identity is a type, never a string that somebody splits again.
Every stage of the pipeline uses these; this module imports nothing of ours.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A Kubernetes kind.

    Attributes:
        group: API group, empty for the core group.
        version: such as `v1`.
        name: such as `Ingress`.
    """

    group: str
    version: str
    name: str

    @property
    def api_version(self) -> str:
        """Give the `apiVersion` text of a manifest, such as `networking.k8s.io/v1` or `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version}/{self.name}"


class NamespacedName(NamedTuple):
    """A name inside a namespace.

    Attributes:
        namespace: empty for a cluster-scoped object.
        name: of the object.
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class ObjectRef(NamedTuple):
    """One Kubernetes object.

    Attributes:
        kind: its kind.
        namespace: empty for a cluster-scoped object.
        name: of the object.
    """

    kind: Kind
    namespace: str
    name: str

    @property
    def key(self) -> str:
        """Give the key that log lines carry: `Ingress/default/shop`; a Route is `OshiftRoute/…`, as AKO writes it."""
        kind = "OshiftRoute" if self.kind.name == "Route" else self.kind.name
        return f"{kind}/{self.namespaced_name}"

    @property
    def namespaced_name(self) -> NamespacedName:
        """Give namespace and name without the kind."""
        return NamespacedName(self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespaced_name}"


class AviRef:
    """One Avi object.

    A class of its own rather than a tuple, so that the codec renders it as a reference
    (`/api/pool?name=…`) and reads it back from `https://…/api/pool/<uuid>#<name>`.

    Attributes:
        type: as in URLs, such as `pool` or `virtualservice`.
        name: of the object.
        tenant: where it is; empty is the tenant of the settings. Plugins leave it empty: the core fills it in.
    """

    __slots__ = ("_hash", "name", "tenant", "type")

    def __init__(self, type: str, name: str, tenant: str = "") -> None:  # noqa: A002 - the field's word
        self.type = type
        self.name = name
        self.tenant = tenant
        self._hash = hash((type, name, tenant))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AviRef)
            and self.name == other.name
            and self.type == other.type
            and self.tenant == other.tenant
        )

    def __lt__(self, other: AviRef) -> bool:
        return (self.type, self.name, self.tenant) < (other.type, other.name, other.tenant)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"{self.type} {self.title}"

    @property
    def namesake(self) -> TreeName:
        """Give the tree that would have its name."""
        return TreeName(self.name, self.tenant)

    @property
    def title(self) -> str:
        """Give the name for messages, with the tenant where that is not the one of the settings."""
        return in_words(self.name, self.tenant)


class TreeName(NamedTuple):
    """What a tree is known by.

    Attributes:
        name: of its VsVip.
        tenant: that all of it is in, as in `AviRef`.
    """

    name: str
    tenant: str = ""

    def ref(self, avi_type: str) -> AviRef:
        """Give the object of a type that has the name of the tree."""
        return AviRef(avi_type, self.name, self.tenant)

    def __bool__(self) -> bool:
        return bool(self.name)

    def __str__(self) -> str:
        return in_words(self.name, self.tenant)


NO_TREE = TreeName("")
"""Stands for none, and is false."""


def in_words(name: str, tenant: str) -> str:
    """Give a name for messages, with the tenant where that is not the one of the settings."""
    return f"{name} in tenant {tenant}" if tenant else name
