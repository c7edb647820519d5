"""What became of a source object: the basis of its status, its Events and of every explanation."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import Problem


class HostState(Enum):
    """How far one host of a source object has come."""

    LIVE = "live"
    PENDING = "pending"
    REJECTED = "rejected"


class HostOutcome(Struct, frozen=True):
    """One host of one source object.

    Attributes:
        host: the host name; of a port claim its DNS name, empty if it has none.
        state: live (programmed, with an address), pending (not yet), rejected (nothing of this object is served).
        addresses: of the virtual service that serves it.
        reason: why it is not live.
        tree: the tree that serves it, empty if none does.
    """

    host: str
    state: HostState
    addresses: tuple[str, ...] = ()
    reason: str = ""
    tree: str = ""


class Outcome(Struct, frozen=True):
    """Everything that became of one source object.

    Attributes:
        hosts: one entry per host it claims.
        problems: what its owner should know.
        our_addresses: every address that is or was ours; entries with others in a status are not ours.
        router_name: our name in statuses that several controllers share.
        doubt: why the object as it is now is not what `hosts` says; an older version, or nothing, is in force.
    """

    hosts: tuple[HostOutcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    our_addresses: frozenset[str] = frozenset()
    router_name: str = ""
    doubt: str = ""


class SourceObject(Struct, frozen=True):
    """A source object as a plugin sees it: which one, its record, and (when reporting) its status record."""

    ref: ObjectRef
    record: Struct
    status: Struct | None = None
