"""Kubernetes objects in a few words, and a pipeline to feed them to."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Struct

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import Kind, NamespacedName
from ako.core.control import own_objects as own
from ako.core.engine.changes import Listed, Removed, Upserted
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.loading import Plugin, load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import CLOUD, SETTINGS, CloudFacts
from ako.core.settings import Settings, Sources, load_settings
from ako.testing.manifests import Manifest, ingress, ingress_class, secret, service
from ako.testing.manifests import endpoint_slice as endpoints

__all__ = ["Manifest", "endpoints", "ingress", "secret", "service"]

CLOUD_FACTS = CloudFacts(type="CLOUD_VCENTER", domains=(".com", "avi.internal"), version="20.1.5")
CLASS = ingress_class()
NOT_DEFAULT = {**CLASS, "metadata": {"name": "avi-lb"}}
"""Who names no class is not ours any more."""


def tls_secret(name: str, host: str = "shop.com", *, namespace: str = "default") -> Manifest:
    """Build a TLS Secret; the same host always gives the same certificate."""
    certificate, key = certificate_for(host)
    return secret(name, certificate, key, namespace=namespace)


@functools.cache
def certificate_for(host: str) -> tuple[str, str]:
    """Make a certificate and its key, once a host and process."""
    issued = trustme.CA().issue_cert(host)
    return issued.cert_chain_pems[0].bytes().decode(), issued.private_key_pem.bytes().decode()


def dated_certificate(begins: datetime, ends: datetime, *names: str, common_name: str = "") -> tuple[str, str]:
    """Make a certificate for a time, and its key; without names it has a common name only, as once was usual."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)] if common_name else [])
    draft = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), begins, ends)
    if names:
        draft = draft.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return draft.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode(), text


@functools.cache
def ed25519_certificate_for(host: str) -> tuple[str, str]:
    """Make a certificate with an Ed25519 key, which Avi does not take."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    days = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, *days)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return draft.sign(key, None).public_bytes(Encoding.PEM).decode(), text


def settings(**flags: object) -> Settings:
    """Load settings from helm keys, with dots written as two underscores."""
    return load_settings(Sources(flags={key.replace("__", "."): value for key, value in flags.items()})).settings


class Fed:
    """A pipeline that manifests are fed to."""

    def __init__(
        self, *plugins: str, using: Settings | None = None, cloud: CloudFacts = CLOUD_FACTS, more: Iterable[Plugin] = ()
    ) -> None:
        self.host = PluginHost([*load_plugins(plugins or ("ingress", "clusterip_routes")), *more])
        self.pipeline = Pipeline(self.host)
        self.pipeline.engine.set_input(SETTINGS, using or Settings())
        self.pipeline.engine.set_input(CLOUD, cloud)
        self.pipeline.apply([Listed(kind, {}) for kind in self.pipeline.store.kinds()])
        self.apply(CLASS)

    def apply(self, *manifests: Manifest) -> None:
        """Add or change objects."""
        self.pipeline.apply([self._upserted(manifest) for manifest in manifests])

    def delete(self, *manifests: Manifest) -> None:
        """Take objects away."""
        self.pipeline.apply([Removed(kind_of(manifest), name_of(manifest)) for manifest in manifests])

    def _upserted(self, manifest: Manifest) -> Upserted:
        return Upserted(kind_of(manifest), name_of(manifest), records_of(manifest, (*self.host.watched, *own.KINDS)))


def records_of(manifest: Manifest, kinds: Iterable[WatchedKind]) -> dict[type[Struct], Struct]:
    """Decode a manifest into every record declared for its kind."""
    declared = [kind for kind in kinds if kind.kind == kind_of(manifest)]
    types = [record for kind in declared for record in (kind.record, kind.status) if record is not None]
    return {record: msgspec.convert(manifest, record) for record in types}


def kind_of(manifest: Manifest) -> Kind:
    """Give the kind of a manifest."""
    group, _, version = str(manifest["apiVersion"]).rpartition("/")
    return Kind(group, version, str(manifest["kind"]))


def name_of(manifest: Manifest) -> NamespacedName:
    """Give the name of a manifest."""
    metadata = manifest["metadata"]
    return NamespacedName(metadata.get("namespace", ""), metadata["name"])
