"""TLS Secrets and inline certificates: do they hold a certificate, and does the key fit it?"""

from __future__ import annotations

import base64
import binascii

from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.records import Secret, SecretData
from ako.core.hooks.tls import Certificate, InlineCertificate, Tls
from ako.core.settle.pem import certificates_only, hold_certificates, holds_private_key, misfit, why_no_text


class Held(Struct, frozen=True):
    """A certificate as somebody holds it.

    Attributes:
        certificate: what of it may be told: no text but certificates, and the key.
        field: where it is written, for messages.
        exposed: the fields in which private keys stand beside certificates; these are left out.
    """

    certificate: Certificate
    field: str
    exposed: tuple[str, ...] = ()


class NoCertificate(Struct, frozen=True):
    """There is none to be had: an answer like any other, with the words to report it."""

    reason: str
    message: str
    remedy: str


def certificate_in_secret(view: View, secret: NamespacedName) -> Held | NoCertificate:
    """Read the certificate of a TLS Secret (a query).

    A Secret that does not exist is an answer. One that is there but holds garbage, or a key that does not fit, is
    unreadable: `Unknown` is raised, so that the version before it stays in force.
    """
    found = view.get(Secret, *secret)
    if found is None:
        return NoCertificate(
            "SecretNotFound",
            f"secret: {secret} does not exist",
            "Create the TLS Secret or name another one; what needs it is served as soon as it is there.",
        )
    try:
        certificate, key = _text(found, "certificate", "tls.crt"), _text(found, "key", "tls.key")
    except ValueError as error:
        raise Unknown(f"secret: {secret}: {error}") from None
    for entry, text in (("tls.crt", certificate), ("tls.key", key)):
        if not text:
            raise Unknown(f"secret: {secret} has no {entry}")
    if fault := misfit(certificate, key):
        raise Unknown(f"secret: {secret}: {fault}")
    field = f"tls.crt of secret: {secret}"
    exposed = (field,) if holds_private_key(certificate) else ()
    return Held(Certificate(certificates_only(certificate), key), field, exposed)


def certificate_inline(inline: InlineCertificate, destination_ca: str) -> Held:
    """Give the certificate that a claim itself brings; whether it can be read says `fault_of`."""
    texts = (inline.certificate, inline.ca_certificate, destination_ca)
    fields = (inline.fields[0], inline.fields[2], "the destination CA certificate")
    exposed = tuple(field for field, text in zip(fields, texts, strict=True) if holds_private_key(text))
    certificate, authority = certificates_only(inline.certificate), certificates_only(inline.ca_certificate)
    return Held(Certificate(certificate, inline.key, authority), fields[0], exposed)


def fault_of(tls: Tls) -> str:
    """Say what is wrong with the PEM texts that a claim itself brings; empty if nothing is."""
    inline = tls.certificate
    if isinstance(inline, InlineCertificate):
        if fault := misfit(inline.certificate, inline.key, inline.fields[:2]):
            return fault
        if inline.ca_certificate and not hold_certificates(inline.ca_certificate):
            return f"{inline.fields[2]} holds no readable PEM certificates"
    if tls.destination_ca and not hold_certificates(tls.destination_ca):
        return "the destination CA certificate holds no readable PEM certificates"
    return ""


def _text(secret: Secret, field: str, entry: str) -> str:
    """Give an entry of a Secret, empty if there is none.

    Raises:
        ValueError: it is no text; the words say what it is, and quote nothing of it.
    """
    plain = getattr(secret.string_data or SecretData(), field)
    if plain is not None:
        return str(plain)
    encoded = getattr(secret.data or SecretData(), field) or ""
    try:
        # Broken over lines it is base64 too: kustomize and `base64` write it so.
        return base64.b64decode("".join(encoded.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError(why_no_text(encoded, entry)) from None
