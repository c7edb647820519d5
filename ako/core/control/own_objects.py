"""Our own objects in the cluster: the ConfigMap and the Secret with settings, and the StatefulSet we run in.

And one that is nobody's, by which the cluster is known: the Namespace `kube-system`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.control.confirmation import CONFIRMATION
from ako.core.engine.kinds import SharedStatus, WatchedKind
from ako.core.engine.store import ObjectKey, Store
from ako.core.hooks.records import SECRETS
from ako.core.kube.config_data import decoded_entries
from ako.core.kube.field_selectors import NAMESPACE
from ako.core.settings import ConfigTexts, LoadedSettings, Settings
from ako.core.settings.given import CONFIG_MAP, SECRET

STATEFUL_SET = "ako"
KUBE_SYSTEM = "kube-system"

OwnData = tuple[Mapping[str, str] | None, Mapping[str, str] | None]
"""The data of ConfigMap and Secret, decoded; None for one that is not there."""

Reload = Callable[[OwnData | None, ConfigTexts | None], LoadedSettings]
"""Loads the settings anew, from ConfigMap and Secret and the files of `--config`; what is None is as it was at start.

Raises `SettingsError`.
"""


class OwnMetadata(Struct, frozen=True):
    """Annotations of one of our objects."""

    annotations: Mapping[str, str] | None = None


class OwnConfigMap(Struct, frozen=True, rename="camel"):
    """The ConfigMap with settings."""

    data: Mapping[str, str] | None = None
    metadata: OwnMetadata = OwnMetadata()


class OwnSecret(Struct, frozen=True, rename="camel"):
    """The Secret with the credentials for the Avi Controller, as in the API: base64."""

    data: Mapping[str, str] | None = None
    string_data: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        return "OwnSecret(***)"


class ConditionList(Struct, frozen=True):
    """The conditions of a status, whoever wrote them."""

    conditions: tuple[dict[str, Any], ...] | None = None


class Ordinals(Struct, frozen=True):
    """How the pods of a StatefulSet are numbered."""

    start: int = 0


class ReplicaSpec(Struct, frozen=True):
    """How many pods a StatefulSet has."""

    replicas: int | None = None
    ordinals: Ordinals | None = None


class OwnStatefulSet(SharedStatus, frozen=True):
    """The StatefulSet we run in, as far as its conditions and its replicas go."""

    status: ConditionList | None = None
    spec: ReplicaSpec | None = None

    @property
    def replicas(self) -> int:
        """Give how many pods there are to be."""
        return 1 if self.spec is None or self.spec.replicas is None else self.spec.replicas

    @property
    def first(self) -> int:
        """Give the number of the first pod."""
        return self.spec.ordinals.start if self.spec and self.spec.ordinals else 0

    @property
    def conditions(self) -> tuple[dict[str, Any], ...]:
        """Give all conditions."""
        return (self.status.conditions if self.status else None) or ()


class Identity(Struct, frozen=True):
    """The uid of an object, which no other one has, whatever its name."""

    uid: str = ""


class IdentityNamespace(Struct, frozen=True):
    """The Namespace `kube-system`, which is as old as its cluster, and whose uid is what tells that from all others."""

    metadata: Identity = Identity()


_CONFIG_MAPS = Kind("", "v1", "ConfigMap")
_STATEFUL_SETS = Kind("apps", "v1", "StatefulSet")
_NAMESPACES = Kind("", "v1", "Namespace")


def _named_secret(name: str) -> str:
    return f"metadata.name={name},{SECRETS.field_selector}"


KINDS = (
    WatchedKind(
        kind=_CONFIG_MAPS,
        plural="configmaps",
        record=OwnConfigMap,
        is_optional=True,
        field_selector=f"metadata.name={CONFIG_MAP}",
    ),
    WatchedKind(
        kind=SECRETS.kind,
        plural=SECRETS.plural,
        record=OwnSecret,
        is_optional=True,
        field_selector=_named_secret(SECRET),
    ),
    WatchedKind(
        kind=_STATEFUL_SETS,
        plural="statefulsets",
        record=OwnStatefulSet,
        is_optional=True,
        field_selector=f"metadata.name={STATEFUL_SET}",
        access=("statefulsets/status:patch",),
    ),
    WatchedKind(
        kind=_NAMESPACES,
        plural="namespaces",
        record=IdentityNamespace,
        namespaced=False,
        is_optional=True,
        field_selector=f"metadata.name={KUBE_SYSTEM}",
    ),
)


def kinds_in(namespace: str, secret: str = SECRET) -> tuple[WatchedKind, ...]:
    """Give what is watched of ours where our own namespace is known: there alone, which takes no right to others.

    The Secret with the credentials may be called otherwise.
    """
    return tuple(
        replace(kind, field_selector=f"{NAMESPACE}={namespace},{_selector(kind, secret)}") if kind.namespaced else kind
        for kind in KINDS
    )


def _selector(kind: WatchedKind, secret: str) -> str:
    return _named_secret(secret) if kind.record is OwnSecret else kind.field_selector


class OwnObjects:
    """Finds our own objects in the store, in our own namespace."""

    def __init__(self, namespace: str, store: Store, secret: str = SECRET) -> None:
        self._store = store
        self.config_map_ref = ObjectRef(_CONFIG_MAPS, namespace, CONFIG_MAP)
        self.stateful_set_ref = ObjectRef(_STATEFUL_SETS, namespace, STATEFUL_SET)
        self._secret = NamespacedName(namespace, secret)

    def config_map(self) -> OwnConfigMap | None:
        """Give the ConfigMap, None if there is none."""
        found = self._store.get(ObjectKey(OwnConfigMap, self.config_map_ref.namespaced_name))
        return found if isinstance(found, OwnConfigMap) else None

    def secret(self) -> OwnSecret | None:
        """Give the Secret, None if there is none."""
        found = self._store.get(ObjectKey(OwnSecret, self._secret))
        return found if isinstance(found, OwnSecret) else None

    def settings(self) -> OwnData:
        """Give the data of the ConfigMap and of the Secret, decoded; None for one that is not there.

        Raises:
            KubeError: an entry of the Secret is no text.
        """
        config_map, secret = self.config_map(), self.secret()
        return (
            None if config_map is None else dict(config_map.data or {}),
            None if secret is None else decoded_entries(str(self._secret), secret.data, secret.string_data),
        )

    def is_known(self) -> bool:
        """Say whether ConfigMap and Secret were looked for: before that their absence means nothing."""
        return self._store.is_listed(OwnConfigMap) and self._store.is_listed(OwnSecret)

    def confirmed_plan(self) -> str:
        """Give the id of the plan that an operator confirmed on the ConfigMap; empty for none."""
        config_map = self.config_map()
        return (config_map.metadata.annotations or {}).get(CONFIRMATION, "") if config_map else ""

    def is_stateful_set_known(self) -> bool:
        """Say whether there is a StatefulSet or not, as far as we may know."""
        return self._store.is_listed(OwnStatefulSet) or self._store.is_forbidden(_STATEFUL_SETS)

    def was_stateful_set_sought(self) -> bool:
        """Say whether there was any answer to the question for it, be it a failure."""
        return self._store.was_sought(_STATEFUL_SETS)

    def stateful_set(self) -> OwnStatefulSet | None:
        """Give the StatefulSet, None if there is none."""
        found = self._store.get(ObjectKey(OwnStatefulSet, self.stateful_set_ref.namespaced_name))
        return found if isinstance(found, OwnStatefulSet) else None


def ordinal_of(pod: str) -> int | None:
    """Give the number of a pod of our StatefulSet, by its name; None for any other."""
    prefix, _, number = pod.rpartition("-")
    return int(number) if prefix == STATEFUL_SET and number.isascii() and number.isdecimal() else None


def cluster_uid(store: Store) -> str | None:
    """Give what tells our cluster from all others: empty if there is nothing, or we may not read it; None if unknown.

    Unknown is not empty: without it the objects of another cluster of our name would be taken for ours.
    """
    if not store.is_listed(IdentityNamespace):
        return "" if store.is_forbidden(_NAMESPACES) else None
    found = store.get(ObjectKey(IdentityNamespace, NamespacedName("", KUBE_SYSTEM)))
    return found.metadata.uid if isinstance(found, IdentityNamespace) else ""


def why_anonymous(store: Store) -> str:
    """Say why our cluster cannot be told from another one of its name, if the right to do so is missing."""
    if store.is_listed(IdentityNamespace) or not store.is_forbidden(_NAMESPACES):
        return ""
    return store.availability(_NAMESPACES)[1]


def unread(store: Store, *, are_needed: bool = False) -> Iterator[str]:
    """Say which kinds cannot be read at present, and why.

    We can do without the right to know our cluster, unless Namespaces say what is served, or where.
    """
    for kind in store.kinds():
        is_needed = are_needed or not (kind == _NAMESPACES and store.is_forbidden(kind))
        if is_needed and (reason := store.unread(kind)):
            yield f"{kind}: {reason}"


def why_unselected(store: Store) -> str:
    """Say what it means that Namespaces never could be read, or may not be any more; empty if neither is so.

    That they cannot be read for a moment, after they were known, is not told: nothing is done otherwise because of it.
    """
    is_known = store.is_listed(IdentityNamespace)
    if not (reason := store.unread(_NAMESPACES)) or (is_known and not store.is_forbidden(_NAMESPACES)):
        return ""
    if is_known:
        return f"which cannot be read any more; those known last count: {reason}"
    return f"which cannot be read; nothing is taken away, and nothing new, nor an edit, takes effect: {reason}"


def connection_of(settings: Settings) -> object:
    """Give the part of the settings that says which part of which Avi Controller is worked in, and as whom."""
    controller = settings.controller_settings
    return (
        controller.controller_host,
        controller.tenant_name,
        controller.cloud_name,
        controller.controller_version,
        controller.insecure_skip_verify,
        settings.credentials,
    )
