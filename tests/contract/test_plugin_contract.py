"""The contract finds what it is there to find: each plugin here breaks one rule."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from msgspec import Struct

from ako import (
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    Outcome,
    PathRule,
    PathType,
    SourceObject,
    WatchedKind,
    hookimpl,
)
from ako.core.hooks.loading import Plugin
from ako.testing.hostile import hostile_variants
from ako.testing.manifests import Manifest
from ako.testing.plugin_contract import PluginContract
from ako.testing.plugin_source import source_faults
from tests.builders import service

KIND = Kind("doors.test", "v1", "Door")


class Door(Struct, frozen=True):
    """A source object with something that can change in it, as labels can."""

    metadata: Metadata
    hosts: Mapping[str, str]


class SoftDoor(Struct):
    """A record that anybody could change."""

    metadata: Metadata
    hosts: Mapping[str, str]


class DoorStatus(Struct, frozen=True):
    """Its status."""

    status: Mapping[str, str] | None = None


def door(name: str, **hosts: str) -> Manifest:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": KIND.api_version, "kind": KIND.name, "metadata": metadata, "hosts": hosts}


class Good:
    """Holds to the contract; the others differ in one thing."""

    record: type[Struct] = Door

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return [WatchedKind(kind=KIND, plural="doors", record=self.record, status=DoorStatus, is_source=True)]

    @hookimpl
    def ako_discover(self, source: SourceObject) -> Discovery:
        return Discovery(tuple(self.claim(source, host) for host in self.hosts(source.record) if host))

    def hosts(self, record: Any) -> Sequence[str]:
        return list(record.hosts.values())

    def claim(self, source: SourceObject, host: str) -> HostClaim:
        rule = PathRule("/", PathType.PREFIX, (Backend(source.ref.namespace, "web"),))
        return HostClaim(source.ref, "", host, (rule,))

    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, str] | None:
        wanted = {"hosts": str(len(outcome.hosts))}
        return None if isinstance(source.status, DoorStatus) and source.status.status == wanted else wanted


class Soft(Good):
    record = SoftDoor


class Meddling(Good):
    def hosts(self, record: Any) -> Sequence[str]:
        record.hosts["extra"] = "extra.test"
        return list(record.hosts.values())


class Counting(Good):
    numbers = itertools.count()

    def hosts(self, record: Any) -> Sequence[str]:
        return [f"h{next(self.numbers)}.test"]


class Remembering(Good):
    """Claims the hosts of the object it saw before."""

    def __init__(self) -> None:
        self.before: Sequence[str] = ()

    def hosts(self, record: Any) -> Sequence[str]:
        before, self.before = self.before, list(record.hosts.values())
        return before


class Trusting(Good):
    def hosts(self, record: Any) -> Sequence[str]:
        return [f"{first}.{second}" for first, second in (host.split(".") for host in record.hosts.values())]


class Restless(Good):
    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, str]:
        return {"hosts": str(len(outcome.hosts))}


class Revising(Good):
    """Changes what it has answered."""

    answers: ClassVar[list[Discovery]] = []

    @hookimpl
    def ako_discover(self, source: SourceObject) -> Discovery:
        for claim in (claim for answer in self.answers for claim in answer.claims):
            msgspec.structs.force_setattr(claim, "host", "revised.test")
        self.answers.append(Discovery(tuple(self.claim(source, host) for host in self.hosts(source.record) if host)))
        return self.answers[-1]


class Exiting(Good):
    def hosts(self, record: Any) -> Sequence[str]:
        sys.exit("no such host")


class Looping(Good):
    def hosts(self, record: Any) -> Sequence[str]:
        while record:
            pass
        return []


class Stealing(Good):
    def claim(self, source: SourceObject, host: str) -> HostClaim:
        return msgspec.structs.replace(super().claim(source, host), source=source.ref._replace(name="other"))


class Silent(Good):
    def hosts(self, record: Any) -> Sequence[str]:
        return []


def contract(plugin: type[Good], *examples: Manifest) -> PluginContract:
    """Give the contract of a plugin, which stays the same one in all rehearsals, as a module does."""
    made = plugin()
    doors = examples or (door("one", a="a.test"), door("two", b="b.test"))
    attributes = {"plugins": (Plugin("judged", made), "clusterip_routes"), "examples": (*doors, service("web"))}
    judged = type("Judged", (PluginContract,), attributes)()
    assert isinstance(judged, PluginContract)
    return judged


RULES = sorted(name for name in vars(PluginContract) if name.startswith("test_"))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "test_only_the_public_api_is_used"])
def test_a_good_plugin_passes(rule: str) -> None:
    getattr(contract(Good), rule)()


@pytest.mark.parametrize(
    ("plugin", "rule"),
    [
        (Soft, "test_kinds_are_declared_well"),
        (Silent, "test_examples_are_understood"),
        (Counting, "test_same_objects_give_the_same_answer"),
        (Remembering, "test_order_of_arrival_does_not_matter"),
        (Remembering, "test_objects_that_go_leave_nothing"),
        (Meddling, "test_nothing_handed_over_is_changed"),
        (Trusting, "test_hostile_objects_are_survived"),
        (Restless, "test_statuses_come_to_rest"),
        (Revising, "test_nothing_handed_over_is_changed"),
        (Exiting, "test_examples_are_understood"),
        (Stealing, "test_examples_are_understood"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_bad_plugin_is_found_out(plugin: type[Good], rule: str) -> None:
    with pytest.raises(AssertionError):
        getattr(contract(plugin), rule)()


def test_a_fault_is_told_with_plugin_hook_object_and_remedy() -> None:
    with pytest.raises(AssertionError) as failed:
        contract(Exiting).test_examples_are_understood()
    told = (
        "the source plugin `judged` failed in ako_discover for Door/default/one: it raised SystemExit: no such host; "
    )
    assert str(failed.value).startswith(f"{told}what a user wrote is a Problem")


def test_a_hook_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ako.testing.rehearsal.HOOK_LIMIT", 0.05)
    with pytest.raises(AssertionError, match="is suspended: it had not answered ako_discover for Door/default/"):
        contract(Looping).test_examples_are_understood()


def test_examples_that_do_not_decode_are_named_with_the_field() -> None:
    broken = {**door("one"), "hosts": {"a": 7}}
    with pytest.raises(AssertionError, match=r"Door/default/one: hosts.*: Expected str, got int"):
        contract(Good, broken).test_examples_are_understood()


def test_kinds_without_an_example_are_named() -> None:
    judged = contract(Good)
    type(judged).examples = (service("web"),)
    with pytest.raises(AssertionError, match=r"no example of doors\.test/v1/Door"):
        judged.test_examples_are_understood()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import time", "time does I/O"),
        ("import os.path", "os.path does I/O"),
        ("from urllib.request import urlopen", "urllib.request does I/O"),
        ("from ako.core.base.refs import Kind", "ako.core.base.refs is not public"),
        ("import ako.core", "ako.core is not public"),
        ("from ako.plugins.ingress.records import Ingress", "ako.plugins.ingress.records is not public"),
        ("def late():\n    import socket", "socket does I/O"),
        ("from uuid import uuid4", "uuid does I/O, or is a clock or chance"),
        ("from ako import core", "ako.core is not public"),
        ("import ako\nengine = ako.core.engine", "ako.core is not public"),
        ('clock = __import__("time")', "__import__ imports what nobody sees"),
        ('eval("1")', "eval runs code that nobody sees"),
        ('print("served")', "print writes to the output of the program"),
        ('text = open("hosts").read()', "open reads a file"),
        ("from datetime import datetime\nnow = datetime.now()", "datetime.now() is a clock"),
        ("import datetime as d\nday = d.date.today()", "date.today() is a clock"),
        ("def nodes(view): return view.ask(lambda view: 1)", "a query that is a lambda is another one each time"),
    ],
)
def test_imports_that_a_plugin_must_not_have_are_found(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "plugin.py").write_text(f"{line}\n", encoding="utf-8")
    (found,) = source_faults(tmp_path / "plugin.py", "mine")
    assert fault in found


@pytest.mark.parametrize(
    "line",
    [
        "import ako",
        "from ako import Kind",
        "import ako\nkind = ako.Kind",
        "from mine.records import X",
        "from . import records",
        "import json",
        "from urllib.parse import quote",
        "from uuid import UUID, uuid5",
        "def open(host): return host\nopen('a')",
        "def one(view): return 1\ndef nodes(view): return view.ask(one), sorted([], key=lambda item: item)",
        "from datetime import datetime\nthen = datetime.fromisoformat('2026-01-01')",
    ],
)
def test_other_imports_are_fine(tmp_path: Path, line: str) -> None:
    (tmp_path / "plugin.py").write_text(f"{line}\n", encoding="utf-8")
    assert list(source_faults(tmp_path / "plugin.py", "mine")) == []


def test_hostile_variants_touch_every_field_and_keep_the_identity() -> None:
    original = door("one", a="a.test")
    variants = dict(hostile_variants(original))
    assert {"no hosts", "no hosts.a", "null as hosts.a", "an empty list as hosts"} <= variants.keys()
    assert all(variant["metadata"] == original["metadata"] for variant in variants.values())
    assert all(variant != original for variant in variants.values())
