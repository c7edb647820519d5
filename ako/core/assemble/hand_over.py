"""Names of objects that change hands: what is called so has to be gone before anything else is.

It may be another virtual service altogether, with another address. So nothing is ever made of what is there:

    the older goes ─▶ its objects are deleted; the younger's keep the name they have instead
                   ─▶ the name is free: they are made anew under it, referred to, and the others deleted
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ako.core.assemble.names import HostChange, holders, left_and_got
from ako.core.assemble.pipeline import Pipeline, Refreshed
from ako.core.assemble.tree import PlacedHost
from ako.core.base.refs import AviRef, NamespacedName
from ako.core.hooks.claims import HostKey, SharedVip
from ako.core.hooks.object_names import Holder, object_names
from ako.core.model import AviObject, HTTPPolicySet, Pool, VirtualService
from ako.core.model.names import plain_name
from ako.core.translate.metadata import read_metadata

_MANY = 1_000
"""Names that nobody has any more, after which it is looked which of them have gone."""


class HandOver:
    """Refreshes the pipeline, and lets nobody have a name that somebody else's objects still have on the Controller.

    Args:
        pipeline: what says who is to have which name.
        there: which of some names objects have on the Controller, or may come to have.
        seat: says of what is refreshed who has what there, where ages do not; says whether that is news.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        there: Callable[[Iterable[str]], set[str]],
        seat: Callable[[Refreshed], bool] = lambda _: False,
    ) -> None:
        self._pipeline = pipeline
        self._there = there
        self._seat = seat
        self._held: set[str] = set()
        self._left: dict[str, Holder] = {}
        self._many = _MANY

    def free(self) -> None:
        """Let names that have gone from the Controller be had again."""
        if not self._held and len(self._left) < self._many:
            return
        there = self._there({*self._held, *self._left})
        self._pipeline.free(self._held - there)
        self._held &= there
        self._left = {name: holder for name, holder in self._left.items() if name in there}
        self._many = max(_MANY, 2 * len(self._left))

    def refresh(self) -> Refreshed:
        """Bring the pipeline up to date, and hold what changes hands by it."""
        latest = refreshed = self._pipeline.refresh()
        if self._seat(refreshed):
            # Together, for nothing has changed hands that is with the same again.
            latest = refreshed = refreshed | self._pipeline.refresh()
        while names := self._changing_hands(latest.changed):
            self._hold(names)
            latest = self._pipeline.refresh()
            refreshed |= latest
        return refreshed

    def resume(self, found: Iterable[AviObject]) -> None:
        """At a start, hold what changed hands while nobody looked: see what is on the Controller, and go on from there.

        Either somebody waits for a name under another one, or what has the name says that it is somebody else's; then
        so is all else that the same rule needs.
        """
        there = {item.ref: item for item in found}
        names = {ref.name for ref in there}
        waiting = {plain for name in names if (plain := plain_name(name)) in names and self._waits(plain, name)}
        trees = (tree for _, tree in self._pipeline.trees.values())
        of_others = (name for tree in trees for placed in tree.hosts for name in self._of_others(placed, there))
        self._hold({*waiting, *(name for name in of_others if name in names)})

    def _waits(self, plain: str, name: str) -> bool:
        return self._pipeline.waits_for(plain) == name

    def _of_others(self, placed: PlacedHost, there: Mapping[AviRef, AviObject]) -> Iterable[str]:
        wanted = dict(zip(placed.refs, placed.translation.objects, strict=True))
        both = [(ref.name, there[ref], item) for ref, item in wanted.items() if ref in there]
        foreign = {name for name, found, item in both if _is_of_others(found, item, placed.key)}
        model = self._pipeline.model(placed.key) if foreign else None
        named = object_names(model) if model else {}
        rules = {named[name].holder for name in foreign if name in named}
        names = [name for name, needed in named.items() if needed.holder in rules]
        # Of what a host has as a whole a policy set can be another's alone: its name says whose claim is the oldest.
        return [*names, *(name for name, found, item in both if _is_of_other_hosts(found, item))]

    def _hold(self, names: set[str]) -> None:
        self._held |= names
        self._pipeline.reserve(names)

    def _changing_hands(self, changes: Iterable[HostChange]) -> set[str]:
        """Note which names hosts have left; give those that somebody gets while they are another's."""
        left, models = left_and_got(changes)
        self._left |= left
        got = holders(models) if self._left else {}
        others = {name for name, holder in got.items() if self._left.get(name, holder) != holder}
        for name in got:
            self._left.pop(name, None)
        return self._there(others - self._held) if others else set()


def _is_of_other_hosts(found: AviObject, wanted: AviObject) -> bool:
    """Say whether a policy set was made for other hosts, and for these none."""
    if not isinstance(found, HTTPPolicySet) or not isinstance(wanted, HTTPPolicySet):
        return False
    return bool(found.hosts) and found.hosts.isdisjoint(wanted.hosts)


def _is_of_others(found: AviObject, wanted: AviObject, key: HostKey) -> bool:
    """Say whether an object was made for other sources; what is there for a host as a whole, for another host too.

    Who shares an address may change without its being another: unless it was that of one who is called like it.
    """
    texts = [getattr(item, "service_metadata", None) for item in (found, wanted)]
    if texts[0] == texts[1]:
        return False
    had, has = map(read_metadata, texts)
    if not had.owners or not has.owners or not set(had.owners).isdisjoint(has.owners):
        return False
    if isinstance(key, SharedVip):
        return isinstance(wanted, VirtualService) and had.owners == (NamespacedName(key.namespace, key.name),)
    return isinstance(wanted, Pool) or set(had.hostnames or ()).isdisjoint(has.hostnames or ())
