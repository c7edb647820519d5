"""The requests that read and write the Lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.kube.cluster import Event
from ako.core.kube.connection import Answer, Connection, Request
from ako.core.kube.errors import KubeUnreachable
from ako.core.kube.events import new_event, path_of_events
from ako.core.kube.lease import LEASE, LEASES, Claim, Lease
from ako.core.kube.paths import path_of_version
from ako.typed_json import reader

_decode = reader(Lease).decode


class LeaseLock:
    """Reads and writes the Lease, over a connection that nobody else uses; for one thread.

    Args:
        connect: opens the connection; called at the first request.
        namespace: where the Lease is.
    """

    def __init__(self, connect: Callable[[], Connection], namespace: str) -> None:
        self.ref = ObjectRef(LEASES, namespace, LEASE)
        self._connect = connect
        self._connection: Connection | None = None
        self._all = f"{path_of_version(LEASES)}/namespaces/{namespace}/leases"

    def read(self, patience: float) -> Lease | None:
        """Give the Lease, None if there is none."""
        answer = self._send(Request(path=f"{self._all}/{LEASE}", **_limits(patience)))
        return None if answer.status == 404 else _decoded(answer.granted())

    def write(self, claim: Claim, before: Lease | None, patience: float) -> Lease:
        """Write the Lease if it is as it was before, or create it if there was none."""
        metadata: dict[str, Any] = {"name": LEASE, "namespace": self.ref.namespace}
        if before is not None:
            metadata |= msgspec.to_builtins(before.metadata)
        body = {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.name,
            "metadata": metadata,
            "spec": msgspec.to_builtins(claim),
        }
        method, path = ("POST", self._all) if before is None else ("PUT", f"{self._all}/{LEASE}")
        return _decoded(self._send(Request(method=method, path=path, body=body, **_limits(patience))).granted())

    def tell(self, lease: Lease, event: Event, now: datetime, patience: float) -> None:
        """Attach an Event to the Lease."""
        name = NamespacedName(self.ref.namespace, f"{LEASE}.{int(now.timestamp() * 1e6):x}")
        body = new_event(self.ref, lease.metadata.uid, event, name, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        path = path_of_events(self.ref.namespace)
        self._send(Request(method="POST", path=path, body=body, **_limits(patience))).granted()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def _send(self, request: Request) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection.send(request)


def _limits(patience: float) -> dict[str, Any]:
    return {"connect_seconds": patience, "read_seconds": patience}


def _decoded(body: bytes) -> Lease:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise KubeUnreachable(f"the Lease cannot be understood: {error}") from error
