"""What the watch says: how Kubernetes objects reach the store, and what is known of whole kinds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName


class Unreadable(Struct, frozen=True):
    """An object that is there but does not decode into a record: the version before it stays in force.

    `outline` is what could be read of it, as the record type that its kind declares for that.
    """

    reason: str
    outline: Struct | None = None


class Availability(Enum):
    """What is known about a whole kind."""

    SYNCED = "synced"
    NOT_SERVED = "not served"
    UNKNOWN = "unknown"


Records = Mapping[type[Struct], "Struct | Unreadable"]
"""One object as every record type (and status type) declared for its kind, and for it."""


class Listed(Struct, frozen=True):
    """The complete list of a kind: what is not in it does not exist."""

    kind: Kind
    objects: Mapping[NamespacedName, Records]


class Upserted(Struct, frozen=True):
    """One object was added or changed."""

    kind: Kind
    name: NamespacedName
    records: Records


class Removed(Struct, frozen=True):
    """One object is gone."""

    kind: Kind
    name: NamespacedName


class AvailabilityChanged(Struct, frozen=True):
    """A kind cannot be read now (unknown, with the reason) or is not served; `Listed` makes it synced again.

    `is_forbidden`: it cannot be read because we have no right to; trying again helps only once somebody has granted it.
    """

    kind: Kind
    availability: Availability
    reason: str = ""
    is_forbidden: bool = False


Change = Listed | Upserted | Removed | AvailabilityChanged
"""What the Kubernetes side tells the controller; the only way into the store."""
