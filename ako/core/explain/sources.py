"""One Kubernetes object: is it ours, what became of what it asks for, and who refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.engine.onlooker import rows_reading
from ako.core.engine.store import ObjectKey
from ako.core.explain.answer import SourceTold
from ako.core.explain.hosts import fault_told
from ako.core.explain.picture import Picture, title
from ako.core.hooks.claims import Claim, HostClaim, HostKey, PortClaim, is_ageless
from ako.core.hooks.outcome import Outcome

MISSING, CREATE_IT = "it does not exist", "Create it, or name another one."
_NAMED = frozenset({"Service", "Secret"})
"""Kinds whose objects claims name."""

USED = "what is served here depends on it."
UNUSED = "nothing that is served here refers to it."


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
            if ref not in found and self._users(ref):
                found[ref] = None  # it is not there, and somebody needs it
        return tuple(found)

    def names(self, kind: Kind) -> set[NamespacedName]:
        """Give the names of all objects of a kind."""
        store = self._picture.pipeline.store
        return {name for record in store.records_of(kind) for name in store.names(record)}

    def told(self, ref: ObjectRef) -> SourceTold:
        """Give one object."""
        users = tuple(title(user) for user in sorted(self._users(ref)) if user != ref)
        if ref in self._picture.pipeline.claims.rows:
            return self._source(ref, users)
        if not self._is_there(ref):
            return SourceTold(title(ref), is_ours=False, why=MISSING, remedy=CREATE_IT, used_by=users)
        why = USED if users else UNUSED
        return SourceTold(title(ref), is_ours=bool(users), why=why, used_by=users)

    def _source(self, ref: ObjectRef, users: tuple[str, ...]) -> SourceTold:
        """Give a source object; one that is in doubt, or of which something is still served, is ours in any case."""
        picture = self._picture
        outcome, discovery = picture.outcome(ref), picture.pipeline.claims.value(ref)
        whose = picture.pipeline.whose(picture.view, ref)
        claims = discovery.claims if discovery else ()
        return SourceTold(
            source=title(ref),
            is_ours=whose.is_ours or bool(claims or outcome.problems or outcome.hosts),
            why=whose.why,
            remedy="" if users else whose.remedy,
            created=next((claim.created for claim in claims if not is_ageless(claim)), ""),
            hosts=tuple(_hosts(ref, outcome)),
            used_by=users,
            problems=tuple(map(fault_told, outcome.problems)),
        )

    def _is_there(self, ref: ObjectRef) -> bool:
        store = self._picture.pipeline.store
        return any(store.holds(ObjectKey(record, ref.namespaced_name)) for record in store.records_of(ref.kind))

    def keys(self, ref: ObjectRef) -> Iterator[HostKey]:
        """Give the hosts that an object claims; of one that claims none, those for which it is named."""
        claims = self._picture.pipeline.claims
        discovery = claims.value(ref)
        if discovery is not None and discovery.claims:
            yield from (claim.key for claim in discovery.claims)
        elif ref.kind.name in _NAMED:
            yield from (claim.key for _, found in claims.values() for claim in found.claims if _names(claim, ref))

    def _users(self, ref: ObjectRef) -> set[ObjectRef]:
        """Give the source objects that name an object, or whose claims or hosts depend on it."""
        pipeline = self._picture.pipeline
        if ref.kind.name == "Namespace":
            inside = (one for one, found in pipeline.claims.values() if isinstance(one, ObjectRef) and found.claims)
            return {one for one in inside if one.namespace == ref.name}
        naming = (claim for _, found in pipeline.claims.values() for claim in found.claims if _names(claim, ref))
        users = {claim.source for claim in naming} if ref.kind.name in _NAMED else set()
        return users or set(self._dependent(ref))

    def _dependent(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """Give the source objects whose claims or hosts were worked out from an object, whatever way that went."""
        pipeline = self._picture.pipeline
        for table, row in rows_reading(pipeline.engine, pipeline.store.keys_of(ref.kind, ref.namespaced_name)):
            if table is pipeline.claims and isinstance(row, ObjectRef):
                found = pipeline.claims.value(row)
                yield from (row,) if found is not None and (found.claims or found.problems) else ()
            elif table is pipeline.hosts and (model := pipeline.hosts.value(row)) is not None:
                yield from model.sources


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
