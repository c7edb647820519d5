"""Who answers a request for a host, by the claims of that host: as the decisions say, and as Go AKO has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tests.traffic.claims import WILDCARD, Claim, Match, Tls, World, covers, path_of_request
from tests.traffic.promise import CLOSED, NO_ROW, NOBODY, NOT_FOUND, Expected, Share
from tests.traffic.reading import Who
from tests.traffic.servers import Backend, servers


@dataclass(frozen=True)
class Found:
    """What answers, and the claims that say so (none where nobody does)."""

    expected: Expected
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Host:
    """A host that clients ask for, and the claims that are served of it, as one of the two reads them."""

    asked: str
    claims: tuple[Claim, ...]
    refused: tuple[Claim, ...]
    world: World
    who: Who

    @classmethod
    def of(cls, asked: str, claims: Iterable[Claim], world: World, who: Who) -> Host:
        """Take the claims that mean a host: those of its name, else those of its domain."""
        own = [one for one in claims if covers(one.host, asked)]
        served = [one for one in own if not one.refused]
        exact = [one for one in served if not one.host.startswith(WILDCARD)]
        served = sorted(exact or served, key=lambda one: one.order)
        if who is Who.OURS and served:  # as the oldest Route says, a host is passed through or not
            passes = served[0].tls is Tls.PASSTHROUGH
            served = [one for one in served if (one.tls is Tls.PASSTHROUGH) == passes]
        return cls(asked, tuple(served), tuple(one for one in own if one.refused), world, who)

    @property
    def is_passed(self) -> bool:
        return any(one.tls is Tls.PASSTHROUGH for one in self.claims)

    @property
    def is_mixed(self) -> bool:
        """Say whether it would be on two addresses, of which nobody says which one counts."""
        return self.is_passed and any(one.tls is not Tls.PASSTHROUGH for one in self.claims)

    @property
    def has_edge(self) -> bool:
        return any(one.tls is Tls.EDGE for one in self.claims)

    def port_80(self, path: str, host: str = "") -> Found:
        """Say what a plain HTTP request gets; `host` is written in a redirect."""
        plain = [one for one in self.claims if one.is_plain]
        redirecting = [one for one in self.claims if one.is_redirected]
        to = Expected(location=f"https://{host or self.asked}{path}")
        if redirecting and (self.who is Who.THEIRS or not plain):
            return Found(to, tuple(redirecting))
        if not plain:
            return Found(NOBODY)
        best = self._best(plain, path_of_request(path), is_plain=True)
        other = self._best(redirecting, path_of_request(path), is_plain=True)
        if other and (not best or _rank(other[0]) < _rank(best[0])):
            return Found(to, (*other, *best))
        if other and best and _rank(other[0]) == _rank(best[0]) and other[0].order < best[0].order:
            return Found(to, (*other, *best))
        return self._served(best, plain) if best else Found(NOT_FOUND)

    def port_443(self, path: str) -> Found:
        """Say what an HTTPS request gets whose hello names the host."""
        if self.is_passed:
            passed = [one for one in self.claims if one.tls is Tls.PASSTHROUGH]
            return self._served(passed, passed)
        edge = [one for one in self.claims if one.tls is Tls.EDGE]
        if not edge:
            return Found(NOBODY)
        certificates = [one.certificate for one in edge]
        shown = frozenset(certificates[:1] if self.who is Who.OURS else certificates)
        best = self._best(edge, path_of_request(path), is_plain=False)
        found = self._served(best, edge) if best else Found(NOT_FOUND)
        return Found(replace(found.expected, certificates=shown), found.claims)

    def _best(self, claims: Sequence[Claim], path: str, *, is_plain: bool) -> list[Claim]:
        """Give all claims of the path that decides, the oldest first."""
        folded = is_plain and not self.world.setup.matches_elements
        prefixes = {self._key(one, folded=folded) for one in claims if one.match is not Match.EXACT}

        def takes(one: Claim) -> bool:
            beside = self.who is Who.OURS and self._key(one, folded=folded) in prefixes
            return one.takes(path, folded=folded, as_prefix=folded and not beside)

        found = [one for one in claims if takes(one)]
        if not found:
            return []
        rank: Callable[[Claim], tuple[bool, int, bool]] = _rank
        if self.who is Who.THEIRS and is_plain:
            rank = _length
        first = min(rank(one) for one in found)
        return [one for one in found if rank(one) == first]

    def _key(self, claim: Claim, *, folded: bool) -> str:
        return claim.path.lower() if folded else claim.path

    def _served(self, best: Sequence[Claim], all_of_port: Sequence[Claim]) -> Found:
        """Give the servers of a path: of its oldest claim, or of all of them."""
        is_shared = self.who is Who.THEIRS or self.world.setup.serves_all_claims
        taken = best if is_shared else best[:1]
        # Two equal rules of one policy set: the first one is taken, and nobody says which that is.
        by_rule = is_shared and len(taken) > 1 and taken[0].tls is not Tls.NONE
        backends = [one for claim in taken for one in claim.backends if one.weight > 0]
        expected = self._from(backends, is_passed=best[0].tls is Tls.PASSTHROUGH)
        return Found(replace(expected, shares=()) if by_rule else expected, tuple(best))

    def _from(self, backends: Sequence[Backend], *, is_passed: bool) -> Expected:
        found = [(one, servers(one, self.world.cluster, self.world.setup, self.who)) for one in backends]
        if not any(its for _, its in found):
            return CLOSED if is_passed else Expected(statuses=frozenset({503} if backends else {404, 503}))
        together = frozenset().union(*(its for _, its in found))
        if not all(its for _, its in found):
            # Whether a pool without servers is passed over is the load balancer's affair.
            return Expected(together, statuses=frozenset() if is_passed else frozenset({503}), may_close=is_passed)
        shares: dict[str, Share] = {}
        for backend, its in found:
            before = shares.get(backend.key, Share(backend.key, 0, frozenset()))
            shares[backend.key] = Share(backend.key, before.weight + backend.weight, before.servers | its)
        return Expected(together, shares=tuple(shares.values()) if len(shares) > 1 else ())


def _rank(claim: Claim) -> tuple[bool, int, bool]:
    """Give what orders paths: the longest first, of equal ones the exact one; a default backend last."""
    path = claim.path.rstrip("/") if claim.match is Match.ELEMENTS else claim.path
    return (claim.is_last, -len(path), claim.match is not Match.EXACT)


def _length(claim: Claim) -> tuple[bool, int, bool]:
    return (claim.is_last, -len(claim.path), False)


ROWS = {
    "it has no certificate": 18,
    "its Secret has no certificate": 33,
    "it is of another class": 34,
    "its host is in no DNS domain": 28,
    "a rule has no paths": 28,
    "it asks for another network or tenant": 36,
}


def row(ours: Found, theirs: Found, here: Host, there: Host) -> int | None:
    """Give the decision that makes two answers differ; None if they are the same."""
    mine, other = ours.expected, theirs.expected
    if mine == other:
        return None
    if bool(mine.location) != bool(other.location) and NOBODY not in {mine, other}:
        return 32
    if reason := _unlike_refusals(here, there):
        return ROWS.get(reason, NO_ROW)
    if any(one.is_last for one in ours.claims) or {one.tls for one in here.claims} != {one.tls for one in there.claims}:
        return NO_ROW
    return _of_rules(ours, theirs, here.world)


def _of_rules(ours: Found, theirs: Found, world: World) -> int:
    """Give the decision by which the same rules are served in another way."""
    if any(one.match is Match.EXACT for one in (*ours.claims, *theirs.claims)):
        return 31
    if replace(ours.expected, certificates=theirs.expected.certificates) == theirs.expected:
        return 7
    return 9 if len(theirs.claims) > 1 else _of_servers(ours.claims, world)


def _unlike_refusals(here: Host, there: Host) -> str:
    ours = {one.source: one.refused for one in here.refused}
    theirs = {one.source: one.refused for one in there.refused}
    differing = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    return (ours.get(differing[0]) or theirs.get(differing[0]) or "") if differing else ""


def _of_servers(claims: Sequence[Claim], world: World) -> int:
    """Give the decision by which a backend has other servers."""
    if any(one.is_target and one.port is None for claim in claims for one in claim.backends):
        return 24
    return 17 if world.setup.is_node_port else 38
