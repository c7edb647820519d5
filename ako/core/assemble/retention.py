"""Shared virtual services that serve nobody any more: kept, until the next start or for a grace period.

| `ako.gc.sharedVsGracePeriod` | last host gone            | next start                             |
|------------------------------|---------------------------|----------------------------------------|
| 0                            | kept                      | deleted                                |
| n seconds                    | deleted after n seconds   | deleted                                |

With `ako.gc.keepVip` the VsVip, and so the address, outlives the virtual service in both cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from msgspec.structs import replace

from ako.core.assemble.pipeline import Pipeline
from ako.core.assemble.tenants import parent_in
from ako.core.base.refs import TreeName
from ako.core.hooks.shared_parents import shared_parent
from ako.core.hooks.site import site
from ako.core.hooks.translation import ParentTemplate
from ako.core.model import NORMAL
from ako.core.settings import Settings


class Retention:
    """Follows which shared virtual services are empty, and since when."""

    def __init__(self, pipeline: Pipeline, clock: Callable[[], float]) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._empty_since: dict[TreeName, float] = {}
        self._grace = 0.0
        self._tenants: Set[str] = frozenset()

    def note(self, trees: Iterable[TreeName], settings: Settings) -> None:
        """Note which of the changed trees are empty now; of all trees, when there is a grace period from now on."""
        before, self._grace = self._grace, settings.ako.gc.shared_vs_grace_period
        if not self._grace:
            self._empty_since.clear()
            return
        for name in trees if before else self._pipeline.tree_names():
            tree = self._pipeline.trees.value(name)
            if tree is None or tree.hosts or not isinstance(tree.parent, ParentTemplate) or tree.parent.is_vip_only:
                self._empty_since.pop(name, None)
            else:
                self._empty_since.setdefault(name, self._clock())

    def leave(self, trees: Iterable[TreeName], tenants: Set[str]) -> bool:
        """Let go of what is empty in other tenants than the one of the settings and these; say whether that is any.

        Of the changed trees; of all, if there are other tenants now. Nothing holds a place for nobody where nobody is.
        """
        changed = self._pipeline.tree_names() if tenants != self._tenants else trees
        self._tenants = tenants
        left = [tree for tree in changed if tree.tenant and tree.tenant not in tenants and self._is_empty(tree)]
        for tree in left:
            self._pipeline.release(tree)
        return bool(left)

    def _is_empty(self, name: TreeName) -> bool:
        """Say whether a shared virtual service serves nobody; what is in a tree of its own is no concern of ours."""
        tree = self._pipeline.trees.value(name)
        return tree is not None and not tree.hosts and isinstance(tree.parent, ParentTemplate)

    def release_due(self, settings: Settings) -> None:
        """Let go of what was empty for long enough."""
        grace = settings.ako.gc.shared_vs_grace_period
        for name in [name for name, since in self._empty_since.items() if since + grace <= self._clock()]:
            del self._empty_since[name]
            tree = self._pipeline.trees.value(name)
            if settings.ako.gc.keep_vip and tree is not None and isinstance(tree.parent, ParentTemplate):
                self._pipeline.retain(name, replace(tree.parent, is_vip_only=True))
            else:
                self._pipeline.release(name)

    def next_due(self, settings: Settings) -> float | None:
        """Give the time at which the next one goes, None if none does."""
        first = min(self._empty_since.values(), default=None)
        return None if first is None else first + settings.ako.gc.shared_vs_grace_period

    def begin(self) -> None:
        """At a start, keep nothing that serves nobody: another replica may have let it go meanwhile."""
        self._empty_since.clear()
        for tree in [tree for tree in self._pipeline.tree_names() if self._is_empty(tree)]:
            self._pipeline.release(tree)

    def keep_addresses(self, vsvips: Iterable[TreeName], settings: Settings) -> None:
        """At a start, keep the VsVips of shared virtual services that serve nobody, if that is wanted."""
        if not settings.ako.gc.keep_vip:
            return
        here = self._pipeline.engine.ask(site)
        names = here.names
        for tree in vsvips:
            stem, dash, number = tree.name.rpartition("-")
            there = self._pipeline.trees.value(tree)
            if not number.isdecimal() or (there is not None and there.hosts):
                continue
            if tree.tenant and tree.tenant not in self._tenants:
                continue
            if stem + dash == names.shared_stem:
                parent = parent_in(self._pipeline.engine.ask(shared_parent, int(number)), tree.tenant, here)
                self._pipeline.retain(tree, replace(parent, is_vip_only=True))
            elif stem + dash == names.passthrough_stem:
                self._pipeline.retain(tree, _passthrough_address(tree))


def _passthrough_address(tree: TreeName) -> ParentTemplate:
    """Give a passthrough parent of which nothing but the VsVip is wanted; how to make the rest its plugin knows."""
    return ParentTemplate(
        name=tree.name,
        vs_type=NORMAL,
        application_profile="",
        network_profile="",
        services=(),
        is_vip_only=True,
        tenant=tree.tenant,
    )
