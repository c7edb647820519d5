"""Certificates and PKI profiles."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType, field

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject

SERVER_CERTIFICATE = "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE"
CA_CERTIFICATE = "SSL_CERTIFICATE_TYPE_CA"
"""Type of the certificate of an authority, which has no key."""


class CertificateText(Struct, frozen=True):
    """A PEM text.

    Attributes:
        certificate: the text.
    """

    certificate: str = ""

    def __repr__(self) -> str:
        return "CertificateText(…)"


class CaReference(Struct, frozen=True):
    """A CA certificate that completes a chain.

    Attributes:
        ca_ref: the object of it.
    """

    ca_ref: AviRef


class SSLKeyAndCertificate(AviObject, frozen=True, kw_only=True):
    """A certificate with its private key (or a CA certificate without one).

    The key is never given back by the Controller. It need not be: a key that fits a certificate is determined by it,
    so an equal certificate means an equal key.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        certificate_type: that of a virtual service, or `CA_CERTIFICATE`.
        certificate: the certificate.
        key: PEM text of the private key; in no message and no `repr`.
        ca_certs: what completes its chain.
    """

    avi_type: ClassVar[str] = "sslkeyandcertificate"
    created_from: ClassVar[frozenset[str]] = frozenset({"certificate_type"})
    write_only: ClassVar[frozenset[str]] = frozenset({"key"})

    created_by: str | None = None
    certificate_type: str = field(name="type", default=SERVER_CERTIFICATE)
    certificate: CertificateText = CertificateText()
    key: str | UnsetType = UNSET
    ca_certs: tuple[CaReference, ...] = ()

    def __repr__(self) -> str:
        return f"SSLKeyAndCertificate({self.name})"


class PKIProfile(AviObject, frozen=True, kw_only=True):
    """CA certificates that servers are verified against.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        crl_check: revocation lists are looked at, of which there must be some then.
        ca_certs: the certificates of the authorities.
    """

    avi_type: ClassVar[str] = "pkiprofile"

    created_by: str | None = None
    crl_check: bool = True
    ca_certs: tuple[CertificateText, ...] = ()
