"""Claims of one host → one virtual host: who can be served, whose certificate, what the losers are told.

The order of claims is age, then namespace, name, kind: the same claims give the same result in any order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.engine.view import View
from ako.core.hooks.claims import HostClaim, Problem, VirtualHost
from ako.core.hooks.matching import Matching
from ako.core.hooks.site import site
from ako.core.hooks.tls import Certificate, InsecurePolicy, Termination
from ako.core.settle.certificates import NoCertificate
from ako.core.settle.paths import duplicates, share_out
from ako.core.settle.port80 import share_port_80
from ako.core.settle.precedence import named_first
from ako.core.settle.secured import Secured, told


def settle(view: View, host: str, judged: Iterable[Secured]) -> VirtualHost:
    """Decide what is served for a host."""
    judged = tuple(sorted(judged, key=lambda one: one.claim.order))
    claims = tuple(one.claim for one in judged)
    is_passthrough = _is_passthrough(claims[0])
    accepted = tuple(claim for claim in claims if _is_passthrough(claim) == is_passthrough)
    problems = [_termination_conflict(claim, claims[0]) for claim in claims if claim not in accepted]
    here = view.ask(site)
    all_win = here.serves_duplicates
    if is_passthrough:
        way = share_out("TLS", accepted, Matching(), serves_duplicates=all_win)
        redirect = any(r.claim.tls and r.claim.tls.insecure is InsecurePolicy.REDIRECT for r in way.served)
        problems += (*way.repeats, *duplicates(host, accepted, [way], serves_duplicates=all_win))
        settled = VirtualHost(host, claims, passthrough=way.served, redirect=redirect, problems=tuple(problems))
        return _with_faults(settled, judged)
    secured = [one for one in judged if isinstance(one.certificate, Certificate)]
    plain = [claim for claim in accepted if claim.tls is None]
    plain += [s.claim for s in secured if s.claim.tls and s.claim.tls.insecure is InsecurePolicy.ALLOW]
    plain.sort(key=lambda claim: claim.order)
    insecure = share_out("plain HTTP", plain, here.plain_matching, serves_duplicates=all_win)
    secure = share_out("TLS", [s.claim for s in secured], here.tls_matching, serves_duplicates=all_win)
    problems += dict.fromkeys(insecure.repeats + secure.repeats)
    problems += duplicates(host, accepted, [insecure, secure], serves_duplicates=all_win)
    port_80 = share_port_80(insecure, secure)
    problems += dict.fromkeys(port_80.problems)
    settled = VirtualHost(
        host,
        claims,
        insecure=port_80.served,
        secure=secure.served,
        certificate=next((one.certificate for one in secured if isinstance(one.certificate, Certificate)), None),
        redirects=port_80.redirects,
        redirect=port_80.is_all_redirected,
        problems=(*problems, *_without_certificate(judged), *_certificate_conflicts(host, secured)),
    )
    return _with_faults(settled, judged)


def _is_passthrough(claim: HostClaim) -> bool:
    return claim.tls is not None and claim.tls.termination is Termination.PASSTHROUGH


def _termination_conflict(loser: HostClaim, winner: HostClaim) -> Problem:
    return Problem(
        loser.source,
        "HostConflict",
        f"host {loser.host} is claimed by {named_first(winner, loser)}, with another TLS termination; "
        "passthrough excludes termination on one host.",
        "Use the same termination, or another host.",
    )


def _with_faults(settled: VirtualHost, judged: Iterable[Secured]) -> VirtualHost:
    """Tell claims whose certificate cannot be read what is served; where that is not known here, they are in doubt."""
    faulty = [one for one in judged if one.fault]
    if not faulty:
        return settled
    problems = (told(one, is_served=settled.serves(one.claim.source)) for one in faulty if not one.is_unknown)
    return replace(
        settled,
        problems=(*settled.problems, *problems),
        in_doubt=tuple((one.claim.source, one.fault) for one in faulty if one.is_unknown),
    )


def _without_certificate(judged: Iterable[Secured]) -> Iterator[Problem]:
    """Tell claims that are to be served over TLS why there is no certificate."""
    for one in judged:
        answer, tls = one.certificate, one.claim.tls
        if isinstance(answer, NoCertificate) and not one.fault:
            by = f", named by {tls.named_by}" if tls and tls.named_by else ""
            message = f"{answer.message} (host {one.claim.host}{by})."
            yield Problem(one.claim.source, answer.reason, message, answer.remedy)


def _certificate_conflicts(host: str, secured: Sequence[Secured]) -> Iterator[Problem]:
    for loser in secured[1:]:
        if loser.certificate != secured[0].certificate:
            yield Problem(
                loser.claim.source,
                "CertificateConflict",
                f"host {host} is served with the certificate of {named_first(secured[0].claim, loser.claim)}.",
                "Use the same certificate in all objects that share the host.",
            )
