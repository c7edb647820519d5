"""What a host presents: read from the certificate that was settled on, with whose it is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ako.core.base.refs import NamespacedName
from ako.core.engine.view import View
from ako.core.explain.answer import CertificateTold
from ako.core.explain.certificate_text import certificate_read
from ako.core.explain.picture import title
from ako.core.hooks.claims import HostClaim, VirtualHost
from ako.core.hooks.tls import Certificate, InlineCertificate
from ako.core.settle.certificates import Held, certificate_in_secret
from ako.core.settle.pem import certificates_only
from ako.core.settle.validity import validity


def certificate_told(view: View, host: VirtualHost) -> CertificateTold | None:
    """Give the certificate of a host, None if it presents none of ours."""
    certificate = host.certificate
    if certificate is None or not host.secure:
        return None
    found = certificate_read(certificate.certificate)
    claim = next(_bringing(view, host, certificate), None)
    return found and replace(
        found,
        names=validity(view, certificate.certificate).names,
        source=title(claim.source) if claim else "",
        secret=secret_told(claim) if claim else "",
    )


def secret_told(claim: HostClaim) -> str:
    """Give what a claim names for TLS: a Secret, or the words for where else the certificate is; empty for nothing."""
    wanted = claim.tls.certificate if claim.tls else None
    if isinstance(wanted, NamespacedName):
        return f"Secret/{wanted}"
    return f"{wanted.fields[0]} of {title(claim.source)}" if isinstance(wanted, InlineCertificate) else ""


def _bringing(view: View, host: VirtualHost, certificate: Certificate) -> Iterator[HostClaim]:
    """Give the claims that bring a certificate, the oldest first."""
    for claim in host.claims:
        wanted = claim.tls.certificate if claim.tls else None
        if isinstance(wanted, InlineCertificate):
            if certificates_only(wanted.certificate) == certificate.certificate:
                yield claim
        elif wanted is not None:
            held, _ = view.last(certificate_in_secret, wanted)
            if isinstance(held, Held) and held.certificate == certificate:
                yield claim
