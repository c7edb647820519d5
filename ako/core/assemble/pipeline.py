"""The pure half of the controller: store → claims → hosts → trees, as tables of the engine.

Everything from here to the plan is a function of the watched objects and a few inputs; the same content gives the same
trees, whatever the order in which it arrived.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from ako.core.assemble.doubt import Doubt, doubt_of_claim, doubts_of
from ako.core.assemble.filing import (
    Renamed,
    by_host,
    by_tree_and_name,
    by_trees,
    is_host,
    is_tree,
    nowhere,
)
from ako.core.assemble.hosts import Hosts
from ako.core.assemble.names import (
    HostChange,
    Loss,
    Needed,
    Reserved,
    contenders,
    contest,
    is_contested,
    losses,
    own_names,
)
from ako.core.assemble.rename import with_names
from ako.core.assemble.sources import Sources
from ako.core.assemble.tree import Substitute, Tree, assemble
from ako.core.base.refs import NO_TREE, Kind, NamespacedName, ObjectRef, TreeName
from ako.core.engine.cells import Input
from ako.core.engine.changes import Availability, Change
from ako.core.engine.engine import Engine
from ako.core.engine.kinds import WatchedKind
from ako.core.engine.store import ObjectKey, Store
from ako.core.engine.table import Table
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, Discovery, HostKey
from ako.core.hooks.object_names import ObjectName
from ako.core.hooks.outcome import SourceObject
from ako.core.hooks.placement import PLACE
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.selection import is_selected
from ako.core.hooks.site import DECLARED, SETTINGS, site
from ako.core.hooks.tenants import in_own_tenant
from ako.core.hooks.translation import HostModel, OwnTree, ParentTemplate
from ako.core.model import ForeignObject, VrfContext, group_of

RETAINED: Input[ParentTemplate | None] = Input("retained parent", default=None)
"""tree → its parent, for shared virtual services that were in use since this process started."""


STATIC_ROUTES = TreeName("static routes")
"""The tree of the objects of others that hold entries of ours; no virtual service can have this name."""


SUBSTITUTES: Input[Mapping[HostKey, Substitute]] = Input("substitutes", default={})
"""tree → what stands in for hosts whose contributions the Controller would not take."""


LIVE: Input[Set[str]] = Input("live names where there is no room for all", default=frozenset())
"""tree → the DNS names that it has on the Controller; set where not all hosts have room, and one has no age."""


class Touched(Struct, frozen=True):
    """Source objects that changes are about: `all` of them, and those of which more than the status was `edited`."""

    all: set[ObjectRef]
    edited: set[ObjectRef]


class Refreshed(Struct, frozen=True, kw_only=True):
    """Whose result changed, or went, in a refresh."""

    sources: set[ObjectRef]
    hosts: set[HostKey]
    trees: set[TreeName]
    changed: tuple[HostChange, ...]
    """These hosts as they were and as they are."""

    def __or__(self, later: Refreshed) -> Refreshed:
        changed: dict[HostKey, HostChange] = {}
        for before, now in (*self.changed, *later.changed):
            if (either := now or before) is not None:
                key = either.virtual_host.key
                changed[key] = (changed[key][0] if key in changed else before, now)
        return Refreshed(
            sources=self.sources | later.sources,
            hosts=self.hosts | later.hosts,
            trees=self.trees | later.trees,
            changed=tuple(changed.values()),
        )


class Pipeline:
    """Holds the tables; says which sources, hosts and trees changed.

    Args:
        host: the plugins, and the kinds they declare.
        more: kinds that are watched beside these.
    """

    def __init__(self, host: PluginHost, more: Iterable[WatchedKind] = ()) -> None:
        self._host = host
        self._sources = Sources(host)
        self._records: dict[Kind, list[type[Struct]]] = {}
        for kind in host.source_kinds:
            self._records.setdefault(kind.kind, []).append(kind.record)
        self.watched: tuple[WatchedKind, ...] = (*host.watched, *more)
        self.store = Store(self.watched, host.guarded_indexes)
        self.claims: Table[Discovery] = Table("claims", self._discover, by_host)
        self.hosts: Table[HostModel] = Table(
            "hosts", Hosts(host, self.claims).model, by_tree_and_name, follows=(self.claims,), is_row=is_host
        )
        self.contests: Table[tuple[Loss, ...]] = Table(
            "contested names", self._contest, losses, follows=(self.hosts,), is_row=is_contested
        )
        self.renamed: Table[Renamed] = Table("renamed hosts", self._rename, by_trees, follows=(self.contests,))
        self.trees: Table[Tree] = Table(
            "trees", self._assemble, nowhere, follows=(self.hosts, self.renamed), is_row=is_tree
        )
        self.tables = (self.claims, self.hosts, self.contests, self.renamed, self.trees)
        self._hosts_in_doubt: dict[HostKey, tuple[tuple[ObjectRef, str], ...]] = {}
        self.engine = Engine(self.store, self.tables, host.calls.query)
        self.engine.set_input(PLACE, host.place)
        self.engine.set_input(DECLARED, host.declared)
        self.trees.pin(STATIC_ROUTES)

    def apply(self, changes: Iterable[Change]) -> Touched:
        """Take in changes; give the source objects that were touched."""
        touched: set[ObjectRef] = set()
        edited: set[ObjectRef] = set()
        for key in self.engine.apply(changes):
            if not isinstance(key, ObjectKey):
                continue
            kind = self.store.kind_of(key.record)
            if kind not in self._records:
                continue
            ref = ObjectRef(kind, *key.name)
            touched.add(ref)
            if key.record in self._records[kind]:
                edited.add(ref)
                self._match_source(ref, key.name)
        return Touched(touched, edited)

    def _match_source(self, ref: ObjectRef, name: NamespacedName) -> None:
        if any(self.store.holds(ObjectKey(record, name)) for record in self._records[ref.kind]):
            self.claims.want(ref)
        else:
            self.claims.unwant(ref)

    def refresh(self) -> Refreshed:
        """Bring everything up to date, remember which shared parents are in use, and say what changed."""
        self.engine.refresh()
        trees = cast("set[TreeName]", set(self.trees.drain()))
        self._retain_used(trees)
        hosts, renamed = self.hosts.drain(), self.renamed.drain()
        keys = {cast("HostKey", key) for key in hosts.keys() | renamed.keys() if not isinstance(key, Reserved)}
        self._note_hosts_in_doubt(keys)
        return Refreshed(
            sources=cast("set[ObjectRef]", set(self.claims.drain())),
            hosts=keys,
            trees=trees,
            changed=tuple(self._changed(hosts, renamed)),
        )

    def model(self, key: Hashable) -> HostModel | None:
        """Give a host under the names that its objects have, None if it is not known."""
        renamed = self.renamed.value(key)
        return renamed.model if renamed else self.hosts.value(key)

    def _changed(
        self, hosts: Mapping[Hashable, HostModel | None], renamed: Mapping[Hashable, Renamed | None]
    ) -> Iterator[HostChange]:
        """Give the hosts that changed, from what they were before."""
        for key in hosts.keys() | renamed.keys():
            other = renamed[key] if key in renamed else self.renamed.value(key)
            before = other.model if other else hosts.get(key, self.hosts.value(key))
            yield before, self.model(key)

    def _retain_used(self, trees: Iterable[TreeName]) -> None:
        for name in trees:
            tree = self.trees.value(name)
            if tree is not None and tree.hosts and isinstance(tree.parent, ParentTemplate) and tree.parent.is_retained:
                self.retain(name, replace(tree.parent, keeps_redirector=tree.has_redirector))

    def forget_unused(self) -> None:
        """Let every shared parent go that serves nobody, as a new start would."""
        for name in [tree.name for _, tree in self.trees.values() if isinstance(tree.parent, ParentTemplate)]:
            self.release(name)
        self.engine.refresh()
        self._retain_used(cast("tuple[TreeName, ...]", tuple(self.trees.rows)))

    def _note_hosts_in_doubt(self, hosts: Iterable[HostKey]) -> None:
        for host in hosts:
            model = self.hosts.value(host)
            if model is None:
                self._host.forget(host)
            if model is not None and model.virtual_host.in_doubt:
                self._hosts_in_doubt[host] = model.virtual_host.in_doubt
            else:
                self._hosts_in_doubt.pop(host, None)

    def retain(self, tree: TreeName, parent: ParentTemplate) -> None:
        """Keep a tree when its last host goes."""
        self._free_retained(tree)
        self.engine.set_input(RETAINED, parent, tree)
        self.trees.pin(tree)
        self.reserve(own_names(parent), tree)

    def release(self, tree: TreeName) -> None:
        """Let a tree go with its last host."""
        self._free_retained(tree)
        self.engine.clear_input(RETAINED, tree)
        self.trees.unpin(tree)

    def _free_retained(self, tree: TreeName) -> None:
        if (parent := self.engine.inputs.get((RETAINED, tree))) is not None:
            self.free(own_names(parent), tree)

    def reserve(self, names: Iterable[str], tree: TreeName = NO_TREE) -> None:
        """Let no host have these names: those of a tree's parent, or any others."""
        for name in names:
            self.hosts.pin(Reserved(name, tree))

    def free(self, names: Iterable[str], tree: TreeName = NO_TREE) -> None:
        """Let the hosts that need names have them again."""
        for name in names:
            self.hosts.unpin(Reserved(name, tree))

    def waits_for(self, name: str) -> str:
        """Give the name of the one who would have a name if it were not reserved; empty if nobody needs it."""
        asking = self.engine.ask(contenders, self.hosts, name)
        first = next((named for named in asking if isinstance(named, ObjectName)), None)
        return first.instead_of(name) if first else ""

    def tree_names(self) -> tuple[TreeName, ...]:
        """Give the names of all trees."""
        return tuple(cast("TreeName", name) for name, _ in self.trees.values())

    @property
    def source_kinds(self) -> frozenset[Kind]:
        """Give the kinds of source objects."""
        return frozenset(self._records)

    def source_refs(self) -> Iterator[ObjectRef]:
        """Give every source object that is there."""
        return (cast("ObjectRef", row) for row in self.claims.rows)

    def namesakes(self, name: NamespacedName) -> Iterator[ObjectRef]:
        """Give the source objects of a namespace and name, of whatever kind."""
        found = (ObjectRef(kind, *name) for kind in self._records)
        return (other for other in found if other in self.claims.rows)

    def doubts(self) -> Iterator[Doubt]:
        """Give everything that never could be computed; what it may own must not be taken away."""
        for kind in self._records:
            availability, reason = self.store.availability(kind)
            if availability is Availability.UNKNOWN:
                yield Doubt(f"{kind} is not known: {reason}")
        for host, in_doubt in self._hosts_in_doubt.items():
            yield from (doubt_of_claim(source, host, reason) for source, reason in in_doubt)
        for row, reason in self.claims.doubts.items():
            if self.claims.value(row) is None and isinstance(row, ObjectRef):
                yield Doubt(reason, source=row)
        for row, reason in self.hosts.doubts.items():
            if self.hosts.value(row) is None:
                yield from doubts_of(row, reason, self.claims.group(row))
        for row, reason in self.trees.doubts.items():
            if self.trees.value(row) is None and row != STATIC_ROUTES:
                yield Doubt(reason, tree=cast("TreeName", row))

    def whose(self, view: View, ref: ObjectRef) -> Whose:
        """Say whether a source object is ours, and why."""
        records = self._records.get(ref.kind, ())
        held = (self.store.get(ObjectKey(record, ref.namespaced_name)) for record in records)
        read_as = tuple(SourceObject(ref, record) for record in held if record is not None)
        return self._sources.whose(view, ref, read_as)

    def passed_over(self, view: View, kind: Kind) -> Whose | None:
        """Say why the objects of a source kind are not processed, None if they are."""
        return self._sources.passed_over(view, kind)

    def left_out(self, view: View, backend: Backend) -> tuple[LeftOut, ...]:
        """Say what could be a server of a backend and is none, or is not reached, with the reason of each."""
        return self._sources.left_out(view, backend)

    def source(self, ref: ObjectRef) -> SourceObject | None:
        """Give a source object with its last seen status, None if it is gone or was never readable."""
        for kind in self._host.source_kinds:
            if kind.kind == ref.kind:
                record = self.store.get(ObjectKey(kind.record, ref.namespaced_name))
                status = self.store.get(ObjectKey(kind.status, ref.namespaced_name)) if kind.status else None
                if record is not None:
                    return SourceObject(ref, record, status)
        return None

    def unreadable(self, ref: ObjectRef) -> str:
        """Say why the present version of a source object cannot be read; empty if it can."""
        keys = (ObjectKey(record, ref.namespaced_name) for record in self._records[ref.kind])
        return next((reason for key in keys if (reason := self.store.unreadable(key))), "")

    # The row functions.

    def _discover(self, view: View, ref: ObjectRef) -> Discovery:
        claims = Discovery()
        if not (view.ask(self._sources.is_processed, ref.kind) and is_selected(view, ref.namespace)):
            return claims
        for record in self._records[ref.kind]:
            found = view.get(record, ref.namespace, ref.name)
            if found is not None:
                source = SourceObject(ref, found)
                part = in_own_tenant(view, source, self._host.discover(source, view))
                claims = Discovery(claims.claims + part.claims, claims.problems + part.problems)
        return claims

    def _contest(self, view: View, needed: Needed) -> tuple[Loss, ...]:
        return contest(view, self.hosts, needed)

    def _rename(self, view: View, key: HostKey) -> Renamed:
        model: HostModel = view.row(self.hosts, key)
        others = {loss.name: loss.other for loss in view.group(self.contests, key)}
        return Renamed(with_names(model, others), model.tree)

    def _assemble(self, view: View, tree: TreeName) -> Tree:
        if tree == STATIC_ROUTES:
            return self._route(view)
        hosts, renamed = view.group(self.hosts, tree), view.group(self.renamed, tree)
        if renamed:
            others = {placed.key for placed in renamed}
            hosts = tuple(placed for placed in hosts if placed.key not in others)
            hosts += tuple(placed for placed in renamed if placed.tree == tree)
        retained = view.input(RETAINED, tree)
        if not hosts and retained is None:
            return Tree(parent=OwnTree(*tree), shared=(), hosts=())
        return assemble(view.ask(site), hosts, retained, view.input(SUBSTITUTES, tree), view.input(LIVE, tree))

    def _route(self, view: View) -> Tree:
        """Give the static routes, and the label of the SE group whose engines take them; a tree without hosts.

        Where everything is to go neither is wanted, even if none were any more: some may be left from before.
        """
        is_leaving = view.input(SETTINGS).ako_settings.delete_config
        routes = () if is_leaving else self._host.static_routes(view)
        shared: tuple[ForeignObject, ...] = ()
        if routes is not None:
            here = view.ask(site)
            owner = here.names.cluster
            vrf = VrfContext(name=here.vrf.name, owner=owner, static_routes=tuple(routes), tenant=here.cloud_tenant)
            group = group_of(here.se_group.name, owner, here.cloud_tenant)
            shared = (vrf, group.cleared() if is_leaving else group)
        return Tree(parent=OwnTree(*STATIC_ROUTES), shared=shared, hosts=())
