"""A claim of a host with the certificate that it brings; while that cannot be read, as it was secured before."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Claim, HostClaim, Problem
from ako.core.hooks.tls import Certificate, InlineCertificate, Termination, Tls
from ako.core.settle.certificates import Held, NoCertificate, certificate_in_secret, certificate_inline, fault_of
from ako.core.settle.pem import certificates_only


class Secured(Struct, frozen=True):
    """A claim as it is in force.

    Attributes:
        claim: what is asked for; where the certificate cannot be read, with the TLS of before.
        certificate: what it brings, or why there is none; None where it needs none.
        fault: why the certificate that it names cannot be read; empty if it can.
        is_unknown: that is so, and how it was secured before is not known: it cannot be judged.
        is_older: the claim is that of before as a whole.
        field: where the certificate is written, for messages.
        exposed: the fields in which private keys stand beside certificates.
    """

    claim: HostClaim
    certificate: Certificate | NoCertificate | None = None
    fault: str = ""
    is_unknown: bool = False
    is_older: bool = False
    field: str = ""
    exposed: tuple[str, ...] = ()


def secured(view: View, claim: HostClaim) -> Secured:
    """Find the certificate of a claim; raise `Unknown` if it is there but cannot be read."""
    if claim.tls is None or claim.tls.termination is Termination.PASSTHROUGH:
        return Secured(claim)
    if fault := fault_of(claim.tls):
        raise Unknown(fault)
    found = _certificate(view, claim.tls)
    if isinstance(found, NoCertificate):
        return Secured(claim, found)
    return Secured(_public(claim), found.certificate, field=found.field, exposed=found.exposed)


def _public(claim: HostClaim) -> HostClaim:
    """Give a claim of which every text for the servers' CA holds certificates alone."""
    if claim.tls is None or not claim.tls.destination_ca:
        return claim
    return replace(claim, tls=replace(claim.tls, destination_ca=certificates_only(claim.tls.destination_ca)))


def _certificate(view: View, tls: Tls) -> Held | NoCertificate:
    wanted = tls.certificate
    if wanted is None:
        return NoCertificate("CertificateMissing", "no certificate is given", "Name a TLS Secret or write both texts.")
    if isinstance(wanted, InlineCertificate):
        return certificate_inline(wanted, tls.destination_ca)
    found, fault = view.last(certificate_in_secret, wanted)
    if found is None or fault:
        raise Unknown(fault)  # what the Secret held before counts for the claims alone that were served with it
    return found


def as_before(claim: HostClaim, before: Secured | None, fault: str) -> Secured:
    """Give a claim whose certificate cannot be read: secured as before, and all else as it is asked for now.

    If the servers are to be spoken to in another way than before, nothing of it is: they may be others, which would not
    understand what is said.
    """
    claim = _public(claim)
    if before is None:
        return Secured(claim, fault=fault, is_unknown=True)
    if _to_servers(claim) != _to_servers(before.claim):
        return replace(before, fault=fault, is_older=True)
    tls = before.claim.tls and claim.tls and replace(claim.tls, certificate=before.claim.tls.certificate)
    return replace(before, claim=replace(claim, tls=tls), fault=fault)


def _to_servers(claim: HostClaim) -> tuple[Termination, str]:
    """Give how the servers of a claim are spoken to: behind `edge` as behind plain HTTP."""
    if claim.tls is None:
        return Termination.EDGE, ""
    return claim.tls.termination, claim.tls.destination_ca


NOT_SERVED = "Not served until it is mended."
WITH_CERTIFICATE = "Still served with the certificate before."
WITHOUT_TLS = "Still served without TLS."
AS_BEFORE = "Still served as before; nothing of the change of this host takes effect until it is mended."


def told(one: Secured, *, is_served: bool) -> Problem:
    """Say that the certificate of a claim cannot be read, and what is served meanwhile."""
    if not is_served:
        return unreadable(one.claim, one.fault, NOT_SERVED)
    if one.is_older:
        return unreadable(one.claim, one.fault, AS_BEFORE)
    return unreadable(one.claim, one.fault, WITH_CERTIFICATE if one.claim.tls else WITHOUT_TLS)


def unreadable(claim: Claim, fault: str, consequence: str) -> Problem:
    """Say that the certificate of a claim cannot be read, and what that means."""
    return Problem(claim.source, "CertificateUnreadable", f"{fault} (host {claim.host}).", consequence)
