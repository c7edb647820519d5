"""In which tenants there may be something of ours beside that of the settings, and what of it is ours.

| a tenant is looked into because…         | of what has our names there, ours is                                  |
|------------------------------------------|-----------------------------------------------------------------------|
| the settings name it                     | all (but for what bears the mark of another cluster)                  |
| a Namespace names it                     | all, likewise                                                         |
| it has objects that we know, or our mark | what we know, what bears our mark, and nothing else                   |

Clusters of one name in different tenants are what tenants are for: a name alone says nothing there.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Mapping, Set
from concurrent.futures import Executor

from msgspec import Struct
from msgspec.structs import replace

from ako.core.avi.errors import AviAuthError, AviError, AviRejected
from ako.core.avi.session import AviSession, api_path
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, ForeignObject, Pool, VirtualService, VsVip
from ako.core.model.mark import Mark
from ako.core.model.names import Names
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import EVERY_TENANT, HERE, Reading, marked_tenants, observe_all

_log = logging.getLogger(__name__)

_BEARING: tuple[type[AviObject], ...] = (VirtualService, Pool, VsVip)
"""Types that bear the mark in most versions; every tree has some of them, and what goes last is among them."""

_LONGEST_NAME = 255


class Sought(Struct, frozen=True):
    """What is looked for in a complete observation.

    Attributes:
        known: what is known before it.
        tenants: those to read beside the one of the settings.
        named: those of them that Namespaces name, so that somebody waits for them.
        finds: whether other tenants are looked through for objects that bear a mark.
    """

    known: tuple[AviRef, ...] = ()
    tenants: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    finds: bool = False


class InTenants(Struct, frozen=True):
    """What was read in tenants beside the one of the settings.

    Attributes:
        objects: what has our names there, whosever it is.
        read: the tenants that could be read.
        unread: those that could not, with the Controller's words.
        silent: those of them of which it did not say no: they may be there and ours to read.
        is_awaited: somebody waits for one of these, or it may be read soon.
        marked: uid of a cluster → the tenants in which objects bear its mark.
        is_looked_through: it was asked in all tenants where such objects are.
        unfound: why that could not be told; empty if it could.
    """

    objects: Mapping[AviRef, ObservedObject] = {}
    read: frozenset[str] = frozenset()
    unread: Mapping[str, str] = {}
    silent: frozenset[str] = frozenset()
    is_awaited: bool = False
    marked: Mapping[str, Set[str]] = {}
    is_looked_through: bool = False
    unfound: str = ""


def observe_tenants(
    session: AviSession, names: Names, cloud: str, pool: Executor, sought: Sought, reading: Reading = HERE
) -> InTenants:
    """Read the tenants that are sought; one that cannot be read harms no other, whatever the Controller answers in it.

    Raises:
        AviError: the Controller did not answer, in the tenant of the settings either.
    """
    objects: dict[AviRef, ObservedObject] = {}
    impossible = {tenant: fault for tenant in sought.tenants if (fault := why_impossible(tenant))}
    unread = dict(impossible)
    silent: set[str] = set()
    for tenant in sorted(sought.tenants - impossible.keys()):
        known = (ref for ref in sought.known if ref.tenant == tenant)
        try:
            objects.update(observe_all(session, names, cloud, pool, known, replace(reading, tenant=tenant)))
        except AviError as error:
            _raise_if_away(session, cloud, error)
            _log.debug("tenant %s: %s", tenant, error)  # told once, by whoever takes the observation
            unread[tenant] = f"{error.status} {error.message}" if error.status else error.message
            if not isinstance(error, AviRejected):
                silent.add(tenant)
    marked: Mapping[str, Set[str]] = {}
    unfound = ""
    if sought.finds:
        try:
            marked = marked_tenants(session, names, cloud, _BEARING)
        except AviError as error:
            _raise_if_away(session, cloud, error)
            unfound = str(error)
    return InTenants(
        objects=objects,
        read=sought.tenants - unread.keys(),
        unread=unread,
        silent=frozenset(silent),
        is_awaited=bool(silent) or not sought.named.isdisjoint(unread.keys() - impossible.keys()),
        marked=marked,
        is_looked_through=sought.finds,
        unfound=unfound,
    )


def why_impossible(tenant: str) -> str:
    """Say why a text cannot be the name of a tenant, so that the Controller is not asked; empty if it can.

    One that stands for all tenants would show what is in others as what is in this one.
    """
    if tenant == EVERY_TENANT:
        return "it stands for all tenants"
    if not tenant.isprintable():
        return "no tenant has such characters in its name"
    return "" if len(tenant.encode()) <= _LONGEST_NAME else f"its name is longer than {_LONGEST_NAME} bytes"


def _raise_if_away(session: AviSession, cloud: str, error: AviError) -> None:
    """Raise an error of a request in one tenant if it is not about that tenant: the Controller does not answer at all.

    It is asked for what was read before, in the tenant of the settings.
    """
    if isinstance(error, AviRejected):
        return
    if isinstance(error, AviAuthError):
        raise error
    try:
        session.get(api_path("cloud"), params={"name": cloud})
    except AviError:
        raise error from None


def ours_among(
    objects: Mapping[AviRef, ObservedObject], named: Container[str], known: Container[AviRef], mark: Mark
) -> Mapping[AviRef, ObservedObject]:
    """Leave out what says nothing of being ours but its name, in tenants that nobody names.

    Where the API version has no markers only some types bear a mark; the others are whose they are connected with.
    """
    left = {ref: seen for ref, seen in objects.items() if ref.tenant and ref.tenant not in named and _may_be_ours(seen)}
    if not left:
        return objects
    ours = {ref for ref, seen in left.items() if ref in known or (mark.uid and seen.cluster_uid == mark.uid)}
    if not mark.has_markers:
        ours |= _connected(ours, left)
    return {ref: seen for ref, seen in objects.items() if ref not in left or ref in ours}


def _may_be_ours(seen: ObservedObject) -> bool:
    return not isinstance(seen.object, ForeignObject)


def _connected(ours: Set[AviRef], objects: Mapping[AviRef, ObservedObject]) -> set[AviRef]:
    neighbours: dict[AviRef, set[AviRef]] = {}
    for ref, seen in objects.items():
        for other in seen.object.references():
            neighbours.setdefault(ref, set()).add(other)
            neighbours.setdefault(other, set()).add(ref)
    found = set(ours)
    pending = list(ours)
    while pending:
        more = {o for o in neighbours.get(pending.pop(), ()) if o in objects and not objects[o].cluster_uid} - found
        found |= more
        pending += more
    return found
