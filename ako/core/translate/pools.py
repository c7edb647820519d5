"""Path rules → pools and pool group members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET, Struct

from ako.core.base.refs import AviRef, ObjectRef
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, PlacementFault, Problem, ServedRule
from ako.core.hooks.placement import servers_of
from ako.core.hooks.site import Site
from ako.core.hooks.tls import Termination
from ako.core.hooks.translation import NamedRule
from ako.core.model import AviObject, CertificateText, PKIProfile, Pool, PoolGroup, PoolGroupMember
from ako.core.translate.metadata import pool_metadata
from ako.core.translate.rule_names import pki_profile_name

_MONITORS = {"TCP": "System-TCP", "UDP": "System-UDP"}


class BuiltPool(Struct, frozen=True):
    """A pool as it is built for one backend of a rule.

    Attributes:
        pool: the pool.
        weight: its share of the path.
        pki_profile: what its servers are verified against; None if they are not.
    """

    pool: Pool
    weight: int
    pki_profile: PKIProfile | None

    @property
    def objects(self) -> tuple[AviObject, ...]:
        """Give what has to be written."""
        return (self.pool, self.pki_profile) if self.pki_profile else (self.pool,)

    def member(self, label: str | None = None) -> PoolGroupMember:
        """Give its entry in a pool group."""
        return PoolGroupMember(self.pool.ref, UNSET if label is None else label, self.weight)


class PoolBuilder(Struct, frozen=True):
    """Builds the pools of path rules at one site.

    Attributes:
        view: through which servers are found.
        site: the site.
    """

    view: View
    site: Site

    def build(self, served: ServedRule, host: str, base_name: str) -> Iterator[BuiltPool]:
        """Build a pool for each backend of a rule; its name ends with the Service where the source wants that."""
        for backend in served.rule.backends:
            name = f"{base_name}-{backend.service}" if served.claim.names_service else base_name
            yield self._pool(served, host, backend, name)

    def build_named(self, rule: NamedRule, host: str) -> Iterator[BuiltPool]:
        """Build a pool for each backend of a rule that has names."""
        for backend, name in zip(rule.served.rule.backends, rule.pools, strict=True):
            yield self._pool(rule.served, host, backend, name)

    def group(self, name: str, built: Iterable[BuiltPool]) -> PoolGroup:
        """Build the pool group by which a rule leads to its pools."""
        members = tuple(pool.member() for pool in built)
        return PoolGroup(name=name, created_by=self.site.names.created_by, cloud_ref=self.site.cloud, members=members)

    def _pool(self, served: ServedRule, host: str, backend: Backend, name: str) -> BuiltPool:
        reencrypts = served.claim.tls is not None and served.claim.tls.termination is Termination.REENCRYPT
        pki_profile = self._pki_profile(served, name) if reencrypts else None
        pool = Pool(
            name=name,
            created_by=self.site.names.created_by,
            cloud_ref=self.site.cloud,
            vrf_ref=self.site.vrf,
            service_metadata=pool_metadata(served.claim.source.namespaced_name, host, backend.weight),
            sni_enabled=reencrypts,
            ssl_profile_ref=AviRef("sslprofile", "System-Standard") if reencrypts else None,
            pki_profile_ref=pki_profile.ref if pki_profile else None,
            health_monitor_refs=(AviRef("healthmonitor", _MONITORS.get(backend.protocol, "System-TCP")),),
            placement_networks=self.site.placement_networks,
            servers=servers_of(self.view, backend).servers,
        )
        return BuiltPool(pool, backend.weight, pki_profile)

    def _pki_profile(self, served: ServedRule, pool_name: str) -> PKIProfile | None:
        destination_ca = served.claim.tls.destination_ca if served.claim.tls else ""
        if not destination_ca:
            return None
        return PKIProfile(
            name=pki_profile_name(pool_name),
            created_by=self.site.names.created_by,
            crl_check=False,
            ca_certs=(CertificateText(destination_ca),),
        )

    def placement_problems(self, rules: Iterable[ServedRule]) -> Iterator[Problem]:
        """Give what the placement of the rules' backends complained of, once for each source with its paths."""
        hit: dict[tuple[ObjectRef, PlacementFault], dict[str, None]] = {}
        for served in rules:
            for backend in served.rule.backends:
                for fault in servers_of(self.view, backend).faults:
                    where = f"{served.claim.host}{served.rule.path}"
                    hit.setdefault((served.claim.source, fault), {})[where] = None
        for (source, fault), places in hit.items():
            first, *others = places
            more = f" and {len(others)} more" if others else ""
            yield Problem(source, fault.reason, f"{first}{more}: {fault.message}", fault.remedy)
