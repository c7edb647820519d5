"""Reads certificates and keys the way an import into the Controller does."""

from __future__ import annotations

import base64
import binascii
import functools
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ako.sim.problems import ApiError, refuse

Json = dict[str, Any]

# What the API shows in the place of a secret.
SENSITIVE = "<sensitive>"
_STAMP = "%Y-%m-%d %H:%M:%S"
_SUBJECT_PARTS = {
    NameOID.COMMON_NAME: "common_name",
    NameOID.COUNTRY_NAME: "country",
    NameOID.EMAIL_ADDRESS: "email_address",
    NameOID.LOCALITY_NAME: "locality",
    NameOID.ORGANIZATION_NAME: "organization",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "organization_unit",
    NameOID.STATE_OR_PROVINCE_NAME: "state",
}
_CURVES = {
    "secp256r1": "SSL_KEY_EC_CURVE_SECP256R1",
    "secp384r1": "SSL_KEY_EC_CURVE_SECP384R1",
    "secp521r1": "SSL_KEY_EC_CURVE_SECP521R1",
}


def import_error(detail: str) -> ApiError:
    """Build the answer for a certificate or key that cannot be imported."""
    return refuse(500, f"Import error: common_name {detail}")


def pem_text(value: str, *, encoded: bool) -> str:
    """Return PEM text that may have come in base64."""
    if not encoded:
        return value
    try:
        return base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as problem:
        raise import_error(f"the text is not base64: {problem}") from None


@functools.lru_cache(maxsize=512)
def describe_certificate(pem: str) -> tuple[tuple[str, Any], ...]:
    """Return what the Controller shows of a certificate; ApiError if it is none."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return tuple(_description(certificate, pem).items())
    except (ValueError, UnsupportedAlgorithm, UnicodeEncodeError) as problem:
        raise import_error(f"cannot be read from the certificate: {problem}") from None


@functools.lru_cache(maxsize=512)
def key_parameters(key_pem: str, certificate_pem: str, passphrase: str) -> tuple[tuple[str, Any], ...]:
    """Return the parameters of a private key; ApiError if it is none or belongs to another certificate."""
    try:
        # The numbers themselves are not proven: that takes milliseconds per key, and no import relies on it here.
        key = serialization.load_pem_private_key(
            key_pem.encode(), passphrase.encode() or None, unsafe_skip_rsa_key_validation=True
        )
        public = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
        belongs = key.public_key() == public
    except (ValueError, TypeError, UnsupportedAlgorithm, UnicodeEncodeError) as problem:
        raise import_error(f"cannot be used: the private key cannot be read: {problem}") from None
    if not belongs:
        raise import_error("cannot be used: the private key does not belong to the certificate")
    return tuple(_key_params(key).items())


def _key_params(key: object) -> Json:
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        size = {"key_size": f"SSL_KEY_{key.key_size}_BITS", "exponent": 65537}
        return {"algorithm": "SSL_KEY_ALGORITHM_RSA", "rsa_params": size}
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        curve = _CURVES.get(key.curve.name, "SSL_KEY_EC_CURVE_SECP256R1")
        return {"algorithm": "SSL_KEY_ALGORITHM_EC", "ec_params": {"curve": curve}}
    raise import_error("cannot be used: neither an RSA nor an EC key")


def _description(certificate: x509.Certificate, pem: str) -> Json:
    digest = certificate.fingerprint(hashes.SHA1()).hex(":").upper()  # noqa: S303 - the API shows this digest
    public = certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    expired = certificate.not_valid_after_utc < datetime.now(UTC)
    return {
        "version": str(certificate.version.value),
        "serial_number": str(certificate.serial_number),
        "self_signed": certificate.issuer == certificate.subject,
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "subject_alt_names": _alternative_names(certificate),
        "signature_algorithm": certificate.signature_algorithm_oid._name,  # noqa: SLF001 - no public name for it
        "not_before": certificate.not_valid_before_utc.strftime(_STAMP),
        "not_after": certificate.not_valid_after_utc.strftime(_STAMP),
        "certificate": pem,
        "public_key": public.decode(),
        "fingerprint": f"SHA1 Fingerprint={digest}\n",
        "expiry_status": "SSL_CERTIFICATE_EXPIRED" if expired else "SSL_CERTIFICATE_GOOD",
    }


def _name(name: x509.Name) -> Json:
    parts = {_SUBJECT_PARTS[item.oid]: str(item.value) for item in name if item.oid in _SUBJECT_PARTS}
    return {**parts, "distinguished_name": ", ".join(item.rfc4514_string() for item in name.rdns)}


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in extension.value]


def settle_certificate(data: Json, secret_before: str) -> str:
    """Import the certificate and key of an SSLKeyAndCertificate in place; returns the private key to keep."""
    given = data["certificate"].get("certificate")
    if not given:
        if "certificate_signing_request" in data["certificate"]:
            return secret_before
        raise import_error("cannot be read: there is no certificate")
    pem = pem_text(given, encoded=data.get("certificate_base64", False))
    described = dict(describe_certificate(pem))
    data["certificate"] = {**data["certificate"], **described}
    key = data.pop("key", "")
    passphrase = data.pop("key_passphrase", "")
    if passphrase:
        data["key_passphrase"] = SENSITIVE
    if not key:
        if data.get("type") == "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE":
            raise import_error("cannot be used: a private key is needed")
        return ""
    if key == SENSITIVE:
        key = secret_before
    key = pem_text(key, encoded=data.get("key_base64", False))
    data["key_params"] = dict(key_parameters(key, pem, passphrase))
    return key


def settle_authorities(data: Json) -> None:
    """Import the certificates of a PKIProfile in place."""
    authorities = data.get("ca_certs", ())
    if any("fingerprint" not in authority for authority in authorities):
        described = [dict(describe_certificate(authority.get("certificate", ""))) for authority in authorities]
        data["ca_certs"] = [{**authority, **more} for authority, more in zip(authorities, described, strict=True)]
