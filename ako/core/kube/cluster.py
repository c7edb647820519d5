"""What the controller asks of a Kubernetes cluster, be it an API server or a folder of manifests.

The controller starts it with the declared kinds and a sink; status and Events go back through the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct

from ako.core.base.refs import Kind, ObjectRef
from ako.core.engine.changes import Change
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.field_selectors import NAME, NAMESPACE, fixed, in_common
from ako.core.kube.sight import WatchReport

Sink = Callable[[Change], None]
"""Takes every change; called from several threads, never after `stop()` returned."""


class WriteOutcome(Enum):
    """What became of a status write."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    RETRY = "retry"
    OUTDATED = "outdated"
    """The object is no longer as it was when the status was worked out."""


class WriteResult(Struct, frozen=True):
    """The outcome of a status write and, unless it is done, what Kubernetes said."""

    outcome: WriteOutcome
    message: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """A line for `kubectl describe`: the reason is one CamelCase word, the message a sentence."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class Cluster(Protocol):
    """A source of Kubernetes objects that takes their status."""

    def start(self, kinds: Sequence[WatchedKind], sink: Sink) -> None:
        """Begin to tell the sink every change of the declared kinds."""

    def stop(self) -> None:
        """End the watches; nothing reaches the sink afterwards."""

    def incompleteness(self) -> str:
        """Say why what was told may not be all there is, beyond what availability says; empty if it is all."""

    def watch_reports(self) -> tuple[WatchReport, ...]:
        """Say how each kind is followed; nothing where none can be lost."""

    def write_status(self, ref: ObjectRef, status: Mapping[str, Any] | None, version: str = "") -> WriteResult:
        """Merge a status into that of an object; None clears it. Only declared kinds, only after `start()`.

        With a version it is written only if that is the object's resourceVersion still; else it is outdated.
        """

    def write_event(self, ref: ObjectRef, event: Event) -> WriteOutcome:
        """Attach an Event to an object as well as possible: a failure is logged, not raised, and not tried again.

        Done; or refused, or it would have to be tried again; gone, if it is not written because nobody needs it.
        """

    def read_config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the data of a ConfigMap, None if it is not there.

        Raises:
            KubeError: it could not be read.
        """

    def read_secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Give the decoded data of a Secret, None if it is not there.

        Raises:
            KubeError: it could not be read, or a value is not base64 of UTF-8 text.
        """

    def kinds_of_group(self, group: str) -> tuple[str, ...]:
        """Give the kinds that are served in an API group, ordered by name.

        Raises:
            KubeError: that cannot be read.
        """


class Reading(NamedTuple):
    """How one record type is read: from which objects, and what is read of those that do not fit."""

    field_selector: str = ""
    outline: type[Struct] | None = None


class Watch(NamedTuple):
    """All that is declared for one kind, watched once."""

    kind: Kind
    plural: str
    namespaced: bool
    is_optional: bool
    field_selector: str
    records: Mapping[type[Struct], Reading]
    stands_in_for: Kind | None = None
    is_told: bool = False
    """Whether its objects get statuses and Events."""

    @property
    def namespace(self) -> str:
        """Give the one namespace that is watched, empty for all: who asks for one alone needs no right to others."""
        return fixed(self.field_selector, NAMESPACE) if self.namespaced else ""

    @property
    def name(self) -> str:
        """Give the name of the objects that are watched, empty for all."""
        return fixed(self.field_selector, NAME)


def watches(kinds: Sequence[WatchedKind]) -> dict[Kind, Watch]:
    """Gather the declarations by kind: several plugins may declare one kind, with different records.

    A kind is optional if every declaration says so, and limited on the server by what all selectors have in common.
    """
    gathered: dict[Kind, Watch] = {}
    for declared in kinds:
        selector = declared.field_selector
        wanted = {declared.record: Reading(selector, declared.outline)}
        if declared.status is not None:
            wanted[declared.status] = Reading(selector)
        watch = gathered.setdefault(
            declared.kind,
            Watch(
                declared.kind,
                declared.plural,
                declared.namespaced,
                declared.is_optional,
                selector,
                {},
                declared.stands_in_for,
            ),
        )
        if (watch.plural, watch.namespaced) != (declared.plural, declared.namespaced):
            raise ValueError(
                f"{declared.kind} is declared with different `plural` or `namespaced`: "
                f"{watch.plural}, {watch.namespaced} and {declared.plural}, {declared.namespaced}"
            )
        gathered[declared.kind] = watch._replace(
            is_optional=watch.is_optional and declared.is_optional,
            field_selector=in_common(watch.field_selector, selector),
            records={**watch.records, **wanted},
            is_told=watch.is_told or declared.is_source or declared.status is not None,
        )
    return gathered
