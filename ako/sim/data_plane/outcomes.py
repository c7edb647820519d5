"""What may become of a request or a connection."""

from __future__ import annotations

from dataclasses import dataclass

from ako.sim.data_plane.asked import Asked, Header
from ako.sim.data_plane.dialect import NOT_MODELLED
from ako.sim.store import Record


@dataclass(frozen=True, slots=True)
class Respond:
    """The load balancer answers by itself."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is closed without an answer; `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Servers answer: those of a pool, or of a pool group, where `label` is the priority label that was looked up.

    `label` is None where nobody named one.
    """

    target: Record
    label: str | None = None


def unknown(what: Exception) -> Respond:
    """Give the answer where an object has something that the data plane does not know."""
    return Respond(NOT_MODELLED, body=f"The data plane does not know: {what}\n".encode())


Outcome = Respond | Close | Balance


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of a request, the request as it goes on, and the rules or scripts that said so, for the log."""

    outcome: Outcome
    asked: Asked
    by: tuple[str, ...] = ()
