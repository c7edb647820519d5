"""Is a certificate for this host, and for this time? Served anyway; its owner is told.

No computation has a clock. Whether a moment has come is an input: it is false until whoever has a clock says so, and
what waits for a moment says for which (`VirtualHost.awaits`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.wording import some_of
from ako.core.engine.cells import Input
from ako.core.engine.view import View
from ako.core.hooks.claims import Problem, VirtualHost
from ako.core.hooks.tls import Certificate
from ako.core.settle.secured import Secured

BEGUN: Input[int | None] = Input("the time at which this process began", default=None)
"""In seconds since 1970; None where there is no time: then nothing is said about it."""

HAS_COME: Input[bool] = Input("a moment after that has come", default=False)
"""moment, in seconds since 1970 → whether it has come."""

NAMES_AT_MOST = 3
"""How many names of a certificate a message lists."""

RENEW = "Renew the certificate; the new one is used as soon as it is there."


class Validity(Struct, frozen=True):
    """When a certificate is valid, in seconds since 1970, and for which names; no names where these cannot be read."""

    begins: int
    ends: int
    names: tuple[str, ...]

    def is_for(self, host: str) -> bool:
        """Say whether a certificate is for a host: by its name, or by a wildcard for the first label."""
        name = host.lower()
        return not self.names or name in self.names or f"*.{name.partition('.')[2]}" in self.names


def validity(view: View, certificate: str) -> Validity:  # noqa: ARG001 - a query
    """Give when the first certificate of a PEM text is valid, and for which names (a query)."""
    from cryptography import x509  # noqa: PLC0415 - most processes that import this module never see a certificate

    found = x509.load_pem_x509_certificate(certificate.encode())
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:  # as it was done before there was that extension
        names = [str(part.value) for part in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        names = []
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    return Validity(int(begins.timestamp()), int(ends.timestamp()), tuple(name.lower() for name in names))


def with_warnings(view: View, host: VirtualHost, judged: Iterable[Secured]) -> VirtualHost:
    """Tell those whose certificate is served, or would be, what is wrong with it, and say when that changes."""
    held = [one for one in judged if isinstance(one.certificate, Certificate)]
    if host.certificate is None or not held:
        return host
    problems = [_exposed(one, field) for one in held for field in one.exposed]
    known = view.ask(validity, host.certificate.certificate)
    phase, awaits = _phase(view, known)
    for one in held:
        if one.certificate == host.certificate:
            problems += _warnings(one, host.host, known, phase)
    return replace(host, problems=(*host.problems, *problems), awaits=awaits, expires=known.ends)


def _phase(view: View, known: Validity) -> tuple[str, tuple[int, ...]]:
    """Say whether it is too early or too late for a certificate, and which moments change that."""
    begun = view.input(BEGUN)
    if begun is None:
        return "", ()
    moments = [known.begins, known.ends + 1]
    awaited = tuple(moment for moment in moments if moment > begun and not view.input(HAS_COME, moment))
    if known.ends + 1 not in awaited:
        return "late", awaited
    return "early" if known.begins in awaited else "", awaited


def _exposed(one: Secured, field: str) -> Problem:
    return Problem(
        one.claim.source,
        "PrivateKeyInCertificate",
        f"{field} holds a private key beside the certificate; it is left out of all that is sent.",
        "Take it out: whoever may read certificates can read it.",
    )


def _warnings(one: Secured, host: str, known: Validity, phase: str) -> Iterator[Problem]:
    source, field = one.claim.source, one.field
    if phase == "late":
        message = f"the certificate in {field} expired at {_as_text(known.ends)}."
        yield Problem(source, "CertificateExpired", message, RENEW)
    elif phase == "early":
        message = f"the certificate in {field} is not valid before {_as_text(known.begins)}."
        yield Problem(source, "CertificateNotYetValid", message, "Clients refuse it until then.")
    if not known.is_for(host):
        names = some_of(known.names, NAMES_AT_MOST)
        message = f"the certificate in {field} is for {names}, not for host {host}."
        yield Problem(source, "CertificateForOtherName", message, "Use a certificate that names the host.")


def _as_text(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
