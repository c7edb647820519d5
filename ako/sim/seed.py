"""Furnishes a fresh Controller: the system objects, the default cloud, and what the baseline asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from importlib import resources
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ako.sim.ipam import PUBLIC_CLOUDS
from ako.sim.options import Baseline
from ako.sim.problems import ApiError
from ako.sim.references import ADMIN
from ako.sim.schema import Schema, Version
from ako.sim.store import Record, Store
from ako.sim.writes import DEFAULT_CLOUD, Scope, Writer

Json = dict[str, Any]

NETWORK = "net123"
_TYPED_RANGES_SINCE: Version = (20, 1, 3)
DNS_DOMAINS = ("avi.internal", ".com")


class Seeder:
    """Creates the initial objects through the same checks as the API."""

    def __init__(self, schema: Schema, store: Store, writer: Writer, scope: Scope) -> None:
        self._schema = schema
        self._store = store
        self._writer = writer
        self._scope = scope

    def furnish(self, baseline: Baseline, version: Version) -> None:
        """Create the initial objects of a release."""
        self._create("tenant", {"name": ADMIN}, slug=ADMIN)
        self._create("user", {"name": "admin", "username": "admin", "is_superuser": True}, slug="user-1")
        with_cloud = {"name": DEFAULT_CLOUD, "vtype": "CLOUD_VCENTER"}
        cloud = self._create("cloud", with_cloud)
        self._system_objects()
        self._certificates()
        given = {network.get("name") for network in baseline.networks}
        own = [] if NETWORK in given else [_default_network(older=version < _TYPED_RANGES_SINCE)]
        self._networks([*own, *baseline.networks])
        self._profiles(cloud, baseline, version)
        user = Scope(ADMIN, self._scope.validator)
        for kind, items in _of_baseline(baseline):
            for item in items:
                self._merge(kind, item, user)

    def _create(self, kind: str, body: Json, slug: str = "") -> Record:
        return self._writer.create(self._schema.kinds[kind], body, self._scope, slug)

    def _merge(self, kind: str, item: Json, scope: Scope) -> None:
        """Change the object of that name, or create it."""
        name = item.get("name", "")
        found = [record for record in self._store.named(kind, name) if record.tenant == ADMIN]
        if not found:
            self._writer.create(self._schema.kinds[kind], item, scope)
            return
        cleared = {key: value for key, value in item.items() if value is None}
        fields = {key: value for key, value in item.items() if value is not None}
        body = {"replace": fields, "delete": cleared} if cleared else {"replace": fields}
        self._writer.patch(self._schema.kinds[kind], found[0].uuid, body, scope)

    def _system_objects(self) -> None:
        raw = resources.files("ako.sim").joinpath("data/system_objects.json").read_bytes()
        for kind, body in msgspec.json.decode(raw)["objects"]:
            try:
                self._create(kind, body)
            except ApiError as problem:
                # Which ones there are depends on the release: an older one lacks the values of newer ones.
                if problem.status != 400:
                    raise

    def _certificates(self) -> None:
        raw = resources.files("ako.sim").joinpath("data/system_objects.json").read_bytes()
        key = ec.generate_private_key(ec.SECP256R1())
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        for name in msgspec.json.decode(raw)["certificates"]:
            kind = "CA" if name.endswith("Root-CA") else "VIRTUALSERVICE"
            body = {
                "name": name,
                "type": f"SSL_CERTIFICATE_TYPE_{kind}",
                "certificate": {"certificate": _self_signed(name, key)},
                "key": text,
            }
            self._create("sslkeyandcertificate", body)

    def _networks(self, networks: Iterable[Json]) -> None:
        user = Scope(ADMIN, self._scope.validator)
        for network in networks:
            body = {"vrf_context_ref": "/api/vrfcontext/?name=global", **network}
            self._writer.create(self._schema.kinds["network"], body, user)

    def _profiles(self, cloud: Record, baseline: Baseline, version: Version) -> None:
        """Create the IPAM and DNS profiles of the default cloud and give them to it."""
        user = Scope(ADMIN, self._scope.validator)
        networks = [record.uuid for record in self._store.all_of("network") if record.cloud == cloud.uuid]
        older = version < _TYPED_RANGES_SINCE
        usable = (
            {"usable_network_refs": networks} if older else {"usable_networks": [{"nw_ref": uuid} for uuid in networks]}
        )
        domains = DNS_DOMAINS if baseline.dns_domains is None else baseline.dns_domains
        create = self._writer.create
        kind = self._schema.kinds["ipamdnsproviderprofile"]
        ipam = {"name": "ipam-profile", "type": "IPAMDNS_TYPE_INTERNAL", "internal_profile": usable}
        served = [{"domain_name": domain} for domain in domains]
        dns = {
            "name": "dns-profile",
            "type": "IPAMDNS_TYPE_INTERNAL_DNS",
            "internal_profile": {"dns_service_domain": served},
        }
        fields = {"ipam_provider_ref": create(kind, ipam, user).uuid}
        if domains:
            fields["dns_provider_ref"] = create(kind, dns, user).uuid
        if baseline.cloud.get("vtype") in PUBLIC_CLOUDS:
            del fields["ipam_provider_ref"]  # they allocate addresses themselves
        self._merge("cloud", {"name": DEFAULT_CLOUD, **fields}, user)


def _of_baseline(baseline: Baseline) -> list[tuple[str, list[Json]]]:
    cloud = [{"name": DEFAULT_CLOUD, **baseline.cloud}] if baseline.cloud else []
    return [
        ("tenant", baseline.tenants),
        ("cloud", [*cloud, *baseline.clouds]),
        ("serviceenginegroup", baseline.serviceenginegroups),
        ("vrfcontext", baseline.vrfcontexts),
    ]


def _default_network(*, older: bool) -> Json:
    """Return a network that hands out 10.250.0.0/16 and lets any other address be asked for."""
    subnets = [
        ("10.250.0.0", 16, "10.250.0.1", "10.250.255.254", "V4"),
        ("0.0.0.0", 0, "1.0.0.1", "223.255.255.254", "V4"),  # noqa: S104 - an address range, not a socket
        ("2001:db8:250::", 64, "2001:db8:250::1", "2001:db8:250::ffff", "V6"),
    ]
    return {"name": NETWORK, "configured_subnets": [_subnet(subnet, older=older) for subnet in subnets]}


def _subnet(subnet: tuple[str, int, str, str, str], *, older: bool) -> Json:
    address, mask, begin, end, family = subnet
    span = {"begin": {"addr": begin, "type": family}, "end": {"addr": end, "type": family}}
    prefix = {"ip_addr": {"addr": address, "type": family}, "mask": mask}
    if older:
        return {"prefix": prefix, "static_ranges": [span]}
    return {"prefix": prefix, "static_ip_ranges": [{"type": "STATIC_IPS_FOR_VIP_AND_SE", "range": span}]}


def _self_signed(name: str, key: ec.EllipticCurvePrivateKey) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=365 * 30))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
