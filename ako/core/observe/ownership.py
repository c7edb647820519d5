"""Which objects under our names are ours, where another cluster has the same `clusterName` on the same tenant.

| an object bears…            | and                                           | so it is                             |
|-----------------------------|-----------------------------------------------|--------------------------------------|
| our mark                    |                                               | ours                                 |
| the mark of another cluster | an operator confirmed that we take its place  | ours, and gets our mark              |
| the mark of another cluster |                                               | that cluster's: left alone           |
| none (Go AKO, or before)    | it is connected with one of another cluster's | that cluster's: left alone           |
| none                        |                                               | ours, marked when it is next written |

Without a uid of our own all are ours, as by names and `created_by` alone. Pure bookkeeping.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import ForeignObject
from ako.core.model.mark import Mark
from ako.core.observe.observed import ObservedObject

T = TypeVar("T")
Objects = Mapping[AviRef, ObservedObject]


class TakenName(PermissionError):  # noqa: N818 - a name says what happened
    """An object of a name that we want belongs to another cluster, whatever we would make of it."""


class Namesake(Struct, frozen=True):
    """Another cluster of our name.

    Attributes:
        uid: of its `kube-system` Namespace.
        id: by which an operator confirms that we take its place; another one in every cluster.
        objects: what is its, sorted.
    """

    uid: str
    id: str
    objects: tuple[AviRef, ...]


class Ownership:
    """Sets apart what belongs to other clusters.

    Attributes:
        mark: what we mark objects with.
        confirmed: id that an operator confirmed, whatever it is of.
        theirs: what is set apart, with the uid of the cluster that it belongs to.
        namesakes: these clusters.
    """

    def __init__(self) -> None:
        self.mark = Mark()
        self.confirmed = ""
        self.theirs: Mapping[AviRef, str] = {}
        self.namesakes: tuple[Namesake, ...] = ()
        self._replaced: set[str] = set()

    def is_outdated(self, uid: str) -> bool:
        """Say whether all has to be read anew: our uid is another one by now, or a cluster's place is to be taken."""
        return uid not in {"", self.mark.uid} or any(namesake.id == self.confirmed for namesake in self.namesakes)

    def become(self, uid: str, *, has_markers: bool) -> None:
        """Note our uid; one that is known is not forgotten, for a cluster keeps it for life."""
        self.mark = Mark(uid or self.mark.uid, has_markers)

    def sift(self, objects: Objects) -> Objects:
        """Give what is ours of a complete observation, and set the rest apart."""
        uids = {seen.cluster_uid for seen in objects.values()} - {"", self.mark.uid} if self.mark.uid else set()
        self._replaced |= {uid for uid in uids if self._id(uid) == self.confirmed}
        marked = {r: o.cluster_uid for r, o in objects.items() if self._is_of_another(o)} if uids else {}
        self._set_apart(_spread(marked, objects) if marked else {})
        if not uids:
            return objects
        ours = {ref: seen for ref, seen in objects.items() if ref not in self.theirs}
        return {ref: replace(o, remark=self.mark.uid) if o.cluster_uid in uids else o for ref, o in ours.items()}

    def judge(self, ref: AviRef, found: T) -> T | TakenName:
        """Take in what a look-up found: an object of another cluster's is as good as a name that is taken."""
        if not isinstance(found, ObservedObject) or not self._is_of_another(found):
            return found
        self._set_apart({**self.theirs, ref: found.cluster_uid})
        return self.why_taken(ref)

    def why_taken(self, ref: AviRef) -> TakenName:
        """Say whose an object is that is set apart."""
        return TakenName(
            f"{ref!r} exists and belongs to another cluster with our AKOSettings.clusterName, "
            f"whose kube-system Namespace has the uid {self.theirs[ref]}"
        )

    def forget(self) -> None:
        """Forget what was seen: it may be another Controller."""
        self._set_apart({})

    def _is_of_another(self, seen: ObservedObject) -> bool:
        return bool(self.mark.uid) and seen.cluster_uid not in {"", self.mark.uid, *self._replaced}

    def _set_apart(self, theirs: Mapping[AviRef, str]) -> None:
        refs: dict[str, list[AviRef]] = {}
        for ref, uid in theirs.items():
            refs.setdefault(uid, []).append(ref)
        self.theirs = theirs
        self.namesakes = tuple(Namesake(uid, self._id(uid), tuple(sorted(refs[uid]))) for uid in sorted(refs))

    def _id(self, uid: str) -> str:
        return hashlib.sha256(f"{self.mark.uid} takes the place of {uid}".encode()).hexdigest()[:12]


def _spread(theirs: dict[AviRef, str], objects: Objects) -> dict[AviRef, str]:
    """Add what bears no mark and is connected with objects of another cluster, over any way through such."""
    neighbours: dict[AviRef, list[AviRef]] = {}
    for ref, seen in objects.items():
        for other in _referents(seen, objects):
            neighbours.setdefault(ref, []).append(other)
            neighbours.setdefault(other, []).append(ref)
    pending = sorted(theirs)
    found = dict(theirs)
    while pending:
        ref = pending.pop()
        for other in neighbours.get(ref, ()):
            if other not in found and not objects[other].cluster_uid:
                found[other] = found[ref]
                pending.append(other)
    return found


def _referents(seen: ObservedObject, objects: Objects) -> Iterable[AviRef]:
    """Give what an object refers to of what we read; objects that all clusters share connect nothing."""
    return (r for r in seen.object.references() if r in objects and not isinstance(objects[r].object, ForeignObject))
