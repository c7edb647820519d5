"""One Kubernetes object: is it ours, what became of what it asks for, and who refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.engine.cells import Unknown
from ako.core.engine.onlooker import rows_reading
from ako.core.engine.store import ObjectKey
from ako.core.explain.answer import SourceTold
from ako.core.explain.claims import services_of
from ako.core.explain.hosts import fault_told
from ako.core.explain.picture import Picture, title
from ako.core.hooks.claims import Claim, HostClaim, HostKey, is_ageless
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.records import NAMESPACES, Metadata
from ako.core.hooks.selection import kept_out

MISSING, CREATE_IT = "it does not exist", "Create it, or name another one."
_NAMED = frozenset({"Service", "Secret"})
"""Kinds whose objects claims name."""

GONE = "it is there no more, and something is still served for it"
NOT_YET = "nothing has been worked out of it yet."
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
        found: dict[ObjectRef, None] = {}
        for kind in kinds:
            found.update(dict.fromkeys(self._there(kind, name)))
            ref = ObjectRef(kind, *name)
            if ref not in found and (self._users(ref) or self._kept(ref) or any(self._inside(ref))):
                found[ref] = None  # it is not there, and is needed, or something is served for it, or is in it
        return tuple(found)

    def _there(self, kind: Kind, name: NamespacedName) -> Iterator[ObjectRef]:
        store = self._picture.pipeline.store
        for record in store.records_of(kind):
            if name.namespace or store.holds(ObjectKey(record, name)):
                names: Iterable[NamespacedName] = (name,) if store.holds(ObjectKey(record, name)) else ()
            else:
                names = sorted(one for one in store.names(record) if one.name == name.name)
            yield from (ObjectRef(kind, *one) for one in names)

    def called(self, text: str) -> Iterator[ObjectRef]:
        """Give the objects whose name, with or without the namespace, is a text: whatever kinds they are of."""
        pipeline, name = self._picture.pipeline, NamespacedName(*text.rpartition("/")[::2])
        kinds = sorted(pipeline.store.kinds(), key=lambda kind: (kind not in pipeline.source_kinds, kind))
        return chain.from_iterable(self._there(kind, name) for kind in kinds)

    def names(self, kind: Kind) -> set[NamespacedName]:
        """Give the names of all objects of a kind."""
        store = self._picture.pipeline.store
        return {name for record in store.records_of(kind) for name in store.names(record)}

    def told(self, ref: ObjectRef) -> SourceTold:
        """Give one object."""
        users = tuple(title(user) for user in sorted(self._users(ref)) if user != ref)
        if ref in self._picture.pipeline.claims.rows:
            return self._source(ref, users)
        try:
            out = kept_out(self._picture.view, ref.name) if ref.kind == NAMESPACES.kind else None
        except Unknown as unknown:
            return SourceTold(title(ref), is_ours=False, doubt=str(unknown), used_by=users)
        if out is not None:
            return SourceTold(title(ref), is_ours=False, why=out.why, remedy=out.remedy, used_by=users)
        if not self._is_there(ref):
            kept = self._kept(ref)
            why, remedy = (GONE, "") if kept else (MISSING, CREATE_IT)
            return SourceTold(title(ref), is_ours=False, why=why, remedy=remedy, hosts=kept, used_by=users)
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
            is_ours=whose.is_ours or bool(claims or outcome.hosts or outcome.doubt),
            why=whose.why,
            remedy="" if users else whose.remedy,
            created=next((claim.created for claim in claims if not is_ageless(claim)), ""),
            hosts=tuple(_hosts(ref, outcome)),
            doubt=self._doubt(ref) if (whose.is_ours or outcome.doubt) and not outcome.problems else "",
            used_by=users,
            problems=tuple(map(fault_told, outcome.problems)),
        )

    def _doubt(self, ref: ObjectRef) -> str:
        """Say why it is not known what an object asks for; empty if it is."""
        claims = self._picture.pipeline.claims
        return claims.doubts.get(ref, "") or ("" if claims.value(ref) is not None else NOT_YET)

    def _kept(self, ref: ObjectRef) -> tuple[tuple[str, str], ...]:
        """Give the hosts that are still served for a source object that is gone."""
        picture = self._picture
        is_source = ref.kind in picture.pipeline.source_kinds
        if not is_source or not picture.observed.owned_by(ref.namespaced_name):
            return ()
        return tuple(_hosts(ref, picture.outcome(ref)))

    def mentioning(self, host: str) -> Iterator[ObjectRef]:
        """Give the source objects that claim nothing, or are not right, although a host is written in them."""
        pipeline, sought = self._picture.pipeline, host.encode()
        for ref in pipeline.source_refs() if host else ():
            found = pipeline.claims.value(ref)
            if found is not None and found.claims and not found.problems:
                continue
            for record in pipeline.store.records_of(ref.kind):
                held = pipeline.store.get(ObjectKey(record, ref.namespaced_name))
                # That is fast, and leaves few to be looked at word by word.
                if held is not None and sought in msgspec.json.encode(held).lower() and _says(held, host):
                    yield ref
                    break

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

    def _inside(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """Give the source objects in a Namespace; none of any other object."""
        if ref.kind == NAMESPACES.kind:
            yield from (one for one in self._picture.pipeline.source_refs() if one.namespace == ref.name)

    def _users(self, ref: ObjectRef) -> set[ObjectRef]:
        """Give the source objects that name an object, or whose claims or hosts depend on it."""
        pipeline = self._picture.pipeline
        if ref.kind == NAMESPACES.kind:
            return {one for one in self._inside(ref) if (found := pipeline.claims.value(one)) and found.claims}
        naming = (claim for _, found in pipeline.claims.values() for claim in found.claims if _names(claim, ref))
        users = {claim.source for claim in naming} if ref.kind.name in _NAMED else set()
        return users or set(self._dependent(ref))

    def _dependent(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """Give the source objects whose claims or hosts were worked out from an object, whatever way that went."""
        pipeline = self._picture.pipeline
        for table, row in rows_reading(pipeline.engine, pipeline.store.keys_of(ref.kind, ref.namespaced_name)):
            if table is pipeline.claims and isinstance(row, ObjectRef):
                yield from (row,) if self._depends(row, ref) else ()
            elif table is pipeline.hosts and (model := pipeline.hosts.value(row)) is not None:
                yield from model.sources

    def _depends(self, source: ObjectRef, ref: ObjectRef) -> bool:
        """Say whether a source object that was read with another has to do with it; what is not ours only looked."""
        pipeline = self._picture.pipeline
        found = pipeline.claims.value(source)
        if found is None or not (found.claims or found.problems):
            return False
        return bool(found.claims) or not self._is_there(ref) or pipeline.whose(self._picture.view, source).is_ours


def _says(value: object, host: str) -> bool:
    """Say whether a value has a host in it, whatever its case; what an object is called is none."""
    if isinstance(value, str):
        return host in (part.strip() for part in value.lower().split(","))
    if isinstance(value, Metadata):
        return _says(getattr(value, "annotations", None), host)
    if isinstance(value, Struct):
        return any(_says(getattr(value, field), host) for field in value.__struct_fields__)
    entries = value.values() if isinstance(value, Mapping) else value
    return isinstance(entries, Iterable) and any(_says(entry, host) for entry in entries)


def _names(claim: Claim, ref: ObjectRef) -> bool:
    """Say whether a claim names a Service behind its paths or ports, or a Secret for TLS."""
    if ref.kind.name == "Secret":
        return isinstance(claim, HostClaim) and claim.tls is not None and claim.tls.certificate == ref.namespaced_name
    return ref.namespaced_name in services_of(claim)


def _hosts(ref: ObjectRef, outcome: Outcome) -> Iterator[tuple[str, str]]:
    for found in outcome.hosts:
        yield (title(ref) if found.is_port else found.host), found.state.value
