"""What the hosts of one tree add up to: the parent virtual service with everything on it.

A tree is one VsVip and all virtual services on it with their children. Hosts are translated without knowing their
neighbours; here they meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from ako.core.assemble.path_sets import MAX_RULES, has_room
from ako.core.assemble.shared import shared_objects
from ako.core.base.refs import AviRef, ObjectRef, TreeName
from ako.core.base.wording import TRIED_AGAIN
from ako.core.hooks.claims import HostKey, Problem, has_no_age
from ako.core.hooks.site import Site
from ako.core.hooks.translation import HostModel, OwnTree, ParentTemplate, Translation
from ako.core.model import (
    MAX_DNS_NAMES,
    AviObject,
    VirtualService,
)
from ako.core.model.tenants import in_tenant

NO_ROOM = "LimitReached"
"""The reason of who has to wait for room."""


class PlacedHost(Struct, frozen=True):
    """A host (or a port claim) of a tree, with its translation.

    Attributes:
        key: what its claims are filed under.
        title: its name in messages.
        sources: the objects that claim it.
        order: decides between hosts.
        translation: its own objects and what it adds to its parent.
        refs: the identities of these objects, in their order.
    """

    key: HostKey
    title: str
    sources: tuple[ObjectRef, ...]
    order: tuple[str, ...]
    translation: Translation
    refs: tuple[AviRef, ...]

    @property
    def tree(self) -> TreeName:
        """Give the tree it is on."""
        return self.translation.parent.tree

    def is_newcomer(self, live: Set[str]) -> bool:
        """Say whether it has no age, and none of these names that are live."""
        return has_no_age(self.order[0]) and live.isdisjoint(self.translation.contribution.fqdns)


class Substitute(Struct, frozen=True):
    """What stands in for a host whose contribution the Controller would not take.

    Attributes:
        refused: the host as it was refused; anything else gets its own chance.
        by: what is wanted of the host instead, None for nothing.
        message: the Controller's own words; empty while it is not known who is to blame.
        is_before: what is wanted is the host as it was accepted before.
    """

    refused: PlacedHost
    by: PlacedHost | None
    message: str
    is_before: bool = False


class Tree(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that must be on the Controller for one VsVip.

    Attributes:
        parent: how the shared virtual service is made, if there is one.
        shared: VsVip, parent and what collects contributions.
        hosts: the hosts that are in, with their own objects.
        problems: of hosts that could not be taken in.
    """

    parent: ParentTemplate | OwnTree
    shared: tuple[AviObject, ...]
    hosts: tuple[PlacedHost, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> TreeName:
        """Give what the tree is known by: its parent."""
        return self.parent.tree

    @property
    def has_redirector(self) -> bool:
        """Say whether a virtual service beside the parent carries the redirects."""
        parent = self.parent
        return isinstance(parent, ParentTemplate) and any(
            isinstance(item, VirtualService) and item.name == parent.redirect_on != parent.name for item in self.shared
        )

    @cached_property
    def by_key(self) -> Mapping[HostKey, PlacedHost]:
        """Give the hosts that are in, by what their claims are filed under."""
        return {placed.key: placed for placed in self.hosts}

    @cached_property
    def problems_of(self) -> Mapping[ObjectRef, Sequence[Problem]]:
        """Give the problems of hosts that could not be taken in, by source."""
        found: dict[ObjectRef, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.source, []).append(problem)
        return found

    @cached_property
    def objects(self) -> Mapping[AviRef, AviObject]:
        """Give every object by its identity."""
        objects = {item.ref: item for item in self.shared}
        for placed in self.hosts:
            objects.update(zip(placed.refs, placed.translation.objects, strict=True))
        return objects


def place_in_tree(model: HostModel) -> PlacedHost | None:
    """Give a host's place in its tree, None if nothing of it is served."""
    if model.translation is None:
        return None
    settled = model.virtual_host
    refs = tuple(item.ref for item in model.translation.objects)
    return PlacedHost(settled.key, settled.title, model.sources, model.order, model.translation, refs)


def assemble(
    site: Site,
    hosts: Sequence[PlacedHost],
    retained: ParentTemplate | None,
    substitutes: Mapping[HostKey, Substitute],
    live: Set[str],
) -> Tree:
    """Build a tree from its hosts; without hosts it is the retained parent, empty.

    Equal templates merge; a host whose template differs from that of most hosts is left out and told so, so that no
    single one takes a virtual service from all others, however old it says it is. One that differs in `fields` alone is
    told, and served all the same. No two hosts bring objects of one name, unless one stands in as it was before.
    """
    parent: ParentTemplate | OwnTree | None = hosts[0].translation.parent if hosts else retained
    if parent is None:
        raise ValueError("a tree needs hosts or a retained parent")
    refusals: list[Problem] = []
    if substitutes:
        hosts, refusals = _substituted(hosts, substitutes)
    is_mixed = not _agree(hosts, parent) or (bool(substitutes) and not _are_distinct(hosts))
    taken_in: Sequence[PlacedHost] = hosts
    problems: Sequence[Problem] = ()
    if is_mixed:
        parent, taken_in, problems = _oldest_first(hosts)
    late: Sequence[Problem] = ()
    if isinstance(parent, ParentTemplate):
        taken_in, late = _with_room(taken_in, parent, live)
    taken_in = sorted(taken_in, key=lambda placed: placed.title)
    shared: tuple[AviObject, ...] = ()
    if isinstance(parent, ParentTemplate):
        if retained is not None and retained.keeps_redirector and not retained.is_vip_only:
            parent = replace(parent, keeps_redirector=True)
        contributions = [placed.translation.contribution for placed in taken_in]
        shared = site.finished(tuple(shared_objects(site, parent, contributions)))
        shared = in_tenant(shared, parent.tenant, site.names.prefix)
    return Tree(parent=parent, shared=shared, hosts=tuple(taken_in), problems=(*problems, *late, *refusals))


def _substituted(
    hosts: Sequence[PlacedHost], substitutes: Mapping[HostKey, Substitute]
) -> tuple[list[PlacedHost], list[Problem]]:
    """Put what was accepted before in the place of what was refused, and say why."""
    taken: list[PlacedHost] = []
    problems: list[Problem] = []
    for placed in hosts:
        substitute = substitutes.get(placed.key)
        if substitute is None or substitute.refused != placed:
            taken.append(placed)
            continue
        taken += [substitute.by] if substitute.by is not None else []
        if substitute.message:
            message = f"the Avi Controller refused what {placed.title} adds: {substitute.message}"
            problems += [Problem(source, "Rejected", message, TRIED_AGAIN) for source in placed.sources]
    return taken, problems


def _agree(hosts: Iterable[PlacedHost], parent: ParentTemplate | OwnTree) -> bool:
    """Say whether all hosts want the same parent, as is usual."""
    parents = (placed.translation.parent for placed in hosts)
    return all(wanted is parent or wanted == parent for wanted in parents)


def _are_distinct(hosts: Iterable[PlacedHost]) -> bool:
    refs = [ref for placed in hosts for ref in placed.refs]
    return len(set(refs)) == len(refs)


def _oldest_first(hosts: Sequence[PlacedHost]) -> tuple[ParentTemplate | OwnTree, list[PlacedHost], list[Problem]]:
    """Give the parent, take hosts in by age, and tell those that cannot be, or want it with other fields, why."""
    by_age = sorted(hosts, key=lambda placed: placed.order)
    parents = [placed.translation.parent for placed in by_age]
    plain = _of_most(map(_without_fields, parents))
    parent = _of_most(wanted for wanted in parents if _without_fields(wanted) == plain)
    taken_in: list[PlacedHost] = []
    problems: list[Problem] = []
    holders: dict[AviRef, PlacedHost] = {}
    for placed in by_age:
        fault = _obstacle(placed, parent, holders)
        if fault is None:
            taken_in.append(placed)
            holders.update((ref, placed) for ref in placed.refs)
            fault = _other_fields(placed, parent)
        problems += [Problem(source, *fault) for source in placed.sources if fault]
    return parent, taken_in, problems


def _of_most(parents: Iterable[ParentTemplate | OwnTree]) -> ParentTemplate | OwnTree:
    """Give the parent that most hosts want; of those that as many want the first, which is that of the oldest host."""
    return Counter(parents).most_common(1)[0][0]


def _obstacle(
    placed: PlacedHost, parent: ParentTemplate | OwnTree, holders: dict[AviRef, PlacedHost]
) -> tuple[str, str, str] | None:
    if _without_fields(placed.translation.parent) != _without_fields(parent):
        return (
            "ParentConflict",
            f"{placed.title} wants {parent.name} with other ports or profiles than most hosts on it do.",
            "Use the same settings for all hosts of one virtual service.",
        )
    for ref in placed.refs:
        if ref in holders:
            return (
                "NameConflict",
                f"{placed.title} would need the Avi object {ref.name}, which {holders[ref].title} has.",
                "Rename the object, its namespace or the path.",
            )
    return None


def _other_fields(placed: PlacedHost, parent: ParentTemplate | OwnTree) -> tuple[str, str, str] | None:
    """Say that a host wants other fields of its parent than most do: it is served as these want it."""
    if placed.translation.parent == parent:
        return None
    message = f"{placed.title} wants {parent.name} with other fields than most hosts do, and is served with theirs."
    return (
        "ParentConflict",
        message,
        "The plugin that sets them is to set the same for all hosts of one.",
    )


def _without_fields(parent: ParentTemplate | OwnTree) -> ParentTemplate | OwnTree:
    return replace(parent, fields=()) if isinstance(parent, ParentTemplate) and parent.fields else parent


def _with_room(
    hosts: Sequence[PlacedHost], parent: ParentTemplate, live: Set[str]
) -> tuple[Sequence[PlacedHost], Sequence[Problem]]:
    """Take hosts in by age as long as one VsVip takes their DNS names, and tell those that have to wait."""
    names = {parent.default_fqdn} - {""}
    asked = [placed.translation.contribution for placed in hosts]
    if len(names) + sum(len(part.fqdns) for part in asked) <= MAX_DNS_NAMES and (
        sum(len(part.rules) for part in asked) <= MAX_RULES
    ):
        return hosts, ()
    taken_in: list[PlacedHost] = []
    problems: list[Problem] = []
    taken: Counter[int] = Counter()
    for placed in sorted(hosts, key=lambda placed: (placed.is_newcomer(live), placed.order)):
        part = placed.translation.contribution
        more = {fqdn for fqdn in part.fqdns if fqdn not in names}
        if len(names) + len(more) > MAX_DNS_NAMES:
            what = f"the Avi Controller takes {MAX_DNS_NAMES:,} DNS names on one virtual service"
        elif not has_room(part.rules, taken):
            what = f"{MAX_RULES:,} rules for paths that no label can tell apart have room in one policy set"
        else:
            taken_in.append(placed)
            names |= more
            continue
        problems += [Problem(source, *_no_room(placed, parent, what)) for source in placed.sources]
    return taken_in, problems


def _no_room(placed: PlacedHost, parent: ParentTemplate, what: str) -> tuple[str, str, str]:
    message = f"{placed.title} is not served: {what}, and {parent.name} has as many of hosts that come before it."
    remedy = (
        "It is served as soon as there is room. L7Settings.shardVSSize and passthroughShardSize say how many virtual "
        "services there are; a larger number moves no host that is live."
    )
    return NO_ROOM, message, remedy
