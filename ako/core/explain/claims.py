"""Who asks for a host, what of it each is served, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.explain.answer import ClaimTold, PathTold
from ako.core.explain.certificates import secret_told
from ako.core.explain.picture import title
from ako.core.hooks.claims import (
    Backend,
    Claim,
    HostClaim,
    PathRule,
    PortClaim,
    Problem,
    ServedRule,
    VirtualHost,
    is_ageless,
)
from ako.core.hooks.matching import Matching
from ako.core.hooks.outcome import HostOutcome, HostState
from ako.core.hooks.site import Site
from ako.core.hooks.tls import InsecurePolicy, Termination

PLAIN, TLS, PASSTHROUGH = "plain HTTP", "TLS", "TLS passthrough"

WINS, IN_PART, LOSES = "wins", "wins in part", "loses"


class Way(Struct, frozen=True):
    """A way to a host, who is served on it, and how paths are compared there."""

    title: str
    served: tuple[ServedRule, ...]
    matching: Matching

    def has(self, claim: HostClaim, rule: PathRule) -> bool:
        """Say whether a rule of a claim is served."""
        return any(one.claim.source == claim.source and one.rule == rule for one in self.served)

    def holder(self, rule: PathRule) -> ObjectRef | None:
        """Give who has the path of a rule, None if nobody has."""
        key = self.matching.key(rule)
        return next((one.claim.source for one in self.served if self.matching.key(one.rule) == key), None)


def ways_of(host: VirtualHost, here: Site) -> tuple[Way, ...]:
    """Give the ways to a host."""
    return (
        Way(PLAIN, host.insecure, here.plain_matching),
        Way(TLS, host.secure, here.tls_matching),
        Way(PASSTHROUGH, host.passthrough, Matching()),
    )


def claims_told(
    host: VirtualHost, here: Site, problems: Sequence[Problem], outcomes: Mapping[ObjectRef, HostOutcome]
) -> tuple[ClaimTold, ...]:
    """Give who asks for a host, in the order in which conflicts are decided.

    Args:
        host: as it was settled.
        here: how paths are compared.
        problems: all that is wrong with it.
        outcomes: what became of the claims, by source: who has a path may not be served all the same.
    """
    ways = ways_of(host, here)
    claims = (_claim_told(host, claim, ways, problems) for claim in host.claims)
    return tuple(_as_it_came(told, outcomes.get(claim.source)) for told, claim in zip(claims, host.claims, strict=True))


def _as_it_came(told: ClaimTold, outcome: HostOutcome | None) -> ClaimTold:
    """Give a claim of which nothing is served as it is wanted, whatever it has, as such."""
    if outcome is None or outcome.state not in {HostState.REJECTED, HostState.KEPT}:
        return told
    paths = (replace(path, served=(), redirects=False, why_not=path.why_not or outcome.reason) for path in told.paths)
    return replace(told, why=told.why or outcome.reason, paths=tuple(paths))


def _claim_told(host: VirtualHost, claim: HostClaim, ways: Sequence[Way], problems: Iterable[Problem]) -> ClaimTold:
    own = [problem for problem in problems if problem.source == claim.source]
    paths = tuple(_path_told(host, claim, rule, ways, own) for rule in claim.rules)
    served = [bool(path.served) for path in paths]
    losing = [path for path in paths if path.taken_by or not path.served]
    verdict = LOSES if not any(served) else IN_PART if losing else WINS
    why = next((path.why_not for path in losing if path.why_not), "")
    return ClaimTold(
        source=title(claim.source),
        created="" if is_ageless(claim) else claim.created,
        verdict=verdict,
        why=why,
        secret=secret_told(claim),
        paths=paths,
    )


def _path_told(
    host: VirtualHost, claim: HostClaim, rule: PathRule, ways: Sequence[Way], problems: Sequence[Problem]
) -> PathTold:
    asked = _asked(claim)
    served = tuple(way.title for way in ways if way.has(claim, rule))
    lost = [way for way in ways if way.title in asked and way.title not in served]
    holders = [holder for way in lost if (holder := way.holder(rule)) is not None and holder != claim.source]
    is_short = bool(lost) and (not served or bool(holders))
    return PathTold(
        path=rule.path,
        path_type=rule.path_type.value,
        services=tuple(services_told(rule.backends)),
        served=served,
        redirects=TLS in served and _is_redirected(host, claim, rule),
        why_not=_why_not(claim, rule, problems) if is_short else "",
        taken_by=title(holders[0]) if holders else "",
    )


def _asked(claim: HostClaim) -> frozenset[str]:
    """Give the ways on which a claim asks to be served; a redirect is none."""
    if claim.tls is None:
        return frozenset({PLAIN})
    if claim.tls.termination is Termination.PASSTHROUGH:
        return frozenset({PASSTHROUGH})
    return frozenset({TLS, PLAIN} if claim.tls.insecure is InsecurePolicy.ALLOW else {TLS})


def _is_redirected(host: VirtualHost, claim: HostClaim, rule: PathRule) -> bool:
    if claim.tls is None or claim.tls.insecure is not InsecurePolicy.REDIRECT:
        return False
    return host.redirect or any(one.claim.source == claim.source and one.rule == rule for one in host.redirects)


def _why_not(claim: HostClaim, rule: PathRule, problems: Sequence[Problem]) -> str:
    """Give the problem that is about a path, else the first one that says more than that of the path."""
    about_path = f"{claim.host}{rule.path} in "
    named = (problem for problem in problems if about_path in problem.message)
    others = (problem for problem in problems if problem.reason != "DuplicateHostPath")
    found = next(named, None) or next(others, None)
    return found.explanation if found else ""


def services_of(claim: Claim) -> frozenset[NamespacedName]:
    """Give the Services that a claim names, behind its paths or its ports."""
    if isinstance(claim, PortClaim):
        backends = [port.backend for port in claim.ports]
    else:
        backends = [backend for rule in claim.rules for backend in rule.backends]
    return frozenset(NamespacedName(backend.namespace, backend.service) for backend in backends)


def services_told(backends: Sequence[Backend]) -> Iterator[str]:
    """Give the Services behind a path, with their shares where these differ."""
    is_shared = len({backend.weight for backend in backends}) > 1
    total = sum(backend.weight for backend in backends) or 1
    for backend in backends:
        share = f" {100 * backend.weight / total:.4g} %" if is_shared else ""
        yield f"{service_told(backend)}{share}"


def service_told(backend: Backend) -> str:
    """Give the words for a Service and its port: `default/web:80`."""
    port = backend.port.name or (backend.port.number or "")
    return f"{backend.namespace}/{backend.service}{f':{port}' if port else ''}"


def ports_told(claim: PortClaim, asked: Iterable[PortClaim]) -> tuple[ClaimTold, ...]:
    """Give who asks for ports of an address.

    Args:
        claim: what is left to each.
        asked: the claims as they were made.
    """
    return tuple(_port_claim_told(claim, one) for one in sorted(asked, key=lambda one: one.order))


def _port_claim_told(settled: PortClaim, asked: PortClaim) -> ClaimTold:
    left = next((one for one in settled.claims if one.source == asked.source), None)
    had = {(port.number, port.backend.protocol) for port in left.ports} if left else set()
    problems = left.problems if left else ()
    why = problems[0].explanation if problems else asked.doubt
    paths = tuple(
        PathTold(
            path=f"{port.backend.protocol} {port.number}",
            path_type="port",
            services=tuple(services_told((port.backend,))),
            served=(f"port {port.number}",) if (port.number, port.backend.protocol) in had else (),
            why_not="" if (port.number, port.backend.protocol) in had else why,
        )
        for port in asked.ports
    )
    verdict = WINS if len(had) == len(asked.ports) else IN_PART if had else LOSES
    created = "" if is_ageless(asked) else asked.created
    return ClaimTold(source=title(asked.source), created=created, verdict=verdict, why=why, paths=paths)
