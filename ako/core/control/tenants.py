"""Which tenants are looked into beside that of the settings, and what came of it; see `observe/tenants.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import cast

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import AviRef
from ako.core.engine.cells import Unknown
from ako.core.engine.changes import Change
from ako.core.engine.store import ObjectKey
from ako.core.engine.view import View
from ako.core.hooks.records import NAMESPACES, Namespace
from ako.core.hooks.scope import asked_by, in_print
from ako.core.hooks.selection import is_selected
from ako.core.hooks.tenants import TENANTS
from ako.core.model.mark import Mark
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.tenants import InTenants, Sought, ours_among
from ako.core.settings import Settings


def why_unread(tenant: str, fault: str) -> str:
    """Say that a tenant cannot be read, and what follows."""
    return (
        f"tenant {in_print(tenant)} cannot be read ({fault}): nothing new is served in it, and nothing of it is "
        "deleted. Create it, correct the annotation of the Namespaces that name it, or give our user a role in it"
    )


def why_unfound(fault: str) -> str:
    """Say that our user may not look through all tenants, and what follows."""
    return (
        f"it cannot be told which tenants there are objects of ours in ({fault}): what was left in a tenant that no "
        "Namespace names any more since the last start stays there. Name it once more, or give our user a role in all"
    )


class Tenants:
    """Follows which tenants Namespaces name, and which could be read.

    Args:
        pipeline: has the Namespaces, and is told what is known of tenants.
        observed: what is on the Controller.

    Attributes:
        latest: what came of the latest observation.
        news: the tenants that were read in it, and not in the one before.
        unfound: why it could not be told in which tenants objects bear our mark; empty if it could.
    """

    def __init__(self, pipeline: Pipeline, observed: Observed) -> None:
        self._pipeline = pipeline
        self._observed = observed
        self.latest = InTenants()
        self.news: Set[str] = frozenset()
        self.unfound = ""
        self._is_found = False
        self._marked: dict[str, Set[str]] = {}
        """What was found, by uid: which of it is ours may be known only later."""
        self._left: frozenset[str] = frozenset()
        """Tenants in which something of ours may be that is not known."""
        self._named: frozenset[str] | None = None

    def reconsider(self) -> None:
        """Note that settings changed."""
        self._named = None

    def note(self, changes: Iterable[Change]) -> None:
        """Note that Kubernetes objects changed."""
        if any(change.kind == NAMESPACES.kind for change in changes):
            self._named = None

    def named(self, settings: Settings) -> frozenset[str]:
        """Give the tenants that Namespaces which are served name, as in `AviRef`."""
        controller = settings.controller_settings
        if not controller.tenants_per_cluster:
            return frozenset()
        if self._named is None:
            self._named = frozenset(self._in_annotations())
        return self._named - {"", controller.tenant_name}

    def _in_annotations(self) -> Iterable[str]:
        store = self._pipeline.store
        for name in store.names(Namespace):
            found = store.get(ObjectKey(Namespace, name))
            if found is not None and self._may_be_selected(name.name):
                yield asked_by(cast("Namespace", found).metadata).tenant

    def _may_be_selected(self, namespace: str) -> bool:
        try:
            return is_selected(View(self._pipeline.engine), namespace)
        except Unknown:
            return True

    def sought(self, settings: Settings, known: tuple[AviRef, ...]) -> Sought:
        """Give what is to be looked for in the next observation."""
        has_looked = self._is_found and not self.unfound
        finds = settings.controller_settings.tenants_per_cluster and not has_looked
        return Sought(known, self._wanted(settings), self.named(settings), finds)

    def _wanted(self, settings: Settings) -> frozenset[str]:
        return self.named(settings) | self._left | (self._observed.tenants - {""})

    def lacks_any(self, settings: Settings) -> bool:
        """Say whether there is a tenant to look into that was not looked into yet."""
        is_unfound = settings.controller_settings.tenants_per_cluster and not self._is_found
        return is_unfound or not self._wanted(settings) <= self.latest.read | self.latest.unread.keys()

    def take(self, observation: Observation, settings: Settings, uid: str) -> None:
        """Take in what came of an observation, for the cluster of an uid."""
        self.news = observation.tenants.read - self.latest.read
        self.latest = observation.tenants
        if self.latest.is_looked_through:
            self.unfound = self.latest.unfound
            self._is_found = True
            self._marked = dict(self.latest.marked)
        self._left |= self._marked.pop(uid, set()) - {settings.controller_settings.tenant_name}
        self._left |= self._observed.tenants & self.latest.unread.keys()
        self._left -= self.latest.read  # what is ours there is known by now

    def ours_in(self, observation: Observation, settings: Settings, mark: Mark) -> Mapping[AviRef, ObservedObject]:
        """Give what may be ours of an observation; in a tenant that cannot be read any more, what was known of it."""
        named = self.named(settings)
        away = (self.latest.unread.keys() & named) | self.latest.silent
        kept = {ref: seen for ref, seen in self._observed.items() if ref.tenant in away}
        return ours_among({**kept, **observation.objects}, named, self._observed, mark)

    def tell(self) -> None:
        """Have it known which tenants can be read, and which cannot."""
        engine = self._pipeline.engine
        known = {**dict.fromkeys(self.latest.read, ""), **self.latest.unread}
        before = [key[1] for key in engine.inputs if isinstance(key, tuple) and key[0] is TENANTS]
        for tenant in before:
            if tenant not in known:
                engine.clear_input(TENANTS, tenant)
        for tenant, fault in known.items():
            engine.set_input(TENANTS, fault, tenant)

    @property
    def faults(self) -> tuple[str, ...]:
        """Say what could not be read, and what follows."""
        return (*self.unread, *((why_unfound(self.unfound),) if self.unfound else ()))

    @property
    def unread(self) -> tuple[str, ...]:
        """Say which tenants could not be read, and what follows."""
        return tuple(why_unread(tenant, fault) for tenant, fault in sorted(self.latest.unread.items()))

    @property
    def is_owed(self) -> bool:
        """Say whether there are tenants with something of ours that could not be read."""
        return bool(self._left)

    def forget(self) -> None:
        """Forget everything that was read: it may be another Controller."""
        self.latest, self.unfound, self._is_found = InTenants(), "", False
        self._marked, self._left = {}, frozenset()
