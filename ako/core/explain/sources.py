"""One Kubernetes object: is it ours, what became of what it asks for, and who refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.engine.onlooker import rows_reading
from ako.core.engine.store import ObjectKey
from ako.core.explain.answer import SourceTold
from ako.core.explain.hosts import fault_told
from ako.core.explain.picture import Picture, title
from ako.core.hooks.claims import Claim, HostClaim, PortClaim
from ako.core.hooks.outcome import Outcome

CLUSTER_SCOPED = "Namespace"


class Sources:
    """Tells about Kubernetes objects.

    Args:
        picture: what is known.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def find(self, kinds: Iterable[Kind], name: NamespacedName) -> tuple[ObjectRef, ...]:
        """Give the objects that are called so; where no namespace is given, those of every one."""
        store = self._picture.pipeline.store
        found: dict[ObjectRef, None] = {}
        for kind in kinds:
            for record in store.records_of(kind):
                if name.namespace or store.holds(ObjectKey(record, name)):
                    names: Iterable[NamespacedName] = (name,) if store.holds(ObjectKey(record, name)) else ()
                else:
                    names = sorted(one for one in store.names(record) if one.name == name.name)
                found.update(dict.fromkeys(ObjectRef(kind, *one) for one in names))
            ref = ObjectRef(kind, *name)
            if ref not in found and any(self._users(ref)):
                found[ref] = None  # it is not there, and somebody needs it
        return tuple(found)

    def told(self, ref: ObjectRef) -> SourceTold:
        """Give one object."""
        is_source = ref in self._picture.pipeline.claims.rows
        used_by = tuple(title(user) for user in sorted(self._users(ref)) if user != ref)
        if is_source and self._is_ours(ref):
            return self._source(ref, used_by)
        why, remedy = self._why_not(ref, used_by, is_source=is_source)
        return SourceTold(title(ref), is_ours=bool(used_by), why=why, remedy=remedy, used_by=used_by)

    def _is_ours(self, ref: ObjectRef) -> bool:
        discovery = self._picture.pipeline.claims.value(ref)
        outcome = self._picture.outcome(ref)
        return bool((discovery and (discovery.claims or discovery.problems)) or outcome.problems or outcome.hosts)

    def _source(self, ref: ObjectRef, used_by: tuple[str, ...]) -> SourceTold:
        outcome = self._picture.outcome(ref)
        discovery = self._picture.pipeline.claims.value(ref)
        created = next((claim.created for claim in discovery.claims), "") if discovery else ""
        return SourceTold(
            source=title(ref),
            is_ours=True,
            created=created,
            hosts=tuple(_hosts(ref, outcome)),
            used_by=used_by,
            problems=tuple(map(fault_told, outcome.problems)),
        )

    def _why_not(self, ref: ObjectRef, used_by: tuple[str, ...], *, is_source: bool) -> tuple[str, str]:
        store = self._picture.pipeline.store
        is_there = any(store.holds(ObjectKey(record, ref.namespaced_name)) for record in store.records_of(ref.kind))
        if not is_there:
            return "it does not exist", "Create it, or name another one."
        if is_source:
            return "it asks for nothing here", ""
        return ("", "") if used_by else ("nothing that is served here refers to it", "")

    def _users(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """Give the source objects whose claims or hosts read an object, or name it."""
        found: dict[ObjectRef, None] = {}
        pipeline = self._picture.pipeline
        for table, row in rows_reading(pipeline.engine, pipeline.store.keys_of(ref.kind, ref.namespaced_name)):
            if table is pipeline.claims:
                found[row] = None  # type: ignore[index]
            elif table is pipeline.hosts and (model := pipeline.hosts.value(row)) is not None:
                found.update(dict.fromkeys(model.sources))
        if ref.kind.name in {"Service", "Secret"}:
            for _, discovery in pipeline.claims.values():
                found.update(dict.fromkeys(claim.source for claim in discovery.claims if _names(claim, ref)))
        if ref.kind.name == CLUSTER_SCOPED:
            found.update(dict.fromkeys(one for one in pipeline.source_refs() if one.namespace == ref.name))
        yield from found


def _names(claim: Claim, ref: ObjectRef) -> bool:
    """Say whether a claim names a Service behind its paths or ports, or a Secret for TLS."""
    if ref.kind.name == "Secret":
        return isinstance(claim, HostClaim) and claim.tls is not None and claim.tls.certificate == ref.namespaced_name
    if isinstance(claim, PortClaim):
        backends = [port.backend for port in claim.ports]
    else:
        backends = [backend for rule in claim.rules for backend in rule.backends]
    return any((backend.namespace, backend.service) == ref.namespaced_name for backend in backends)


def _hosts(ref: ObjectRef, outcome: Outcome) -> Iterator[tuple[str, str]]:
    for found in outcome.hosts:
        yield (title(ref) if found.is_port else found.host), found.state.value
