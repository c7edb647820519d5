"""The Lease by which replicas agree on who writes.

Times of the record are for people: nobody here compares them with a clock of its own machine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct

from ako.core.base.refs import Kind, ObjectRef
from ako.core.kube.cluster import Event

LEASES = Kind("coordination.k8s.io", "v1", "Lease")
LEASE = "ako-leader"

FOR_GOOD = 2**31 - 1
"""The duration of a Lease whose holder works alone and does not renew it; the longest that the API takes."""


class Claim(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Who has the Lease; the `spec` of the object.

    Attributes:
        holder_identity: empty or None: nobody.
        lease_duration_seconds: how long it stays with the holder without being renewed.
        acquire_time: when the holder got it.
        renew_time: when it was last renewed.
        lease_transitions: how often it went from one holder to another.
    """

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None

    @property
    def pod(self) -> str:
        """Give the pod of whoever has it, which its identity begins with; empty for nobody."""
        return (self.holder_identity or "").rpartition("_")[0]


class _Metadata(Struct, frozen=True, rename="camel", omit_defaults=True):
    uid: str = ""
    resource_version: str = ""
    # Of others, who may label it or have it kept: a write of the whole object would take that away.
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[dict[str, Any]] | None = None
    finalizers: list[str] | None = None


class Lease(Struct, frozen=True):
    """The Lease as it was at some version."""

    spec: Claim | None = None
    metadata: _Metadata = _Metadata()

    @property
    def claim(self) -> Claim:
        """Give who has it."""
        return self.spec or Claim()

    @property
    def version(self) -> str:
        """Give what changes with each write."""
        return self.metadata.resource_version


def micro_time(when: datetime) -> str:
    """Give a time as the API takes it here: with exactly six digits of a fraction."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


class Lock(Protocol):
    """Reads and writes the Lease; for one thread. `patience`: seconds for a connection, and as many for an answer.

    Attributes:
        ref: the Lease.
    """

    ref: ObjectRef

    def read(self, patience: float) -> Lease | None:
        """Give the Lease, None if there is none.

        Raises:
            KubeError: it could not be read.
        """

    def write(self, claim: Claim, before: Lease | None, patience: float) -> Lease:
        """Write the Lease if it is as it was before, or create it if there was none; give it as written.

        Raises:
            KubeRefused: 409 if somebody else has written it meanwhile, 404 if it is gone.
            KubeError: it is not known whether it was written.
        """

    def tell(self, lease: Lease, event: Event, now: datetime, patience: float) -> None:
        """Attach an Event to the Lease.

        Raises:
            KubeError: it could not be written.
        """

    def close(self) -> None:
        """Let everything go."""
