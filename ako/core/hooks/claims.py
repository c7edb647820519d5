"""What source plugins say and what the core makes of it: claims, virtual hosts, placements, problems.

Everything here is a frozen value. A claim is what one source object asks for;
a virtual host is what the core settled for one host over all claims.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from msgspec import Struct

from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.base.wording import with_remedy
from ako.core.hooks.tls import Certificate, Tls
from ako.core.model import PoolServer


class SharedVip(Struct, frozen=True, order=True):
    """An address that objects of one namespace share, by the name that they all give it.

    Attributes:
        namespace: of the objects.
        name: what they call it.
    """

    namespace: str
    name: str


HostKey = str | ObjectRef | SharedVip
"""What claims are filed under: a host name, the object that claims ports for itself alone, or the address it shares."""


class PathType(Enum):
    """How a path is matched, in the words of `networking.k8s.io/v1` Ingress."""

    EXACT = "Exact"
    PREFIX = "Prefix"
    IMPLEMENTATION_SPECIFIC = "ImplementationSpecific"


class Problem(Struct, frozen=True, order=True):
    """A fault in what a user wrote: a value that becomes a log line, an Event and a status, never an exception.

    Attributes:
        source: the object whose owner must act.
        reason: CamelCase word for Events and metrics, such as `SecretNotFound`.
        message: what is wrong, on one line; where AKO documents a text, exactly that text.
        remedy: what to do about it; appended to the Event and to the log line.
        unserved: nothing of the object is served because of it, which is said with it, unless something still is.
    """

    source: ObjectRef
    reason: str
    message: str
    remedy: str = ""
    unserved: bool = False

    @property
    def explanation(self) -> str:
        """Give message and remedy as one text."""
        return with_remedy(self.message, self.remedy)


class BackendPort(Struct, frozen=True):
    """The port of a Service as a source names it: by name, by number, or not at all.

    Attributes:
        name: of the port; empty if it is given by number.
        number: 0 if it is given by name.
        is_target: name or number are those of a port of the endpoints (`targetPort` of a Route), not of a port of the
            Service (Ingress).
    """

    name: str = ""
    number: int = 0
    is_target: bool = False


class Backend(Struct, frozen=True):
    """A Service behind a path.

    Attributes:
        namespace: of the Service.
        service: its name.
        port: which of its ports; without name and number the first one.
        weight: its share among the backends of the same path, 0 or more; 0 gets nothing.
        protocol: `TCP` or `UDP`.
        is_own: the Service itself asks for the traffic (type LoadBalancer), and nobody else on its behalf.
    """

    namespace: str
    service: str
    port: BackendPort = BackendPort()
    weight: int = 100
    protocol: str = "TCP"
    is_own: bool = False


class PathRule(Struct, frozen=True):
    """One path of a host.

    Attributes:
        path: as written, with the slash that it begins with; empty for the whole host.
        path_type: how it is compared with that of a request.
        backends: where the requests go; without any, the path is answered by nobody.
    """

    path: str
    path_type: PathType
    backends: tuple[Backend, ...]


class HostClaim(Struct, frozen=True):
    """One source object asks for paths of one host.

    Attributes:
        source: the object that claims.
        created: its creationTimestamp (RFC 3339 text); empty counts as oldest.
        host: the host name as written.
        rules: its paths, in the order written.
        tls: None for plain HTTP.
        names_service: pool names end with the Service (several backends a path, as Routes have them).
    """

    source: ObjectRef
    created: str
    host: str
    rules: tuple[PathRule, ...]
    tls: Tls | None = None
    names_service: bool = False

    @property
    def key(self) -> HostKey:
        """Give what it is filed under: its host, as DNS compares names."""
        return self.host.lower()

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Give the key that decides conflicts: older first, then namespace, name, kind."""
        return (self.created, self.source.namespace, self.source.name, self.source.kind.name)


class ClaimedPort(Struct, frozen=True):
    """A port that a source object wants to be reached at, and what is behind it.

    Attributes:
        number: 1 to 65535.
        backend: what is behind it; its protocol is that of the port.
    """

    number: int
    backend: Backend


class PortClaim(Struct, frozen=True):
    """One source object asks for ports of an address (a Service of type LoadBalancer): of its own, or a shared one.

    It has the face of a settled virtual host too. Of an address of its own nobody can dispute its ports, only its names
    and the address; several claims that share one are settled to one claim, with these as its members. A source object
    makes one at most.

    Attributes:
        source: the object that claims.
        created: its creationTimestamp (RFC 3339 text); empty counts as oldest.
        ports: what it wants to be reached at.
        address: the address it wants, empty for any.
        fqdns: DNS names of that address; the first one is told in its status.
        problems: what of it others have already; filled in by the core.
        clients: networks (`<address>/<length>`) whose clients are let in; empty for everybody.
        keeps_client: a client that comes again gets to the server it had.
        shares: the name of the address that it shares within its namespace; empty for one of its own.
        doubt: why it cannot be said what is asked for; nothing new is served of it then, and nothing is taken away.
        members: the claims that were settled to this one, oldest first, with what is left to each; filled in by the
            core where an address is shared.
    """

    source: ObjectRef
    created: str
    ports: tuple[ClaimedPort, ...]
    address: str = ""
    fqdns: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    clients: tuple[str, ...] = ()
    keeps_client: bool = False
    shares: str = ""
    doubt: str = ""
    members: tuple[PortClaim, ...] = ()

    awaits: ClassVar[tuple[int, ...]] = ()

    @property
    def key(self) -> HostKey:
        """Give what it is filed under: an identity that no host name can be equal to."""
        return SharedVip(self.source.namespace, self.shares) if self.shares else self.source

    @property
    def in_doubt(self) -> tuple[tuple[ObjectRef, str], ...]:
        """Give whose claims cannot be judged, with the reason."""
        return tuple((claim.source, claim.doubt) for claim in self.claims if claim.doubt)

    @property
    def named(self) -> NamespacedName:
        """Give what its objects are named after: the source object, or the address that it shares."""
        return NamespacedName(self.source.namespace, self.shares or self.source.name)

    @property
    def host(self) -> str:
        """Give the DNS name, empty if there is none."""
        return self.fqdns[0] if self.fqdns else ""

    @property
    def title(self) -> str:
        """Give the words for it in messages."""
        return f"shared address {self.named}" if self.shares else self.source.key

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Give the key that decides conflicts, as for hosts."""
        return (self.created, self.source.namespace, self.source.name, self.source.kind.name)

    @property
    def claims(self) -> tuple[PortClaim, ...]:
        """Give all claims of what was settled: those that share the address, or itself."""
        return self.members or (self,)

    @property
    def oldest(self) -> PortClaim:
        """Give the claim that decides conflicts."""
        return self.claims[0]

    def of(self, source: ObjectRef) -> PortClaim:
        """Give what is left of the claim of one source object."""
        return next(claim for claim in self.claims if claim.source == source)

    def serves(self, source: ObjectRef) -> bool:
        """Say whether anything of a source object is served."""
        return any(claim.source == source and claim.ports for claim in self.claims)


Claim = HostClaim | PortClaim
"""What a source object may ask for."""

YOUNGER = "+"
"""Comes after any age that it is added to, and before all later ones; by itself it is before all dates."""


def is_ageless(claim: Claim) -> bool:
    """Say whether a claim has no age, as in a folder, or one that it got here."""
    return has_no_age(claim.created)


def has_no_age(created: str) -> bool:
    """Say the same of the age itself."""
    return not created or created.endswith(YOUNGER)


class Discovery(Struct, frozen=True):
    """What `ako_discover` found in one source object.

    Attributes:
        claims: what it asks for; none is an answer, which takes away what it had.
        problems: what its owner should know; they are about this object, or they are a fault of the plugin.
    """

    claims: tuple[Claim, ...] = ()
    problems: tuple[Problem, ...] = ()


class PlacementFault(Struct, frozen=True):
    """Why a backend has no servers, or not all of them; a `Problem` of every source object that uses the backend.

    Attributes:
        reason: CamelCase word, as in `Problem`.
        message: one line; what uses the backend is put in front of it.
        remedy: what to do about it.
    """

    reason: str
    message: str
    remedy: str = ""


UNREADABLE = "Unreadable"
SERVERS_STAY = "Its servers stay as they were until that is mended."
"""Reason and remedy where what servers are found by cannot be read."""


class Placement(Struct, frozen=True):
    """The servers of one backend, as they go into its pools, and what is wrong with it.

    Attributes:
        servers: in the order in which they are written; none is an answer: the pools stay, empty.
        faults: told to the owner of every source object that uses the backend.
    """

    servers: tuple[PoolServer, ...] = ()
    faults: tuple[PlacementFault, ...] = ()


class ServedRule(Struct, frozen=True):
    """A path rule that won its place.

    Attributes:
        claim: the claim it comes from.
        rule: the rule, as in the claim.
    """

    claim: HostClaim
    rule: PathRule


class VirtualHost(Struct, frozen=True):
    """One host, settled over all claims.

    Attributes:
        host: the host name.
        insecure: rules served on plain HTTP, longest path first.
        secure: rules served over TLS that we terminate, longest path first.
        certificate: what the host presents when `secure` is not empty.
        passthrough: rules whose TLS ends at the servers.
        redirects: rules served over TLS whose requests over plain HTTP are redirected there, longest path first; where
            nothing is served on plain HTTP, none, but:
        redirect: all plain HTTP requests are redirected to HTTPS.
        claims: all claims, oldest first, the losing ones included; last those of others than the owner of the host.
        problems: what the owners of the claims should know.
        in_doubt: claims that could not be judged, with the reason; what they may own must not be taken away.
        awaits: the moments, in seconds since 1970, at which its problems are others.
        expires: when its certificate ends, in seconds since 1970; 0 without one.
    """

    host: str
    claims: tuple[HostClaim, ...]
    insecure: tuple[ServedRule, ...] = ()
    secure: tuple[ServedRule, ...] = ()
    certificate: Certificate | None = None
    passthrough: tuple[ServedRule, ...] = ()
    redirects: tuple[ServedRule, ...] = ()
    redirect: bool = False
    problems: tuple[Problem, ...] = ()
    in_doubt: tuple[tuple[ObjectRef, str], ...] = ()
    awaits: tuple[int, ...] = ()
    expires: int = 0

    @property
    def served(self) -> tuple[ServedRule, ...]:
        """Give every rule that is served, in whatever way."""
        return self.insecure + self.secure + self.passthrough

    @property
    def key(self) -> HostKey:
        """Give what its claims are filed under: the host."""
        return self.host

    @property
    def title(self) -> str:
        """Give the words for it in messages."""
        return f"host {self.host}"

    @property
    def oldest(self) -> HostClaim:
        """Give the claim that decides conflicts."""
        return self.claims[0]

    def serves(self, source: ObjectRef) -> bool:
        """Say whether anything of a source object is served."""
        return any(rule.claim.source == source for rule in self.served)
