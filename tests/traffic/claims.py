"""What Ingresses and Routes ask for: a host, a path, and who answers there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.traffic.reading import Cluster, Setup, Thing, namespace
from tests.traffic.servers import Backend

WILDCARD = "*."


class Match(Enum):
    """What a path takes: all that begins with its text, that and nothing else, or what has its elements first."""

    TEXT = "prefix"
    EXACT = "exact"
    ELEMENTS = "elements"


class Tls(Enum):
    """Where TLS ends."""

    NONE = ""
    EDGE = "edge"
    PASSTHROUGH = "passthrough"


@dataclass(frozen=True)
class Claim:
    """A path of a host in one source object.

    Attributes:
        order: age, then namespace, name, and place in the object.
        insecure: what becomes of plain HTTP beside TLS: empty (nothing), `Redirect` or `Allow`.
        certificate: of edge TLS, PEM.
        refused: why it is not served; empty if it is.
        is_last: taken only where no path of the host matches (a default backend).
    """

    host: str
    path: str
    match: Match
    backends: tuple[Backend, ...]
    source: str
    order: tuple[str, str, str, int]
    tls: Tls = Tls.NONE
    insecure: str = ""
    certificate: str = ""
    refused: str = ""
    is_last: bool = False

    @property
    def namespace(self) -> str:
        return self.order[1]

    @property
    def rule(self) -> str:
        """Name the object and the rule."""
        return f"{self.source}: {self.host}{self.path or ' (all paths)'} {self.match.value}"

    @property
    def is_plain(self) -> bool:
        """Say whether it is served over plain HTTP."""
        return self.tls is Tls.NONE or (self.tls is Tls.EDGE and self.insecure == "Allow")

    @property
    def is_redirected(self) -> bool:
        return self.tls is not Tls.NONE and self.insecure == "Redirect"

    def takes(self, path: str, *, folded: bool, as_prefix: bool = False) -> bool:
        """Say whether a request's path is this one's; `as_prefix` makes a prefix of an exact one."""
        mine, asked = (self.path.lower(), path.lower()) if folded else (self.path, path)
        if self.match is Match.EXACT and not as_prefix:
            return asked == (mine or "/")
        if self.match is Match.ELEMENTS:
            mine = mine.rstrip("/")
            return asked == mine or asked.startswith(f"{mine}/")
        return asked.startswith(mine)


def covers(pattern: str, host: str) -> bool:
    """Say whether a host is meant by a name or by `*.` and a domain (one label longer)."""
    return host == pattern or (pattern.startswith(WILDCARD) and host.partition(".")[2] == pattern[2:] != "")


def first_namespace_only(claims: list[Claim]) -> list[Claim]:
    """Give the claims of each host that its first namespace makes (`fqdnReusePolicy: Strict`)."""
    first: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda one: one.order):
        if not claim.refused:
            first.setdefault(claim.host, claim)
    return [one for one in claims if one.refused or one.namespace == first[one.host].namespace]


def path_of_request(path: str) -> str:
    return path.partition("?")[0]


@dataclass(frozen=True)
class World:
    """What a claim is read from."""

    cluster: Cluster
    setup: Setup

    def backend_of(self, source: Thing, entry: Thing, weight: int = 100) -> Backend | None:
        """Give the backend that an Ingress names; None for one that is no Service."""
        service = entry.get("service") or {}
        port = service.get("port") or {}
        if not service.get("name"):
            return None
        return Backend(namespace(source), service["name"], port.get("name") or port.get("number"), weight)
