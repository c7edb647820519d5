"""TLS Secrets and inline certificates: do they hold a certificate, and does the key fit it?"""

from __future__ import annotations

import base64
import binascii

from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Certificate, InlineCertificate, Tls
from ako.core.hooks.records import Secret, SecretData


class NoCertificate(Struct, frozen=True):
    """There is none to be had: an answer like any other, with the words to report it."""

    reason: str
    message: str
    remedy: str


def certificate_in_secret(view: View, secret: NamespacedName) -> Certificate | NoCertificate:
    """Read the certificate of a TLS Secret (a query).

    A Secret that does not exist is an answer. One that is there but holds garbage, or a key that does not fit, is
    unreadable: `Unknown` is raised, so that the version before it stays in force.
    """
    found = view.get(Secret, *secret)
    if found is None:
        return NoCertificate(
            "SecretNotFound",
            f"secret: {secret} does not exist",
            "Create the TLS Secret or name another one; the host is served as soon as it is there.",
        )
    certificate, key = _text(found, "certificate"), _text(found, "key")
    for entry, text in (("tls.crt", certificate), ("tls.key", key)):
        if not text:
            raise Unknown(f"secret: {secret} has no {entry}")
    if fault := misfit(certificate, key):
        raise Unknown(f"secret: {secret}: {fault}")
    return Certificate(certificate, key)


def fault_of(tls: Tls) -> str:
    """Say what is wrong with the PEM texts that a claim itself brings; empty if nothing is."""
    inline = tls.certificate
    if isinstance(inline, InlineCertificate):
        if fault := misfit(inline.certificate, inline.key, inline.fields[:2]):
            return fault
        if inline.ca_certificate and not _holds_certificates(inline.ca_certificate):
            return f"{inline.fields[2]} holds no readable PEM certificates"
    if tls.destination_ca and not _holds_certificates(tls.destination_ca):
        return "the destination CA certificate holds no readable PEM certificates"
    return ""


def _holds_certificates(text: str) -> bool:
    from cryptography import x509  # noqa: PLC0415 - as below

    try:
        return bool(x509.load_pem_x509_certificates(text.encode()))
    except ValueError:
        return False


def misfit(certificate: str, key: str, fields: tuple[str, str] = ("tls.crt", "tls.key")) -> str:
    """Say what is wrong with a certificate and its key (PEM texts); empty if they fit.

    `fields` says in which fields they are, in the words of whoever wrote them.
    """
    # Loaded where it is first needed: most processes that import this module never see a certificate.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        return f"{fields[0]} holds no readable PEM certificate"
    except UnsupportedAlgorithm:
        return f"the certificate in {fields[0]} is for a key of an unknown type; Avi takes RSA and EC keys only"
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        kind = type(public).__name__.removesuffix("PublicKey").strip("_")
        return f"the certificate in {fields[0]} is for a key of type {kind}; Avi takes RSA and EC keys only"
    try:
        # The Controller validates the numbers of an RSA key; here it only has to belong to the certificate.
        private = load_pem_private_key(key.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return f"{fields[1]} holds no readable PEM private key without a password"
    if private.public_key() != public:
        return f"the key in {fields[1]} does not fit the certificate in {fields[0]}"
    return ""


def _text(secret: Secret, field: str) -> str:
    plain = getattr(secret.string_data or SecretData(), field)
    if plain is not None:
        return str(plain)
    encoded = getattr(secret.data or SecretData(), field)
    try:
        # Broken over lines it is base64 too: kustomize and `base64` write it so.
        return base64.b64decode("".join((encoded or "").split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
