"""Two plugins may declare one kind: each gets the objects as its own record, and both have their say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ako import (
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    ObjectRef,
    Outcome,
    PathRule,
    PathType,
    Placement,
    Problem,
    SourceObject,
    WatchedKind,
    hookimpl,
)
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Manifest, Rehearsal

KIND = Kind("things.test", "v1", "Thing")
FRONT_AND_BACK: Manifest = {
    "apiVersion": "things.test/v1",
    "kind": "Thing",
    "metadata": {"name": "one", "namespace": "a"},
    "front": "front.test",
    "back": "back.test",
}


class Front(Struct, frozen=True):
    """What the first plugin reads."""

    metadata: Metadata
    front: str


class Back(Struct, frozen=True):
    """What the second plugin reads."""

    metadata: Metadata
    back: str


class Discovers:
    """Claims the host in one field of its own record."""

    def __init__(self, record: type[Struct], field: str) -> None:
        self.record = record
        self.field = field
        self.seen: list[type] = []

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return [WatchedKind(kind=KIND, plural="things", record=self.record, is_source=True)]

    @hookimpl
    def ako_discover(self, source: SourceObject) -> Discovery:
        self.seen.append(type(source.record))
        host = getattr(source.record, self.field)
        if host == "none":
            return Discovery(problems=(Problem(source.ref, "NoHost", f"{self.field} is none"),))
        rule = PathRule("/", PathType.PREFIX, (Backend("a", self.field),))
        return Discovery((HostClaim(source.ref, "", host, (rule,)),))

    @hookimpl
    def ako_report(self, source: SourceObject) -> Mapping[str, str]:
        return {"author": self.field}

    @hookimpl
    def ako_place_backend(self, backend: Backend) -> Placement:
        return Placement()


def rehearse(manifest: Manifest) -> tuple[Rehearsal, Mapping[str, Discovers]]:
    plugins = {"front": Discovers(Front, "front"), "back": Discovers(Back, "back")}
    rehearsal = Rehearsal([Plugin(name, plugin) for name, plugin in plugins.items()])
    rehearsal.apply(manifest)
    return rehearsal, plugins


def test_each_plugin_gets_its_own_record() -> None:
    rehearsal, plugins = rehearse(FRONT_AND_BACK)
    assert plugins["front"].seen == [Front]
    assert plugins["back"].seen == [Back]
    found = rehearsal.discovery(FRONT_AND_BACK)
    assert found is not None
    assert [claim.source for claim in found.claims] == [ObjectRef(KIND, "a", "one")] * 2
    names = {ref.name for ref in rehearsal.objects() if ref.type == "pool"}
    assert names == {"my-cluster--front.test_-a-one", "my-cluster--back.test_-a-one"}


def test_problems_of_one_do_not_hide_claims_of_the_other() -> None:
    rehearsal, _ = rehearse({**FRONT_AND_BACK, "back": "none"})
    assert [problem.message for problem in rehearsal.problems()] == ["back is none"]
    assert {ref.name for ref in rehearsal.objects() if ref.type == "pool"} == {"my-cluster--front.test_-a-one"}


def test_a_change_that_one_does_not_read_does_not_change_what_the_other_said() -> None:
    rehearsal, _ = rehearse(FRONT_AND_BACK)
    rehearsal.apply({**FRONT_AND_BACK, "back": "new.test"})
    names = {ref.name for ref in rehearsal.objects() if ref.type == "pool"}
    assert names == {"my-cluster--front.test_-a-one", "my-cluster--new.test_-a-one"}


def test_a_status_has_one_author() -> None:
    rehearsal, _ = rehearse(FRONT_AND_BACK)
    assert rehearsal.report(FRONT_AND_BACK, Outcome()) == {"author": "front"}


def test_an_equal_declaration_is_watched_once() -> None:
    twice = Rehearsal(["clusterip_routes", "nodeport"])
    services = [kind for kind in twice.host.watched if kind.kind.name == "Service"]
    assert len(services) == 1
