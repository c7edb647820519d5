"""What became of a source object: the basis of its status, its Events and of every explanation."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ako.core.base.refs import NO_TREE, ObjectRef, TreeName
from ako.core.hooks.claims import Problem


class HostState(Enum):
    """How far one host of a source object has come, and what its entry in a status is to be.

    | state    | meaning                                                              | its entry      |
    |----------|----------------------------------------------------------------------|----------------|
    | LIVE     | programmed, with an address                                          | is written     |
    | PENDING  | not yet                                                              | stays as it is |
    | KEPT     | served as it was, although nothing of it is wanted, or can be had    | stays as it is |
    | REJECTED | nothing of this object is served                                     | goes           |
    """

    LIVE = "live"
    PENDING = "pending"
    KEPT = "kept"
    REJECTED = "rejected"


class HostOutcome(Struct, frozen=True):
    """One host of one source object.

    Attributes:
        host: the host name; of a port claim its DNS name, empty if it has none.
        state: how far it has come; kept are also hosts that the object does not claim any more.
        addresses: of the virtual service that serves it.
        reason: why it is not live.
        tree: the tree that serves it, if one does.
        cause: the word for why it is not live, as in `Problem.reason`.
        is_port: it is a port claim.
    """

    host: str
    state: HostState
    addresses: tuple[str, ...] = ()
    reason: str = ""
    tree: TreeName = NO_TREE
    cause: str = ""
    is_port: bool = False


class Outcome(Struct, frozen=True):
    """Everything that became of one source object.

    Attributes:
        hosts: one entry per host it claims, and per host that is still served for it without being claimed.
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
    """A source object as a plugin sees it.

    Attributes:
        ref: which one.
        record: the object, of the record type that the plugin declared for the kind.
        status: when reporting: its status as last seen, of the declared record type; None if it was not seen.
    """

    ref: ObjectRef
    record: Struct
    status: Struct | None = None
