"""What is watched in Kubernetes, as plugins declare it.

Plugins declare kinds with a typed record: a lean, frozen `msgspec.Struct` of the fields they use.
Each record type is its own view of the objects of a kind; two plugins may declare one kind with different records.
An object whose record did not change wakes nothing, so a record never holds a resourceVersion (a status record may, see
`SharedStatus`), nor a status unless it decides something.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.refs import Kind


class SeenVersion(Struct, frozen=True, rename="camel"):
    """The version that a status was seen in.

    Attributes:
        resource_version: of the object; empty if none was seen.
    """

    resource_version: str = ""


class SharedStatus(Struct, frozen=True):
    """A status that several controllers write: base class of its record.

    It is written only as long as the object is as it was when the record was seen, so that no entry of another writer
    is lost (Kubernetes compares `metadata.resourceVersion` and answers 409 otherwise); then it is worked out anew.

    Attributes:
        metadata: the version of the object.
    """

    metadata: SeenVersion = SeenVersion()


Index = Callable[[Any], Iterable[Hashable]]


class WatchedKind(Struct, frozen=True, kw_only=True):
    """One kind to list and watch, decoded into one record type.

    Attributes:
        kind: group, version and kind name.
        plural: the resource name in URLs, such as `ingresses`.
        record: the `msgspec.Struct` that one object is decoded into; `view.get(record, namespace, name)` finds it.
        status: record type of the object's status as last seen, handed to `ako_report`; None if nothing is reported.
        namespaced: False for cluster-scoped kinds.
        indexes: name → function that gives the keys of one record, as a tuple, also of one or none;
            `view.list(record, name, key)` finds the objects.
        outline: record type of what the indexes read, for objects that do not decode as `record`: one that is read so
            puts only the keys in doubt that it would be filed under; without, everything that it might belong to.
        is_source: its objects are handed to `ako_discover`.
        is_optional: the API server need not serve the kind; then it is known to be empty.
        field_selector: limits list and watch on the server, such as `metadata.name=avi-secret`; where others watch the
            kind as well the server applies what all have in common, and of the rest only terms on name and namespace
            count. What it selects of an object must never change.
        replaces: source kinds that are not processed where this one is served (a Route replaces an Ingress).
        stands_in_for: watched only where that kind is not served (Endpoints where there are no EndpointSlices).
        access: verbs needed beside get, list and watch, as `<resource>:<verb>`, such as `ingresses/status:patch`.
    """

    kind: Kind
    plural: str
    record: type[Struct]
    status: type[Struct] | None = None
    namespaced: bool = True
    indexes: Mapping[str, Index] = {}
    outline: type[Struct] | None = None
    is_source: bool = False
    is_optional: bool = False
    field_selector: str = ""
    access: tuple[str, ...] = ()
    replaces: tuple[Kind, ...] = ()
    stands_in_for: Kind | None = None
