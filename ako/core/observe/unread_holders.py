"""Who has a host on the Controller and cannot be read: while that is so, nobody knows whether it is given up."""

from __future__ import annotations

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.hooks.site import SETTINGS
from ako.core.observe.observed import Observed
from ako.core.observe.served import owners_of, served_by
from ako.core.settle.reuse import UNREAD, Unread, shares_hosts


class UnreadHolders:
    """Keeps the input of each host that a source object has which never could be read since this process started."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._known: dict[str, Unread] = {}

    def assign(self, observed: Observed) -> bool:
        """Say of each host who has it and cannot be read; say whether that is news."""
        engine, before = self._pipeline.engine, self._known
        self._known = {} if shares_hosts(engine.input(SETTINGS)) else self._found(observed)
        for host in before.keys() - self._known.keys():
            engine.clear_input(UNREAD, host)
        for host, unread in self._known.items():
            engine.set_input(UNREAD, unread, host)
        return before != self._known

    def _found(self, observed: Observed) -> dict[str, Unread]:
        claims = self._pipeline.claims
        found: dict[str, set[NamespacedName]] = {}
        for ref in claims.doubts:
            if isinstance(ref, ObjectRef) and claims.value(ref) is None:
                for host in _hosts_of(ref.namespaced_name, observed):
                    found.setdefault(host, set()).add(ref.namespaced_name)
        return {host: Unread(tuple(sorted(holders)), _live_in(host, observed)) for host, holders in found.items()}


def _hosts_of(owner: NamespacedName, observed: Observed) -> set[str]:
    """Give the hosts that are served for an object."""
    seen = (observed.get(ref) for ref in observed.owned_by(owner))
    return {host for one in seen if one is not None for host in served_by(one.object) if isinstance(host, str)}


def _live_in(host: str, observed: Observed) -> tuple[str, ...]:
    """Give the namespaces for whose objects a host is served."""
    seen = (observed.get(ref) for ref in observed.serving(host))
    return tuple(sorted({owner.namespace for one in seen if one is not None for owner in owners_of(one.object)}))
