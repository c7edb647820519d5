"""The certificates that virtual services show, and how servers over TLS are called."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from ako.sim.data_plane.dialect import serves_without_child
from ako.sim.data_plane.objects import Objects
from ako.sim.store import Record
from ako.sim.tls import context_of

_KEPT = 1024


class Certificates:
    """Makes contexts of the programmed objects, once for each state of them."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._made: dict[tuple[str, ...], ssl.SSLContext] = {}

    def shown_by(self, service: Record) -> ssl.SSLContext | None:
        """Give the context of the certificates of a virtual service; None where it has none.

        Raises:
            ssl.SSLError: for a certificate that OpenSSL does not take.
        """
        records = self._objects.follow_all(service.data.get("ssl_key_and_certificate_refs", ()))
        if not serves_without_child(has_certificate=bool(records)):
            return None
        chains = [(record, self._chain(record)) for record in records]
        key = tuple(_state(one) for record, chain in chains for one in (record, *chain))
        if key not in self._made:
            context = context_of(*(_pem(record, chain) for record, chain in chains))
            context.set_alpn_protocols(["http/1.1"])
            self._keep(key, context)
        return self._made[key]

    def calling(self, pool: Record) -> ssl.SSLContext | None:
        """Give the context to call the servers of a pool with; None where they speak plainly.

        Without a PKI profile whoever answers is believed, as a Controller has it. Names are looked at by the caller.
        """
        if "ssl_profile_ref" not in pool.data:
            return None
        authority = self._objects.follow(pool.data.get("pki_profile_ref"))
        key = ("calling", _state(authority) if authority is not None else "")
        if key not in self._made:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            if authority is None:
                context.verify_mode = ssl.CERT_NONE
            else:
                context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
                if texts := [one["certificate"] for one in authority.data.get("ca_certs", ())]:
                    context.load_verify_locations(cadata="\n".join(texts))
            self._keep(key, context)
        return self._made[key]

    def _keep(self, key: tuple[str, ...], context: ssl.SSLContext) -> None:
        if len(self._made) >= _KEPT:
            self._made.clear()
        self._made[key] = context

    def _chain(self, record: Record) -> list[Record]:
        return self._objects.follow_all(entry.get("ca_ref") for entry in record.data.get("ca_certs", ()))


def has_name(certificate: bytes, names: Sequence[str]) -> bool:
    """Say whether a certificate (DER) is for any of some names: of hosts, or addresses."""
    read = x509.load_der_x509_certificate(certificate)
    try:
        listed = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = listed.get_values_for_type(x509.DNSName)
        addresses = {str(one) for one in listed.get_values_for_type(x509.IPAddress)}
    except x509.ExtensionNotFound:
        hosts = [str(one.value) for one in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        addresses = set()
    return any(_address(name) in addresses or any(_covers(host, name) for host in hosts) for name in names)


def _covers(pattern: str, name: str) -> bool:
    """Say whether a name of a certificate is for a host; `*` stands for one label, the first."""
    pattern, name = pattern.lower(), name.lower()
    return pattern == name or (pattern.startswith("*.") and pattern[1:] == f".{name.partition('.')[2]}")


def _address(name: str) -> str | None:
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        return None


def _state(record: Record) -> str:
    return f"{record.uuid} {record.data.get('_last_modified')}"


def _pem(record: Record, chain: list[Record]) -> str:
    certificates = [one.data["certificate"]["certificate"] for one in (record, *chain)]
    return "\n".join([record.secret, *certificates])
