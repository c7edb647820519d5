"""Reads our objects from the Avi Controller: paged lists, projected onto the fields we own."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Set
from concurrent.futures import Executor
from contextlib import suppress
from sys import intern
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ako.core.avi import codec
from ako.core.avi.errors import AviRejected
from ako.core.avi.listing import list_all
from ako.core.avi.session import AviSession
from ako.core.base.doing import Counting, uncounted
from ako.core.base.refs import AviRef
from ako.core.model import (
    CLUSTER_LABEL,
    CREATABLE_TYPES,
    FOREIGN_TYPES,
    OWNED_TYPES,
    WRITTEN_TYPES,
    AviObject,
    ForeignObject,
    Pool,
    VsVip,
)
from ako.core.model.extra import NOTHING, Declared, Fields
from ako.core.model.mark import has_markers, unmarked
from ako.core.model.names import Names
from ako.core.model.tenants import in_tenant
from ako.core.observe.observed import ObservedObject
from ako.typed_json import reader

A = TypeVar("A", bound=AviObject)

EVERY_TENANT = "*"
"""In the place of a tenant, for lists alone."""


class _Page(Struct):
    results: tuple[msgspec.Raw, ...] = ()
    count: int = 0
    next: str | None = None


_decode_page = reader(_Page).decode


class Reading(Struct, frozen=True):
    """What is read.

    Attributes:
        tenant: in which tenant, as in `AviRef`.
        declared: which types and fields beside those of the core.
        count: is told how many objects there are, and of each page how many are read.
    """

    tenant: str = ""
    declared: Declared = NOTHING
    count: Counting = uncounted


HERE = Reading()


def observe_all(
    session: AviSession,
    names: Names,
    cloud: str,
    pool: Executor,
    known: Iterable[AviRef] = (),
    reading: Reading = HERE,
) -> Mapping[AviRef, ObservedObject]:
    """Read every object of ours in a tenant, the types in parallel; raise an `AviError` if any could not be read.

    What is `known` and missing in a list of several pages is looked up before it counts as gone: when somebody deletes
    an object meanwhile, another one moves onto a page that has been read.
    """
    known, found = frozenset(known), dict[AviRef, ObservedObject]()
    paged: set[str] = set()
    types, fields = (*reading.declared.created, *OWNED_TYPES), reading.declared.fields
    lists = pool.map(lambda of: _observe_type(session, names, cloud, of, reading, known), types)
    for of, (objects, is_paged) in zip(types, lists, strict=True):
        found.update(objects)
        if is_paged:
            paged.add(of.avi_type)
    left = {ref.type for ref in _monitors_named_as_ours(found, names)} - {of.avi_type for of in types}
    for of in (of for of in CREATABLE_TYPES if of.avi_type in left):
        found.update(_left_over(session, names, cloud, of, reading))
    missing = [ref for ref in known if ref.type in paged and ref not in found]
    looks = zip(missing, pool.map(lambda ref: _ours(session, names, cloud, ref, fields), missing), strict=True)
    found.update((ref, seen) for ref, seen in looks if seen is not None)
    return found if _has_markers(session) else _without_strangers(found, known, names)


def _without_strangers(
    found: Mapping[AviRef, ObservedObject], known: Set[AviRef], names: Names
) -> Mapping[AviRef, ObservedObject]:
    """Leave out what plugins may have made and has no more than its name to say so: nothing of ours refers to it."""
    ours = known | set(_monitors_named_as_ours(found, names))
    return {ref: seen for ref, seen in found.items() if ref in ours or not isinstance(seen.object, CREATABLE_TYPES)}


def _monitors_named_as_ours(found: Mapping[AviRef, ObservedObject], names: Names) -> Iterator[AviRef]:
    """Give the monitors that pools of ours refer to and that are named as what plugins make is."""
    pools = (seen.object for seen in found.values() if isinstance(seen.object, Pool))
    return (ref for pool in pools for ref in pool.health_monitor_refs if ref.name.startswith(names.prefix))


def _left_over(
    session: AviSession, names: Names, cloud: str, of: type[AviObject], reading: Reading
) -> Mapping[AviRef, ObservedObject]:
    """Read what a plugin made that is enabled no more; nothing follows for others from its being unreadable."""
    with suppress(AviRejected):
        return _observe_type(session, names, cloud, of, reading)[0]
    return {}


def observe_foreign(
    session: AviSession, names: Names, cloud: str, refs: Iterable[AviRef], warn: Callable[[str], None]
) -> Mapping[AviRef, ObservedObject]:
    """Read objects of others that hold entries of ours, as far as they are there; `warn` is told of those missing."""
    found: dict[AviRef, ObservedObject] = {}
    for ref in refs:
        seen = observe_one(session, names, cloud, ref)
        if seen is None:
            warn(f"there is no {ref!r} in the cloud {cloud}: what we would write into it is missing")
        else:
            found[ref] = seen
    return found


def observe_one(
    session: AviSession, names: Names, cloud: str, ref: AviRef, fields: Fields = NOTHING.fields
) -> ObservedObject | None:
    """Look an object up by name, whoever it belongs to; None if there is none.

    Every cloud has a VRF context `global`, so that those of others are looked for in ours.

    Raises:
        PermissionError: there is one, and it is not ours.
    """
    of = next(of for of in (*WRITTEN_TYPES, *FOREIGN_TYPES) if of.avi_type == ref.type)
    is_foreign = issubclass(of, ForeignObject)
    in_cloud = {"cloud_ref.name": cloud} if is_foreign else {}
    params = {"name": ref.name, **in_cloud}
    for page in list_all(session, ref.type, params=params, tenant=ref.tenant or None, native=is_foreign):
        for raw in _decode_page(page).results:
            body = bytes(raw)
            identity = codec.decode_identity(body)
            if identity.name != ref.name:
                continue
            if not is_foreign and not owns(names, of, identity, body, has_markers=_has_markers(session)):
                raise PermissionError(
                    f"{ref!r} exists and is not ours (created by {identity.created_by or 'somebody'})"
                )
            return observed_object(names, body, of, ref.tenant, fields)
    return None


def _ours(session: AviSession, names: Names, cloud: str, ref: AviRef, fields: Fields) -> ObservedObject | None:
    """Look an object of ours up by name; None if there is none, or it is another's by now."""
    with suppress(PermissionError):
        return observe_one(session, names, cloud, ref, fields)
    return None


def _observe_type(
    session: AviSession,
    names: Names,
    cloud: str,
    of: type[AviObject],
    reading: Reading,
    known: Container[AviRef] = (),
) -> tuple[Mapping[AviRef, ObservedObject], bool]:
    """Read the list of a type; give the objects, and whether it has several pages.

    What is `known` is ours also where somebody took its marker away, and gets it again.
    """
    found: dict[AviRef, ObservedObject] = {}
    shared: dict[object, Any] = {}
    is_paged, is_first = False, True
    for body in list_all(session, of.avi_type, params=_query(names, cloud, of), tenant=reading.tenant or None):
        page = _decode_page(body)
        is_paged |= page.next is not None
        reading.count(of=page.count if is_first else 0, done=len(page.results))
        is_first = False
        for raw in page.results:
            item = bytes(raw)
            identity = codec.decode_identity(item)
            is_marked = _has_markers(session) and AviRef(of.avi_type, identity.name, reading.tenant) not in known
            if owns(names, of, identity, item, has_markers=is_marked):
                seen = observed_object(names, item, of, reading.tenant, reading.declared.fields)
                if isinstance(seen.object, Pool):
                    seen = replace(seen, object=seen.object.sharing(shared))
                found[seen.object.ref] = seen
    return found, is_paged


def marked_tenants(
    session: AviSession, names: Names, cloud: str, types: Iterable[type[AviObject]]
) -> Mapping[str, Set[str]]:
    """Give the tenants in which objects of some types have our names and bear a mark: uid of a cluster → tenants."""
    found: dict[str, set[str]] = {}
    for of in types:
        for page in list_all(session, of.avi_type, params=_query(names, cloud, of), tenant=EVERY_TENANT):
            for raw in _decode_page(page).results:
                item = bytes(raw)
                identity = codec.decode_identity(item)
                if owns(names, of, identity, item) and (uid := unmarked(_projected(item, of))[1]):
                    found.setdefault(uid, set()).add(identity.tenant)
    return found


def _query(names: Names, cloud: str, of: type[AviObject]) -> dict[str, str]:
    query = {"name.contains": names.prefix} if _is_nobodys(of) else {"created_by": names.created_by}
    return {**query, "cloud_ref.name": cloud} if "cloud_ref" in of.__struct_fields__ else query


def owns(names: Names, of: type[AviObject], identity: codec.Identity, body: bytes, *, has_markers: bool = True) -> bool:
    """Say whether an object is ours: by name prefix and by creator.

    A VsVip has no `created_by`: it is ours by its name, unless its marker (since 20.1.5) names another cluster. What
    plugins create has none either, and an operator may have named one of his so: it is ours by its marker alone, if
    the API version has markers.
    """
    if not identity.name.startswith(names.prefix):
        return False
    if not _is_nobodys(of):
        return identity.created_by == names.created_by
    markers = _projected(body, of).markers
    clusters = (
        [marker.values for marker in markers if marker.key == CLUSTER_LABEL] if isinstance(markers, tuple) else []
    )
    return all(names.cluster in values for values in clusters) and (of is VsVip or bool(clusters) or not has_markers)


def _has_markers(session: AviSession) -> bool:
    return not session.version or has_markers(session.version)


def _is_nobodys(of: type[AviObject]) -> bool:
    """Say whether objects of a type do not tell who created them."""
    return "created_by" not in of.__struct_fields__


def _projected(body: bytes, of: type[A]) -> A:
    """Give what we own of an object; a field of ours that somebody made unreadable is as good as absent: it differs."""
    try:
        return codec.decode(body, of)
    except msgspec.ValidationError:
        if issubclass(of, ForeignObject):
            raise  # nothing may be concluded about what is not ours
        return codec.decode_readable(body, of)


def is_kept_whole(of: type[AviObject]) -> bool:
    """Say whether objects of a type are updated by sending back the whole of them."""
    return of is VsVip or issubclass(of, ForeignObject)


def observed_object(
    names: Names, body: bytes, of: type[AviObject], tenant: str, fields: Fields = NOTHING.fields
) -> ObservedObject:
    """Project one object of a tenant as the Controller gives it; of an object of others, on the entries of ours.

    Of what only plugins set it has the `fields` that are declared.
    """
    identity = codec.decode_identity(body)
    whole: Mapping[str, Any] | None = msgspec.json.decode(body) if is_kept_whole(of) else None
    found: AviObject = _projected(body, of)
    if isinstance(found, ForeignObject):
        seen = replace(found.seen_by(names.cluster), tenant=tenant)
        return ObservedObject(identity.uuid, seen, identity.last_modified, whole)
    found, uid = unmarked(codec.lent_fields(body, found, fields))
    found = in_tenant(found, tenant, names.prefix) if tenant or found.tenant else found
    return ObservedObject(identity.uuid, found, identity.last_modified, whole, intern(uid))
