"""What a client asks, what it must get, and whether it got that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.traffic.asking import Answer, Asked

FIRST_BLOCK = "-----BEGIN CERTIFICATE-----"
LAST_LINE = "-----END CERTIFICATE-----"

REDIRECTED = frozenset({301, 302, 307, 308})
NO_ROW = 0
"""Stands as decision where the reading of ours and of Go AKO differ, and no row of the table says so."""


@dataclass(frozen=True)
class Share:
    """A Service (`namespace/name`) that gets requests in proportion to its weight, at these servers."""

    service: str
    weight: int
    servers: frozenset[str]


@dataclass(frozen=True)
class Expected:
    """What must answer: one of what is named here; nothing named is nothing allowed.

    Attributes:
        servers: one of these, `ip:port`.
        location: or a redirect to there.
        statuses: or the load balancer itself with one of these.
        may_close: or the connection ends without an answer.
        may_be_unknown: or nothing listens for that name and port.
        certificates: one of these is presented (PEM of the server's own); empty says nothing about it.
        shares: how many requests go where, if to several Services.
    """

    servers: frozenset[str] = frozenset()
    location: str = ""
    statuses: frozenset[int] = frozenset()
    may_close: bool = False
    may_be_unknown: bool = False
    certificates: frozenset[str] = frozenset()
    shares: tuple[Share, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Say whether no server and no redirect may answer."""
        return not self.servers and not self.location

    def faults(self, answer: Answer) -> Iterator[str]:
        """Say what is wrong with an answer; nothing if it is as promised."""
        shown = own_certificate(answer.certificate or "")
        if self.certificates and answer.certificate and shown not in self.certificates:
            yield "another certificate was presented"
        if fault := self._fault(answer):
            yield fault

    def _fault(self, answer: Answer) -> str:
        if answer.unknown_host:
            return "" if self.may_be_unknown else "nothing listens for the name and port"
        if answer.closed:
            return "" if self.may_close else "the connection was closed without an answer"
        if answer.server:
            return (
                "" if answer.server in self.servers else f"{answer.server} answered, not one of {sorted(self.servers)}"
            )
        if answer.status in REDIRECTED:
            right = bool(self.location) and plain_location(answer.location) == plain_location(self.location)
            return "" if right else f"redirected to {answer.location}, not to {self.location or 'anywhere'}"
        return "" if answer.status in self.statuses else f"status {answer.status} and no server"


NOBODY = Expected(statuses=frozenset({404}), may_close=True, may_be_unknown=True)
"""No virtual service serves this."""
NOT_FOUND = Expected(statuses=frozenset({404}))
CLOSED = Expected(may_close=True)
UNKNOWN = Expected(may_be_unknown=True)


@dataclass(frozen=True)
class Promise:
    """A request and what must answer.

    Attributes:
        ours: by our product, as the decisions say.
        theirs: by what Go AKO 2.2.1 builds; None where it is not known, or up to chance.
        reason: the object and rule that promise it.
        decision: the row of the decisions that wants a difference; None if there is none, `NO_ROW` if it has no row.
        ambiguous_with: other rules with an endpoint of the same address, so that a wrong one cannot be told by it.
        address: where the status in the cluster says that `to` is; empty if it does not.
    """

    asked: Asked
    ours: Expected
    theirs: Expected | None
    reason: str
    decision: int | None = None
    ambiguous_with: tuple[str, ...] = field(default=(), compare=False)
    address: str = field(default="", compare=False)

    @property
    def must_be_unserved(self) -> bool:
        """Say whether no virtual service must serve it."""
        return self.ours.is_nobody and 503 not in self.ours.statuses


def own_certificate(pem: str) -> str:
    """Give the first certificate of a PEM text, in one way of writing; empty if there is none."""
    _, begin, rest = pem.partition(FIRST_BLOCK)
    body, end, _ = rest.partition(LAST_LINE)
    if not begin or not end:
        return ""
    text = "".join(body.split())
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([FIRST_BLOCK, *lines, LAST_LINE]) + "\n"


def plain_location(location: str) -> str:
    """Give a location without the port that its scheme has anyway."""
    scheme, _, rest = location.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.removesuffix(':443').lower()}{slash}{path}"
