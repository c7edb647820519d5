"""Desired × observed → plan: what to create, update field by field, and delete. Pure.

| desired | observed  | operation                                   |
|---------|-----------|---------------------------------------------|
| yes     | no        | create                                      |
| yes     | equal     | none                                        |
| yes     | different | update, only the fields of ours that differ |
| no      | ours      | delete                                      |

An object of others (`ForeignObject`) is updated and nothing else: neither created nor deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct

from ako.core.base.refs import AviRef
from ako.core.model import (
    CREATABLE_TYPES,
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    AviObject,
    CertificateText,
    ForeignObject,
    VirtualService,
)
from ako.core.model.avi_fields import canonical, says_nothing
from ako.core.model.base import encoded_names
from ako.core.model.json_values import plain, thawed
from ako.core.model.mark import KEY
from ako.core.observe.observed import ObservedObject

Desired = Mapping[AviRef, AviObject]
"""What is wanted, by identity."""

Seen = Mapping[AviRef, ObservedObject]
"""What is on the Controller, by identity."""


class FieldChange(Struct, frozen=True):
    """One field of ours: what is there and what should be; None for absent."""

    field: str
    old: Any
    new: Any


class Create(Struct, frozen=True):
    """An object that is not there."""

    object: AviObject

    @property
    def ref(self) -> AviRef:
        """Give the identity of the object."""
        return self.object.ref


class Update(Struct, frozen=True):
    """An object that differs; `object` is how it will be in the fields we own."""

    object: AviObject
    observed: ObservedObject
    changes: tuple[FieldChange, ...]

    @property
    def ref(self) -> AviRef:
        """Give the identity of the object."""
        return self.object.ref


class Delete(Struct, frozen=True):
    """An object of ours that nothing needs."""

    ref: AviRef
    observed: ObservedObject


Operation = Create | Update | Delete


class Plan(Struct, frozen=True):
    """Operations, in no particular order: `apply` orders them by reference."""

    operations: tuple[Operation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.operations)

    @property
    def id(self) -> str:
        """Give a short name of the plan: the same operations have the same name, in whatever process."""
        lines = sorted(f"{type(op).__name__} {op.ref!r}" for op in self.operations)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def of(self, kind: type[Operation]) -> tuple[Any, ...]:
        """Give the operations of one kind."""
        return tuple(operation for operation in self.operations if isinstance(operation, kind))


def plan_changes(desired: Desired, observed: Seen, prefix: str) -> Plan:
    """Compare what should be with what is there.

    `observed` holds only objects of ours: whatever is in it and not desired is deleted. `prefix` is how names of ours
    begin: entries of a virtual service that refer to anything else are an operator's, and stay.
    """
    return Plan(tuple(_operations(desired, observed, prefix)))


def _operations(desired: Desired, observed: Seen, prefix: str) -> Iterator[Operation]:
    for ref, wanted in desired.items():
        seen = observed.get(ref)
        if seen is None:
            if not isinstance(wanted, ForeignObject):
                yield Create(wanted)
        elif seen.object is not wanted:
            target = fit(wanted, seen, prefix)
            changes = (*_remarked(seen), *changed_fields(target, seen.object))
            if changes:
                yield Update(target, seen, changes)
    for ref, seen in observed.items():
        if ref not in desired and not isinstance(seen.object, ForeignObject):
            yield Delete(ref, seen)


def _remarked(seen: ObservedObject) -> Iterator[FieldChange]:
    """Give the change of the mark, where an object was taken over from another cluster; else it never differs."""
    if seen.remark:
        yield FieldChange(KEY, seen.cluster_uid, seen.remark)


def changed_fields(desired: AviObject, observed: AviObject) -> Iterator[FieldChange]:
    """Give the fields of ours that differ.

    Not compared: what is not ours (`UNSET`), what can be given at creation only, and what the Controller never gives
    back unless we sent it ourselves and know it. The last goes along with any other change: a certificate without the
    key that fits it is refused.
    """
    unknown: list[FieldChange] = []
    is_changed = False
    for field in desired.__struct_fields__:
        new = getattr(desired, field)
        if new is UNSET or field == "extra" or field in desired.created_from:
            continue
        old = getattr(observed, field)
        if field in desired.write_only and old is UNSET:
            unknown.append(FieldChange(field, None, new))
        elif not same(new, old) and not _say_the_same(desired, field, new, old):
            is_changed = True
            yield FieldChange(field, None if old is UNSET else old, new)
    for change in _changed_extra(desired, observed):
        is_changed = True
        yield change
    if is_changed:
        yield from unknown


def _say_the_same(desired: AviObject, field: str, new: object, old: object) -> bool:
    """Say whether two values differ by no more than what the Controller fills in by itself.

    Looked at is only what may be so: a field that is absent on one side, and messages of which a part is said.
    """
    is_message = isinstance(new, Struct) and isinstance(desired, CREATABLE_TYPES)
    if not is_message and new is not None and old is not None and old is not UNSET:
        return False
    name = encoded_names(type(desired))[field]
    if new is None:
        return says_nothing(desired.avi_type, name, plain(old))
    said, there = (canonical(desired.avi_type, name, plain(value)) for value in (new, old))
    return bool(said == there)


def _changed_extra(desired: AviObject, observed: AviObject) -> Iterator[FieldChange]:
    """Give the fields that differ and are not modelled; of those that are there only what is ours is known."""
    if desired.extra == observed.extra:
        return
    wanted, there = dict(desired.extra), dict(observed.extra)
    for name in sorted(wanted.keys() | there.keys()):
        new, old = wanted.get(name), there.get(name)
        if new is None and says_nothing(desired.avi_type, name, old):
            continue
        if canonical(desired.avi_type, name, new) != canonical(desired.avi_type, name, old):
            yield FieldChange(name, thawed(old), thawed(new))


def same(new: object, old: object) -> bool:
    """Compare two field values; PEM texts may come back with other white space at their ends."""
    if isinstance(new, CertificateText) and isinstance(old, CertificateText):
        return new.certificate.strip() == old.certificate.strip()
    if new == old or (old is UNSET and new in ((), False, None)):
        return True
    if not isinstance(new, tuple) or not isinstance(old, tuple) or len(new) != len(old) or not new:
        return False
    return _is_unordered(new[0]) and frozenset(new) == frozenset(old)


def _is_unordered(entry: object) -> bool:
    """Lists whose order means nothing to Avi; policy sets and DataScripts carry an index of their own."""
    return isinstance(entry, Struct) and not hasattr(entry, "certificate")


def fit(desired: AviObject, seen: ObservedObject, prefix: str) -> AviObject:
    """Lay what is wanted into what is there, so that the entries of others stay."""
    if isinstance(desired, ForeignObject) and isinstance(seen.object, type(desired)):
        return desired.fitted(seen.object, seen.body or {})
    return with_foreign_entries(desired, seen.object, prefix)


ATTACHED_LISTS = ("http_policies", "l4_policies", "vs_datascripts")
"""Lists of a virtual service in which an operator may have entries beside ours."""

_Attached = AttachedPolicySet | AttachedDataScriptSet | AttachedL4PolicySet


def with_foreign_entries(desired: AviObject, observed: AviObject, prefix: str) -> AviObject:
    """Keep policies and DataScripts that an operator attached to one of our virtual services.

    A network security policy of theirs stays where we want none: without it more clients would be let in.
    """
    if not isinstance(desired, VirtualService) or not isinstance(observed, VirtualService):
        return desired
    kept: dict[str, Any] = {}
    for field in ATTACHED_LISTS:
        ours, theirs = getattr(desired, field), _foreign(getattr(observed, field), prefix)
        if theirs and isinstance(ours, tuple):
            kept[field] = (*ours, *theirs)
    security = observed.network_security_policy_ref
    if desired.network_security_policy_ref is None and security and not security.name.startswith(prefix):
        kept["network_security_policy_ref"] = security
    return replace_fields(desired, kept) if kept else desired


def touches_attached(operation: Operation) -> bool:
    """Say whether an operation writes a list in which an operator may have entries."""
    return isinstance(operation, Update) and any(change.field in ATTACHED_LISTS for change in operation.changes)


def _foreign(entries: Sequence[_Attached] | object, prefix: str) -> tuple[_Attached, ...]:
    if not isinstance(entries, tuple):
        return ()
    return tuple(e for e in entries if not any(ref.name.startswith(prefix) for ref in _references(e)))


def _references(entry: _Attached) -> Iterable[AviRef]:
    return (v for f in entry.__struct_fields__ if isinstance(v := getattr(entry, f), AviRef))


def replace_fields(original: AviObject, fields: Mapping[str, Any]) -> AviObject:
    """Give a copy of an object with other values in some fields."""
    values = {field: getattr(original, field) for field in original.__struct_fields__}
    return type(original)(**{**values, **fields})


def merge_observed(target: AviObject, observed: AviObject) -> AviObject:
    """Give what is on the Controller after an update: our fields as sent, the others as they were."""
    unset = {f: getattr(observed, f) for f in target.__struct_fields__ if getattr(target, f) is UNSET}
    return replace_fields(target, unset) if unset else target
