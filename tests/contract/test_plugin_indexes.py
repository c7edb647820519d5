"""Indexes of plugins are asked as their hooks are: what they do wrong is theirs, and harms one version of an object."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import pytest
from msgspec import Struct

from ako import Kind, Metadata, NamespacedName, WatchedKind, hookimpl
from ako.core.engine.cells import Unknown
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Manifest, Rehearsal
from tests.builders import CLASS, endpoints, ingress, service

KIND = Kind("shelves.test", "v1", "Book")


class Book(Struct, frozen=True):
    """What is filed."""

    metadata: Metadata
    shelf: str


def book(shelf: str, name: str = "one") -> Manifest:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": KIND.api_version, "kind": KIND.name, "metadata": metadata, "shelf": shelf}


def rehearse(index: Callable[[Book], Iterable[Hashable]]) -> Rehearsal:
    class Shelves:
        @hookimpl
        def ako_kinds(self) -> list[WatchedKind]:
            return [WatchedKind(kind=KIND, plural="books", record=Book, indexes={"shelf": index})]

    rehearsal = Rehearsal((Plugin("shelves", Shelves()), "ingress", "clusterip_routes"))
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    rehearsal.apply(CLASS, shop, service("web"), endpoints("web", "10.0.0.1"))
    return rehearsal


def on_shelf(rehearsal: Rehearsal, shelf: str) -> list[str]:
    return [found.metadata.name for found in rehearsal.view.list(Book, "shelf", shelf)]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Failures are logged; here they are expected."""
    caplog.set_level(logging.CRITICAL, logger="ako.core")


def exits(record: Book) -> Iterable[str]:
    if record.shelf == "wrong":
        raise SystemExit(3)
    return [record.shelf]


def test_one_that_ends_the_program_keeps_the_version_before() -> None:
    rehearsal = rehearse(exits)
    rehearsal.apply(book("a"))
    rehearsal.apply(book("wrong"))
    assert rehearsal.host.calls.failures == {("shelves", "ako_kinds"): 1}
    assert on_shelf(rehearsal, "a") == ["one"]
    assert "it raised SystemExit: 3" in rehearsal.view.outdated(Book, "default", "one")
    assert any(ref.name == "my-cluster--shop.com_-default-shop" for ref in rehearsal.objects())
    rehearsal.apply(book("b"))
    assert on_shelf(rehearsal, "a") == []
    assert on_shelf(rehearsal, "b") == ["one"]


def test_an_object_that_never_was_filed_is_unknown_wherever_it_may_belong() -> None:
    rehearsal = rehearse(exits)
    rehearsal.apply(book("wrong"), book("a", "two"))
    with pytest.raises(Unknown, match="shelves"):
        on_shelf(rehearsal, "a")
    rehearsal.delete(book("wrong"))
    assert on_shelf(rehearsal, "a") == ["two"]


def test_one_that_says_something_else_each_time_leaves_nothing_behind() -> None:
    numbers = itertools.count()
    rehearsal = rehearse(lambda _: [f"shelf {next(numbers)}"])
    rehearsal.apply(book("a"))
    rehearsal.apply(book("b"))
    assert on_shelf(rehearsal, "shelf 0") == []
    assert on_shelf(rehearsal, "shelf 1") == ["one"]
    rehearsal.delete(book("b"))
    assert on_shelf(rehearsal, "shelf 1") == []


@pytest.mark.parametrize("key", ["a", b"a", NamespacedName("default", "a")])
def test_one_key_in_the_place_of_several_is_a_fault_and_is_not_taken_apart(key: Any) -> None:
    """Else the object would be filed under each of its letters, and never be found."""
    rehearsal = rehearse(lambda record: key if record.shelf == "wrong" else [record.shelf])
    rehearsal.apply(book("a"))
    rehearsal.apply(book("wrong"))
    assert rehearsal.host.calls.failures == {("shelves", "ako_kinds"): 1}
    assert on_shelf(rehearsal, "a") == ["one"]
    assert "not keys; give a tuple" in rehearsal.view.outdated(Book, "default", "one")


@pytest.mark.parametrize("given", [("a", "b"), ["a", "b"], {"a": 1, "b": 2}, (key for key in "ab"), ()])
def test_keys_may_come_in_whatever_holds_several(given: Iterable[Hashable]) -> None:
    rehearsal = rehearse(lambda _: given)
    rehearsal.apply(book("a"))
    assert rehearsal.host.calls.failures == {}
