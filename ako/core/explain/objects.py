"""Objects on the Avi Controller: is each as it is wanted, and if not, what stands in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import AviRef
from ako.core.base.wording import some_of
from ako.core.explain.answer import ObjectTold
from ako.core.explain.picture import Picture, named
from ako.core.explain.waits import PROTECTED, why_it_stays
from ako.core.model import AviObject
from ako.core.observe.served import hosts_of
from ako.core.plan.plan import Create, Operation, Update, plan_changes

FIELDS_AT_MOST = 6

_ORDER = (
    "vsvip",
    "virtualservice",
    "sslkeyandcertificate",
    "httppolicyset",
    "l4policyset",
    "vsdatascriptset",
    "poolgroup",
    "pool",
)


class Objects:
    """Tells about objects as they are wanted and as they are.

    Args:
        picture: what is known.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def of_host(self, own: Iterable[AviObject], shared: Iterable[AviObject]) -> tuple[ObjectTold, ...]:
        """Give the objects that a host is served by: those it shares, and its own, the outer ones first."""
        wanted = {item.ref: item for item in (*shared, *own)}
        ordered = sorted(wanted.values(), key=lambda item: (_place(item.ref), item.ref))
        return tuple(self._told(item.ref, item, serves=()) for item in ordered)

    def found(self, ref: AviRef) -> ObjectTold:
        """Give one object with the hosts that it is there for."""
        tree = self._picture.planner.tree_of(ref)
        wanted = self._picture.desired_of(tree).get(ref)
        return self._told(ref, wanted, serves=tuple(self.serves(ref)))

    def serves(self, ref: AviRef) -> Iterator[str]:
        """Give the hosts and Services that an object is there for."""
        picture = self._picture
        tree = picture.pipeline.trees.value(picture.planner.tree_of(ref))
        own = [placed for placed in tree.hosts if ref in placed.refs] if tree else []
        if own:
            yield from (named(placed.key) for placed in own)
        elif tree and any(item.ref == ref for item in tree.shared):
            yield from (named(placed.key) for placed in tree.hosts)
        elif (seen := picture.observed.get(ref)) is not None:
            yield from hosts_of(seen.object)

    def _told(self, ref: AviRef, wanted: AviObject | None, serves: tuple[str, ...]) -> ObjectTold:
        seen = self._picture.observed.get(ref)
        state, why = self._state(ref, wanted)
        uuid = seen.uuid if seen is not None else ""
        return ObjectTold(ref.type, ref.name, uuid, ref.tenant, state=state, why=why, serves=serves)

    def _state(self, ref: AviRef, wanted: AviObject | None) -> tuple[str, str]:
        picture = self._picture
        if not picture.is_observed:
            return "not asked", ""
        if wanted is not None and (refusal := picture.planner.refused.of(wanted)) is not None:
            return "refused", refusal.message
        seen = picture.observed.get(ref)
        if wanted is None:
            return why_it_stays(picture, ref)
        present = {ref: seen} if seen is not None else {}
        operations = plan_changes({ref: wanted}, present, picture.prefix).operations
        if not operations:
            return "there", ""
        if isinstance(operations[0], Create):
            return "to be created", ""
        return self._differing(ref, operations[0])

    def _differing(self, ref: AviRef, operation: Operation) -> tuple[str, str]:
        """Say what becomes of an object that is there otherwise than it is wanted."""
        planner = self._picture.planner
        fields = [change.field for change in operation.changes] if isinstance(operation, Update) else []
        words = f"differs in {some_of(fields, FIELDS_AT_MOST)}"
        if any(found.ref == ref for found in planner.weigh(planner.tree_of(ref)).plan.operations):
            return "to be updated", words
        if planner.drift.action(ref.type) == "report":
            return "left as it is", f"{words}, and ako.drift.policy is report"
        return "waits", f"{words}; {PROTECTED}"


def _place(ref: AviRef) -> int:
    return _ORDER.index(ref.type) if ref.type in _ORDER else len(_ORDER)
