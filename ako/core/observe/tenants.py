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

from ako.core.avi.errors import AviRejected
from ako.core.avi.session import AviSession
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, ForeignObject, Pool, VirtualService, VsVip
from ako.core.model.mark import Mark
from ako.core.model.names import Names
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import marked_tenants, observe_all

_log = logging.getLogger(__name__)

_BEARING: tuple[type[AviObject], ...] = (VirtualService, Pool, VsVip)
"""Types that bear the mark in most versions; every tree has some of them, and what goes last is among them."""


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
        is_awaited: somebody waits for one of these.
        marked: uid of a cluster → the tenants in which objects bear its mark.
        is_looked_through: it was asked in all tenants where such objects are.
        unfound: why that could not be told; empty if it could.
    """

    objects: Mapping[AviRef, ObservedObject] = {}
    read: frozenset[str] = frozenset()
    unread: Mapping[str, str] = {}
    is_awaited: bool = False
    marked: Mapping[str, Set[str]] = {}
    is_looked_through: bool = False
    unfound: str = ""


def observe_tenants(session: AviSession, names: Names, cloud: str, pool: Executor, sought: Sought) -> InTenants:
    """Read the tenants that are sought; one that the Controller does not let us read harms no other.

    Raises:
        AviError: the Controller did not answer.
    """
    objects: dict[AviRef, ObservedObject] = {}
    unread: dict[str, str] = {}
    for tenant in sorted(sought.tenants):
        known = (ref for ref in sought.known if ref.tenant == tenant)
        try:
            objects.update(observe_all(session, names, cloud, pool, known, tenant))
        except AviRejected as error:
            _log.warning("tenant %s: %s", tenant, error)
            unread[tenant] = f"{error.status} {error.message}" if error.status else error.message
    marked: Mapping[str, Set[str]] = {}
    unfound = ""
    if sought.finds:
        try:
            marked = marked_tenants(session, names, cloud, _BEARING)
        except AviRejected as error:
            unfound = str(error)
    return InTenants(
        objects=objects,
        read=sought.tenants - unread.keys(),
        unread=unread,
        is_awaited=not sought.named.isdisjoint(unread),
        marked=marked,
        is_looked_through=sought.finds,
        unfound=unfound,
    )


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
