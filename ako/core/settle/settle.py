"""Claims of one host → one virtual host: who can be served, whose certificate, what the losers are told.

The order of claims is age, then namespace, name, kind: the same claims give the same result in any order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import (
    Certificate,
    HostClaim,
    InlineCertificate,
    InsecurePolicy,
    Problem,
    Termination,
    Tls,
    VirtualHost,
)
from ako.core.hooks.site import site
from ako.core.settle.certificates import NoCertificate, certificate_in_secret
from ako.core.settle.paths import duplicates, share_out


class _Secured(Struct, frozen=True):
    """A claim that terminates TLS, with the certificate it brings."""

    claim: HostClaim
    certificate: Certificate


def settle(view: View, host: str, claims: Sequence[HostClaim]) -> VirtualHost:
    """Decide what is served for a host."""
    claims = tuple(sorted(claims, key=lambda claim: claim.order))
    is_passthrough = _is_passthrough(claims[0])
    accepted = tuple(claim for claim in claims if _is_passthrough(claim) == is_passthrough)
    problems = [_termination_conflict(claim, claims[0]) for claim in claims if claim not in accepted]
    all_win = view.ask(site).serves_duplicates
    if is_passthrough:
        way = share_out("TLS", accepted, folds_case=False, serves_duplicates=all_win)
        redirect = any(r.claim.tls and r.claim.tls.insecure is InsecurePolicy.REDIRECT for r in way.served)
        problems += (*way.repeats, *duplicates(host, accepted, [way], serves_duplicates=all_win))
        return VirtualHost(host, claims, passthrough=way.served, redirect=redirect, problems=tuple(problems))
    secured, troubles, in_doubt = _secure(view, accepted)
    plain = [claim for claim in accepted if claim.tls is None]
    plain += [s.claim for s in secured if s.claim.tls and s.claim.tls.insecure is InsecurePolicy.ALLOW]
    plain.sort(key=lambda claim: claim.order)
    insecure = share_out("plain HTTP", plain, folds_case=True, serves_duplicates=all_win)
    secure = share_out("TLS", [s.claim for s in secured], folds_case=False, serves_duplicates=all_win)
    problems += dict.fromkeys(insecure.repeats + secure.repeats)
    problems += duplicates(host, accepted, [insecure, secure], serves_duplicates=all_win)
    redirecting = [s.claim for s in secured if s.claim.tls and s.claim.tls.insecure is InsecurePolicy.REDIRECT]
    if redirecting:
        problems += [_redirected(claim, redirecting[0]) for claim in plain if claim.tls is None]
    return VirtualHost(
        host,
        claims,
        insecure=insecure.served,
        secure=secure.served,
        certificate=secured[0].certificate if secured else None,
        redirect=bool(redirecting),
        problems=(*problems, *troubles, *_certificate_conflicts(host, secured)),
        in_doubt=in_doubt,
    )


def _is_passthrough(claim: HostClaim) -> bool:
    return claim.tls is not None and claim.tls.termination is Termination.PASSTHROUGH


def _termination_conflict(loser: HostClaim, winner: HostClaim) -> Problem:
    return Problem(
        loser.source,
        "HostConflict",
        f"host {loser.host} is claimed by {winner.source.key}, which is older, with another TLS termination; "
        "passthrough excludes termination on one host.",
        "Use the same termination, or another host.",
    )


def _redirected(claim: HostClaim, by: HostClaim) -> Problem:
    return Problem(
        claim.source,
        "RedirectedToTls",
        f"plain HTTP requests for host {claim.host} are redirected to TLS by {by.source.key}, "
        "so that none of them reaches this object.",
        "Serve the host over TLS here too, or use another host.",
    )


def _secure(
    view: View, claims: Iterable[HostClaim]
) -> tuple[list[_Secured], list[Problem], tuple[tuple[ObjectRef, str], ...]]:
    """Find the certificate of every claim that terminates TLS; those without one are told why."""
    secured: list[_Secured] = []
    problems: list[Problem] = []
    in_doubt: list[tuple[ObjectRef, str]] = []
    for claim in claims:
        if claim.tls is None:
            continue
        try:
            answer, doubt = _certificate(view, claim.tls)
        except Unknown as unknown:
            in_doubt.append((claim.source, str(unknown)))
            problems.append(_unreadable(claim, str(unknown), "Not served for this object until it is mended."))
            continue
        if doubt:
            problems.append(_unreadable(claim, doubt, "The version before it stays in force."))
        if isinstance(answer, NoCertificate):
            by = f", named by {claim.tls.named_by}" if claim.tls.named_by else ""
            message = f"{answer.message} (host {claim.host}{by})."
            problems.append(Problem(claim.source, answer.reason, message, answer.remedy))
        else:
            secured.append(_Secured(claim, answer))
    return secured, problems, tuple(in_doubt)


def _certificate(view: View, tls: Tls) -> tuple[Certificate | NoCertificate, str]:
    """Give a claim's certificate, and why it is out of date if it is."""
    wanted = tls.certificate
    if wanted is None:
        return NoCertificate(
            "CertificateMissing", "no certificate is given", "Name a TLS Secret or write both texts."
        ), ""
    if isinstance(wanted, InlineCertificate):
        return Certificate(wanted.certificate, wanted.key, wanted.ca_certificate), ""
    return view.ask(certificate_in_secret, wanted), view.doubt(certificate_in_secret, wanted)


def _unreadable(claim: HostClaim, fault: str, consequence: str) -> Problem:
    return Problem(claim.source, "CertificateUnreadable", f"{fault} (host {claim.host}).", consequence)


def _certificate_conflicts(host: str, secured: Sequence[_Secured]) -> Iterator[Problem]:
    for loser in secured[1:]:
        if loser.certificate != secured[0].certificate:
            yield Problem(
                loser.claim.source,
                "CertificateConflict",
                f"host {host} is served with the certificate of {secured[0].claim.source.key}, which is older.",
                "Use the same certificate in all objects that share the host.",
            )
