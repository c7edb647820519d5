"""What a certificate says of itself: whom it is for, who signed it, and until when it is good. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ako.core.explain.answer import CertificateTold
from ako.core.settle.pem import certificates_in

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name


def certificate_read(text: str) -> CertificateTold | None:
    """Read the first certificate of a PEM text; None if there is none that can be read.

    Args:
        text: PEM.
    """
    from cryptography import x509  # noqa: PLC0415 - most processes that import this module never see a certificate

    blocks = certificates_in(text)
    if not blocks:
        return None
    try:
        found = x509.load_pem_x509_certificate(blocks[0].encode())
        subject = _words(found.subject) or _first_name(found)
        return CertificateTold(
            subject=subject,
            issuer=subject if found.issuer == found.subject else _other_words(found.issuer, than=subject),
            not_before=f"{found.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
            not_after=f"{found.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
            serial=f"{found.serial_number:x}",
        )
    except ValueError:
        return None


def in_one_line(told: CertificateTold) -> str:
    """Say of a certificate whom it is for, who signed it, and until when it is good."""
    return f"{told.subject}, {signed_by(told)}, valid until {told.not_after}"


def signed_by(told: CertificateTold) -> str:
    """Say who signed a certificate."""
    return "self-signed" if told.issuer == told.subject else f"issued by {told.issuer}"


def _words(name: Name) -> str:
    """Give a common name, or the whole name where there is none."""
    from cryptography.x509 import NameOID  # noqa: PLC0415

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _other_words(name: Name, *, than: str) -> str:
    """Give the words for another name: the whole of it where the common one is the same, and seems no other."""
    words = _words(name)
    return name.rfc4514_string() if words == than else words


def _first_name(found: Certificate) -> str:
    """Give the first DNS name of a certificate without a subject, of which there are more and more."""
    from cryptography import x509  # noqa: PLC0415

    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return "(no subject)"
    return next(iter(extension.value.get_values_for_type(x509.DNSName)), "(no subject)")
