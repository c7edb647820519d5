"""A plugin whose objects say how it behaves: the worst that a third party may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ako import (
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    Outcome,
    ParentTemplate,
    PathRule,
    PathType,
    Placement,
    PoolServer,
    SourceObject,
    Translation,
    Unknown,
    View,
    VirtualHost,
    WatchedKind,
    hookimpl,
)
from tests.builders import Manifest

KIND = Kind("moods.test", "v1", "Mood")


class Spec(Struct, frozen=True):
    """Whose host, and how each hook behaves: `<hook>: <behaviour>`."""

    host: str
    behaviour: Mapping[str, str] = {}


class Mood(Struct, frozen=True):
    """The source object."""

    metadata: Metadata
    spec: Spec


class MoodStatus(Struct, frozen=True):
    """Its status."""

    status: Mapping[str, str] | None = None


KINDS = (WatchedKind(kind=KIND, plural="moods", record=Mood, status=MoodStatus, is_source=True),)


def mood(name: str, host: str, created: str = "", **behaviour: str) -> Manifest:
    """Build a source object."""
    return {
        "apiVersion": KIND.api_version,
        "kind": KIND.name,
        "metadata": {"name": name, "namespace": "moods", "creationTimestamp": created},
        "spec": {"host": host, "behaviour": behaviour},
    }


def _raises() -> None:
    raise ZeroDivisionError("on purpose")


def _is_unknown() -> None:
    raise Unknown("the moon is not up yet")


def _unlike(record: type) -> Any:
    """Give a record that only looks as if it were one: fields are not checked when a record is made."""
    return record(*[["a list"]] * len(record.__struct_fields__))  # type: ignore[attr-defined]  # all are records


BEHAVIOURS: Mapping[str, Callable[[], Any]] = {
    "raises": _raises,
    "is unknown": _is_unknown,
    "gives a text": lambda: "Discovery",
    "gives a list": lambda: [Discovery()],
    "gives itself a list": lambda: Discovery(claims=[["no claim"]]),  # type: ignore[arg-type]  # on purpose
    "gives no parent": lambda: Translation(parent=None),  # type: ignore[arg-type]  # on purpose
    "gives strange claims": lambda: Discovery(claims=(_unlike(HostClaim),)),
    "gives strange parents": lambda: Translation(parent=_strange_parent()),
}
FAILURES = tuple(name for name in BEHAVIOURS if name != "is unknown")


def _strange_parent() -> ParentTemplate:
    return ParentTemplate(name="x", vs_type="", application_profile="", network_profile="", services=[1])  # type: ignore[arg-type]


class Moody:
    """Behaves as its objects say; otherwise claims their hosts for a backend it places itself."""

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return KINDS

    @hookimpl
    def ako_discover(self, source: SourceObject) -> Discovery | None:
        record = source.record
        assert isinstance(record, Mood)
        backend = Backend(record.metadata.namespace, record.metadata.name)
        claim = HostClaim(
            source.ref, record.metadata.created, record.spec.host, (PathRule("/", PathType.PREFIX, (backend,)),)
        )
        answer: Discovery = self._behave("discover", record) or Discovery((claim,))
        return answer

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost, view: View) -> Translation | None:
        source = virtual_host.oldest.source
        record = view.get(Mood, source.namespace, source.name) if source.kind == KIND else None
        answer: Translation | None = self._behave("translate", record)
        return answer

    @hookimpl
    def ako_adjust(self, virtual_host: VirtualHost, translation: Translation, view: View) -> Translation | None:
        source = virtual_host.oldest.source
        record = view.get(Mood, source.namespace, source.name) if source.kind == KIND else None
        answer: Translation | None = self._behave("adjust", record)
        return answer

    @hookimpl
    def ako_place_backend(self, backend: Backend, view: View) -> Placement | None:
        record = view.get(Mood, backend.namespace, backend.service)
        if record is None:
            return None
        answer: Placement = self._behave("place", record) or Placement((PoolServer.at("10.9.9.9", 80),))
        return answer

    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        answer: Mapping[str, Any] | None = self._behave("report", source.record)
        return answer

    @staticmethod
    def _behave(hook: str, record: object) -> Any:
        if not isinstance(record, Mood) or hook not in record.spec.behaviour:
            return None
        return BEHAVIOURS[record.spec.behaviour[hook]]()
