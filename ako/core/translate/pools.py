"""Path rules → pools and pool group members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import UNSET, Struct

from ako.core.base.refs import AviRef, ObjectRef
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, PlacementFault, Problem, ServedRule, Termination
from ako.core.hooks.placement import servers_of
from ako.core.hooks.site import Site
from ako.core.model import AviObject, CertificateText, PKIProfile, Pool, PoolGroupMember
from ako.core.model.names import MAX_NAME_BYTES
from ako.core.translate.metadata import pool_metadata

_MONITORS = {"TCP": "System-TCP", "UDP": "System-UDP"}


class BuiltPool(Struct, frozen=True):
    """A pool, its share of the path, and the PKI profile it needs beside it."""

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
    """Builds the pools of path rules at one site."""

    view: View
    site: Site

    def build(self, served: ServedRule, host: str, base_name: str) -> Iterator[BuiltPool]:
        """Build a pool for each backend of a rule; its name ends with the Service where the source wants that."""
        for backend in served.rule.backends:
            yield self._pool(served, host, backend, base_name)

    def _pool(self, served: ServedRule, host: str, backend: Backend, base_name: str) -> BuiltPool:
        name = f"{base_name}-{backend.service}" if served.claim.names_service else base_name
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
            name=f"{pool_name}-pkiprofile",
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


class NamedRule(Struct, frozen=True):
    """A served rule and the name its objects get."""

    served: ServedRule
    name: str

    @property
    def longest_name(self) -> str:
        """Give the longest name of its objects: that of a pool, where these end with the Service."""
        backends = self.served.rule.backends if self.served.claim.names_service else ()
        return max((f"{self.name}-{backend.service}" for backend in backends), key=len, default=self.name)


def name_rules(
    rules: Iterable[ServedRule], name: Callable[[ServedRule], str]
) -> tuple[tuple[NamedRule, ...], tuple[Problem, ...]]:
    """Name rules; of two that would get one name the older source's stands, and names too long for Avi are refused.

    `/a_b` and `/a/b` of one object, or `a-b`/`c` and `a`/`b-c` as namespace and name, give one name.
    """
    named = [NamedRule(served, name(served)) for served in rules]
    holders: dict[str, ServedRule] = {}
    for candidate in sorted(named, key=lambda n: n.served.claim.order):
        holders.setdefault(candidate.name, candidate.served)
    kept: list[NamedRule] = []
    problems: list[Problem] = []
    for candidate in named:
        fault = _name_fault(candidate, holders[candidate.name])
        if fault is None:
            kept.append(candidate)
        else:
            problems.append(fault)
    return tuple(kept), tuple(problems)


def _name_fault(candidate: NamedRule, holder: ServedRule) -> Problem | None:
    source, path = candidate.served.claim.source, candidate.served.rule.path
    if len(candidate.longest_name.encode()) > MAX_NAME_BYTES:
        return Problem(
            source,
            "NameTooLong",
            f"path {path} would need an Avi object with a name over {MAX_NAME_BYTES} bytes: {candidate.name[:80]}…",
            "Shorten the host, the path or the name of the object.",
        )
    if holder is not candidate.served:
        asked, held = _in_words(candidate.served, holder), _in_words(holder, candidate.served)
        is_same = candidate.served.rule.path == holder.rule.path
        return Problem(
            source,
            "NameConflict",
            f"path {asked} would need the Avi object {candidate.name}, which path {held} of "
            f"{holder.claim.source.key} already has.",
            "Keep one of the two: Avi takes both for one path." if is_same else "Rename the path or the object.",
        )
    return None


def _in_words(served: ServedRule, other: ServedRule) -> str:
    """Give a path, with its type where that is all that tells it from the other."""
    path = served.rule.path or "/"
    return f"{path} ({served.rule.path_type.value})" if served.rule.path == other.rule.path else path
