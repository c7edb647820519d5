"""PEM texts: which of their blocks may leave, and does a key fit the certificate? Pure.

`cryptography` is loaded where it is first needed: most processes that import this module never see a certificate.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

_BLOCK = re.compile(r"-----BEGIN ((?:X509 )?CERTIFICATE)-----(?:(?!-----).)+-----END \1-----", re.DOTALL)
"""Nothing that has a frame of its own lies within; single dashes may, in the headers that PEM has room for."""
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")


def certificates_in(text: str) -> tuple[str, ...]:
    """Give the blocks of a PEM text that are certificates, in their order."""
    return tuple(found[0] for found in _BLOCK.finditer(text))


def certificates_only(text: str) -> str:
    """Give a PEM text without all that is no certificate: a private key in it must not be told to anybody.

    A text that holds nothing else stays as it is.
    """
    return text if not _BLOCK.sub("", text).strip() else "".join(f"{block}\n" for block in certificates_in(text))


def holds_private_key(text: str) -> bool:
    """Say whether a private key is in a text, whatever its form."""
    return _PRIVATE_KEY.search(text) is not None


def hold_certificates(text: str) -> bool:
    """Say whether a PEM text holds certificates, all of them readable."""
    from cryptography import x509  # noqa: PLC0415

    try:
        return bool(x509.load_pem_x509_certificates(certificates_only(text).encode()))
    except ValueError:
        return False


def why_no_text(encoded: str, field: str) -> str:
    """Say what is in an entry of a Secret whose base64 is no text."""
    try:
        raw = base64.b64decode("".join(encoded.split()), validate=True)
    except binascii.Error:
        return f"{field} is not base64"
    return f"{field} {_binary(raw) or 'holds no text'}"


def _binary(raw: bytes) -> str:
    """Say what binary form bytes have, with what to do about it; empty if they have none that is known."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415

    if not raw.startswith(b"\x30"):  # every DER form of a certificate or key is a SEQUENCE
        return ""
    try:
        x509.load_der_x509_certificate(raw)
    except ValueError:
        pass
    else:
        return "holds a DER certificate, not PEM; convert it with `openssl x509 -inform der`"
    try:
        load_der_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "holds binary data, perhaps PKCS#12, not PEM"
    return "holds a DER key, not PEM; convert it with `openssl pkey -inform der`"


def _why_no_pem(text: str, what: str) -> str:
    """Say why a text cannot be read as PEM; base64 without its frame is DER."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return f"holds no readable PEM {what}"
    return _binary(raw) or f"holds no readable PEM {what}"


def misfit(certificate: str, key: str, fields: tuple[str, str] = ("tls.crt", "tls.key")) -> str:
    """Say what is wrong with a certificate and its key (PEM texts); empty if they fit.

    `fields` says in which fields they are, in the words of whoever wrote them.

    Args:
        certificate: PEM text.
        key: PEM text.
        fields: where the two are written, for the message.
    """
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        return f"{fields[0]} {_why_no_pem(certificate, 'certificate')}"
    except UnsupportedAlgorithm:
        return f"the certificate in {fields[0]} is for a key of an unknown type; Avi takes RSA and EC keys only"
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        kind = type(public).__name__.removesuffix("PublicKey").strip("_")
        return f"the certificate in {fields[0]} is for a key of type {kind}; Avi takes RSA and EC keys only"
    try:
        # The Controller validates the numbers of an RSA key; here it only has to belong to the certificate.
        private = load_pem_private_key(key.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return f"{fields[1]} {_why_no_pem(key, 'private key without a password')}"
    if private.public_key() == public:
        return ""
    if place := _place_in_chain(certificates_in(certificate), private.public_key()):
        return (
            f"the key in {fields[1]} fits block {place} of {fields[0]}, not the first: the chain is in the wrong "
            "order; the certificate of the key comes first"
        )
    return f"the key in {fields[1]} does not fit the certificate in {fields[0]}"


def _place_in_chain(blocks: Sequence[str], public: Any) -> int:
    """Give which certificate of a chain a public key belongs to, counted from 1; 0 for none."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    for place, block in enumerate(blocks, 1):
        try:
            if x509.load_pem_x509_certificate(block.encode()).public_key() == public:
                return place
        except (ValueError, UnsupportedAlgorithm):
            continue
    return 0
