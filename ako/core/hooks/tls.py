"""How a host is to be served over TLS, and what it presents."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ako.core.base.refs import NamespacedName


class Termination(Enum):
    """Where TLS ends."""

    EDGE = "edge"
    REENCRYPT = "reencrypt"
    PASSTHROUGH = "passthrough"


class InsecurePolicy(Enum):
    """What happens to plain HTTP requests for a host that is served over TLS."""

    NONE = "None"
    ALLOW = "Allow"
    REDIRECT = "Redirect"


class InlineCertificate(Struct, frozen=True):
    """A certificate written into the source object itself.

    Attributes:
        certificate: PEM text.
        key: PEM text of its private key; in no message and no `repr`.
        ca_certificate: PEM text of the authority that signed it; empty for none.
        fields: the places of the three in the object, for messages.
    """

    certificate: str
    key: str
    ca_certificate: str = ""
    fields: tuple[str, str, str] = ("certificate", "key", "caCertificate")

    def __repr__(self) -> str:
        return "InlineCertificate(***)"


class Tls(Struct, frozen=True):
    """How a claim wants its host served over TLS.

    Attributes:
        termination: where TLS ends.
        certificate: the name of a TLS Secret, or the texts themselves; None is for passthrough only.
        insecure: what becomes of plain HTTP requests.
        destination_ca: PEM text that the servers are verified against, for `Termination.REENCRYPT`; empty for none.
        named_by: what names the Secret, if that is not the source object itself, for messages.
    """

    termination: Termination
    certificate: NamespacedName | InlineCertificate | None = None
    insecure: InsecurePolicy = InsecurePolicy.REDIRECT
    destination_ca: str = ""
    named_by: str = ""


class Certificate(Struct, frozen=True):
    """A certificate whose key was seen to fit it.

    Attributes:
        certificate: PEM text.
        key: PEM text of its private key; in no message and no `repr`.
        ca_certificate: PEM text of the authority that signed it; empty for none.
    """

    certificate: str
    key: str
    ca_certificate: str = ""

    def __repr__(self) -> str:
        return "Certificate(***)"
