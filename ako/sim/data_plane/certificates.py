"""The certificates that virtual services show, and how servers over TLS are called."""

from __future__ import annotations

import ssl

from ako.sim.data_plane.dialect import serves_without_child, trusts_names
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
        """Give the context of the certificates of a virtual service; None where it has none."""
        records = self._objects.follow_all(service.data.get("ssl_key_and_certificate_refs", ()))
        if not serves_without_child(has_certificate=bool(records)):
            return None
        chains = [(record, self._chain(record)) for record in records]
        key = tuple(_state(one) for record, chain in chains for one in (record, *chain))
        if key not in self._made:
            if len(self._made) >= _KEPT:
                self._made.clear()
            texts = [_pem(record, chain) for record, chain in chains]
            context = context_of(*texts)
            context.set_alpn_protocols(["http/1.1"])
            self._made[key] = context
        return self._made[key]

    def calling(self, pool: Record, name: str) -> ssl.SSLContext | None:
        """Give the context to call the servers of a pool with; None where they speak plainly.

        Without a PKI profile whoever answers is believed, as a Controller has it.
        """
        if "ssl_profile_ref" not in pool.data:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        authorities = self._objects.data(pool.data, "pki_profile_ref").get("ca_certs", ())
        if "pki_profile_ref" in pool.data:
            context.check_hostname = bool(name) and trusts_names(host_check=bool(pool.data.get("host_check_enabled")))
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.load_verify_locations(cadata="\n".join(one["certificate"] for one in authorities))
        else:
            context.verify_mode = ssl.CERT_NONE
        return context

    def _chain(self, record: Record) -> list[Record]:
        return self._objects.follow_all(entry.get("ca_ref") for entry in record.data.get("ca_certs", ()))


def _state(record: Record) -> str:
    return f"{record.uuid} {record.data.get('_last_modified')}"


def _pem(record: Record, chain: list[Record]) -> str:
    certificates = [one.data["certificate"]["certificate"] for one in (record, *chain)]
    return "\n".join([record.secret, *certificates])
