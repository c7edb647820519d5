"""Who spoils a shared object? New contributions are halved until the culprits are known; all others go through.

A write to an object that many hosts share can be refused because of one of them. Suspected is whose contribution is not
there. Of these the oldest are tried first; whose turn has not come keeps what is its own, and adds what it had added
before, or nothing. A culprit keeps what it had before, or stays out, and is told the Controller's own words.

    refused with [a b c d] ─▶ try [a b] ─▶ accepted ─▶ try [a b c] ─▶ refused ─▶ c is a culprit ─▶ try [a b d]

An object that cannot be made with anybody on it is first tried with nobody: is that refused too, no host is to blame,
and all wait until the Controller takes it.

A verdict stands over full syncs. At each of them some culprits are tried again, all at first, then halves of them,
until one try is refused: so a standing fault costs one refused write, and whoever is mended gets in. Where it is names
that were refused, nothing but the names is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ako.core.assemble.tree import PlacedHost, Substitute, Tree
from ako.core.base.refs import AviRef, TreeName
from ako.core.hooks.claims import HostKey
from ako.core.hooks.translation import Contribution, ParentTemplate
from ako.core.model import VsVip
from ako.core.observe.observed import Observed
from ako.core.observe.presence import Presence

Hosts = list[PlacedHost]


class _Search(Struct):
    """The search in one tree.

    Attributes:
        groups: still to be tried, the next one last.
        culprits: who was found guilty, with what stands in for it.
        again: groups of culprits that are yet to be tried again, the next one first.
        retrying: the group of culprits that is being tried again, empty if none is.
        names_only: the object that was refused is about DNS names.
        fault: why the object is refused with nobody on it; empty if it is not.
    """

    groups: list[Hosts] = []
    culprits: dict[HostKey, Substitute] = {}
    again: list[Hosts] = []
    retrying: Hosts = []
    names_only: bool = False
    fault: str = ""


class Quarantine:
    """Searches for culprits, one search a tree; says what must stand in for the contributions of which hosts."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed
        self._accepted: dict[TreeName, Mapping[HostKey, PlacedHost]] = {}
        self._searches: dict[TreeName, _Search] = {}

    def fault(self, tree: TreeName) -> str:
        """Say why a shared object of a tree is refused whoever is on it; empty if it is not."""
        search = self._searches.get(tree)
        return search.fault if search else ""

    def note_accepted(self, tree: Tree) -> bool:
        """Note that a tree is on the Controller as it is wanted; say whether somebody else is to be tried next."""
        search = self._searches.get(tree.name)
        if search is None:
            self._accepted[tree.name] = tree.by_key
            return False
        out = {key for key, substitute in self.substitutes(tree.name).items() if not substitute.is_before}
        self._accepted[tree.name] = {key: placed for key, placed in tree.by_key.items() if key not in out}
        search.fault = ""
        if not (search.groups or search.retrying):
            return False
        if search.groups:
            search.groups.pop()
        if search.retrying:  # they went in with that group: nothing would be written for them alone
            for placed in search.retrying:
                search.culprits.pop(placed.key, None)
            search.retrying = search.again.pop(0) if search.again else []
        self._end_if_done(tree.name)
        return True

    def note_refused(self, tree: Tree, refused: AviRef, message: str) -> bool:
        """Note that a shared object of a tree was refused; say whether something else is to be tried next."""
        search = self._searches.setdefault(tree.name, _Search())
        search.names_only = refused.type == VsVip.avi_type
        if search.retrying:
            if len(search.retrying) > 1:
                search.again += _halves(search.retrying)
            search.retrying = []
            return True
        suspects = self._suspects(tree)
        if not search.groups:
            return self._begin(search, tree, suspects, message)
        group = search.groups[-1]
        tried = {placed.key for placed in group}
        if strangers := [placed for placed in suspects if placed.key not in tried]:
            search.groups.insert(0, strangers)  # they came meanwhile, and have their turn when this one is decided
        elif not group:
            search.fault = message
            return False
        else:
            self._decide(search, tree.name, search.groups.pop(), message)
        return True

    def _begin(self, search: _Search, tree: Tree, suspects: Hosts, message: str) -> bool:
        if not suspects:
            self._end_if_done(tree.name)
            return False
        is_shared = isinstance(tree.parent, ParentTemplate)
        if is_shared and not self._is_made(tree) and len(suspects) == len(tree.hosts):
            search.groups = [suspects, []]
        else:
            self._decide(search, tree.name, suspects, message)
        return True

    def _decide(self, search: _Search, tree: TreeName, group: Hosts, message: str) -> None:
        if len(group) > 1:
            search.groups += reversed(_halves(group))
        else:
            search.culprits[group[0].key] = self._stand_in(tree, group[0], message)

    def searching(self) -> Iterator[tuple[TreeName, int]]:
        """Give the trees in which it is being found out who is to blame, with how many wait for that."""
        for tree, search in sorted(self._searches.items()):
            if waiting := sum(len(group) for group in search.groups[:-1]):
                yield tree, waiting

    def substitutes(self, tree: TreeName) -> Mapping[HostKey, Substitute]:
        """Give what stands in for hosts of a tree: culprits, and those whose turn has not come."""
        search = self._searches.get(tree)
        if search is None:
            return {}
        waiting = [placed for group in search.groups[:-1] for placed in group]
        found = {**search.culprits, **{placed.key: self._stand_in(tree, placed, "") for placed in waiting}}
        for placed in search.retrying:
            if (culprit := found.get(placed.key)) is not None:
                tried = _names_of(placed) if search.names_only else placed
                found[placed.key] = replace(culprit, by=tried, is_before=False)
        return found

    def forget(self) -> tuple[TreeName, ...]:
        """Know nothing of what was accepted or refused: somebody else may have written; name the trees concerned."""
        concerned = tuple(self._searches)
        self._accepted.clear()
        self._searches.clear()
        return concerned

    def retry(self) -> tuple[TreeName, ...]:
        """Give some of the culprits another chance (at a full sync); name the trees concerned."""
        concerned = [tree for tree, search in self._searches.items() if search.culprits and not search.retrying]
        for tree in concerned:
            search = self._searches[tree]
            search.again = search.again or [[culprit.refused for culprit in search.culprits.values()]]
            search.retrying = search.again.pop(0)
        return tuple(concerned)

    def _end_if_done(self, tree: TreeName) -> None:
        search = self._searches[tree]
        if not (search.groups or search.culprits or search.retrying):
            del self._searches[tree]

    def _stand_in(self, tree: TreeName, placed: PlacedHost, message: str) -> Substitute:
        """Give what is there of a host from before; else, as long as it is not decided, what is its own."""
        before = self._accepted.get(tree, {}).get(placed.key)
        if before is not None:
            return Substitute(placed, before, message, is_before=True)
        return Substitute(placed, None if message else _own_of(placed), message, is_before=False)

    def _suspects(self, tree: Tree) -> Hosts:
        """Give the hosts whose contribution is not on the Controller, oldest first; nobody else can spoil an object.

        Who was accepted and is gone from there is as suspect as any other, and has nothing to keep.
        """
        present = Presence(tree, self._observed)
        known = self._accepted.get(tree.name, {})
        lost = {key for key, placed in known.items() if not present.has(placed)}
        if lost:
            self._accepted[tree.name] = {key: placed for key, placed in known.items() if key not in lost}
        stand_ins = self.substitutes(tree.name)
        suspects = [p for p in tree.hosts if not present.has(p) and not _stands_in(stand_ins.get(p.key), p)]
        return sorted(suspects, key=lambda placed: placed.order)

    def _is_made(self, tree: Tree) -> bool:
        return tree.name.ref(VsVip.avi_type) in self._observed


def _halves(group: Hosts) -> list[Hosts]:
    middle = len(group) // 2
    return [group[:middle], group[middle:]]


def _own_of(placed: PlacedHost) -> PlacedHost:
    """Give a host that adds nothing to what it shares with others."""
    return replace(placed, translation=replace(placed.translation, contribution=Contribution()))


def _names_of(placed: PlacedHost) -> PlacedHost:
    """Give a host that adds its names, and has nothing of its own."""
    names = Contribution(fqdns=placed.translation.contribution.fqdns)
    return replace(placed, refs=(), translation=replace(placed.translation, objects=(), contribution=names))


def _stands_in(substitute: Substitute | None, placed: PlacedHost) -> bool:
    return substitute is not None and substitute.by == placed
