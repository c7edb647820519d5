"""Asking plugins: whatever one raises is its fault, in words; whose time it is; queries of theirs are theirs too."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Callable
from typing import Any, cast

import pytest

from ako import Backend, Discovery, Kind, ObjectRef, Placement, Service, SourceObject, Unknown, View, hookimpl
from ako.core.hooks.calls import Calls
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_faults import LONGEST, failed, failing_hook, overran, raised
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, endpoints, ingress, service
from tests.core.clock import Clock

NO_VIEW = cast("View", None)
SHOP = SourceObject(ObjectRef(Kind("example.org", "v1", "Site"), "default", "shop"), cast("Any", None))
Hook = Callable[..., object]


def calls(clock: Clock, **plugins: Hook) -> Calls:
    """Give calls to plugins with a hook each, as pluggy would call it."""

    def listed(hook: Hook) -> Hook:
        return lambda **arguments: [hook(**arguments)]

    each = {name: listed(hook) for name, hook in plugins.items()}
    return Calls(dict.fromkeys(("ako_discover", "ako_place_backend"), each), clock)


def doubt(of: Calls, **arguments: object) -> str:
    with pytest.raises(Unknown) as caught:
        of.ask("sites", "ako_discover", **arguments)
    return str(caught.value)


class Doom(BaseException):
    """Passes every `except Exception`."""


class Mute(Exception):  # noqa: N818 - as a plugin may have it
    """Does not even say what it is."""

    def __str__(self) -> str:
        raise SystemExit


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (ZeroDivisionError("none"), "it raised ZeroDivisionError: none"),
        (SystemExit(3), "it raised SystemExit: 3"),
        (Doom("two\nlines"), "it raised Doom: two lines"),
        (GeneratorExit(), "it raised GeneratorExit"),
        (MemoryError(), "it raised MemoryError"),
        (RecursionError("deep"), "it raised RecursionError: deep"),
        (Mute(), "it raised Mute: (its text cannot be told: SystemExit)"),
        (ValueError("x" * 10**6), f"it raised ValueError: {'x' * LONGEST}…"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_is_raised_is_told_in_words_and_without_its_stack(
    fault: BaseException, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    def discover(**_: object) -> None:
        raise fault

    caplog.set_level(logging.INFO)
    asked = calls(Clock(), sites=discover)
    words = f"the source plugin `sites` failed in ako_discover for Site/default/shop: {what}"
    assert doubt(asked, source=SHOP, view=NO_VIEW) == words
    assert asked.failures == {("sites", "ako_discover"): 1}
    assert asked.first_faults == {("sites", "ako_discover"): words}
    (record,) = caplog.records
    assert (record.levelname, record.message, record.exc_info) == ("ERROR", words, None)
    assert failing_hook(f"own hosts: {words}") == ("sites", "ako_discover")


def test_the_stack_is_there_for_authors(caplog: pytest.LogCaptureFixture) -> None:
    def discover(**_: object) -> None:
        raise ZeroDivisionError

    caplog.set_level(logging.DEBUG)
    doubt(calls(Clock(), sites=discover), source=SHOP, view=NO_VIEW)
    (stack,) = (record for record in caplog.records if record.exc_info)
    assert stack.levelname == "DEBUG"
    assert "in discover" in caplog.text


def test_ctrl_c_is_nobodys_fault() -> None:
    def discover(**_: object) -> None:
        raise KeyboardInterrupt

    asked = calls(Clock(), sites=discover)
    with pytest.raises(KeyboardInterrupt):
        asked.ask("sites", "ako_discover", source=SHOP, view=NO_VIEW)
    assert (asked.failures, asked.current) == ({}, None)


def test_a_machine_that_stood_still_is_an_excuse_once() -> None:
    """Or what waits without an end inside of C, and comes back from it now and then, would have one each time."""
    clock = Clock()
    seen: list[bool] = []

    def discover(**_: object) -> None:
        for _turn in range(2):
            clock.now += 100.0
            asked.pardon(99.0)
            seen.append(asked.review()[1])

    asked = calls(clock, sites=discover)
    doubt(asked, source=SHOP, view=NO_VIEW)
    assert seen == [False, True]


def test_a_hook_has_the_time_that_it_took_less_that_of_those_it_asked() -> None:
    clock = Clock()

    def place(**_: object) -> Placement:
        clock.now += 5.0
        return Placement()

    def discover(**_: object) -> Discovery:
        clock.now += 1.0
        asked.ask("places", "ako_place_backend", backend=Backend("a", "b"), view=NO_VIEW)
        asked.ask("places", "ako_place_backend", backend=Backend("a", "c"), view=NO_VIEW)
        clock.now += 0.5
        return Discovery()

    asked = calls(clock, sites=discover, places=place)
    asked.ask("sites", "ako_discover", source=SHOP, view=NO_VIEW)
    took = {labels: row.seconds for labels, row in asked.durations.read().items()}
    assert took == {("sites", "ako_discover"): 1.5, ("places", "ako_place_backend"): 10.0}


def test_what_took_long_is_named_where_nobody_stands_by(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()

    takes = iter((1.9, 2.5))

    def discover(**_: object) -> None:
        clock.now += next(takes)

    asked = calls(clock, sites=discover)
    for _ in range(2):
        asked.ask("sites", "ako_discover", source=SHOP, view=NO_VIEW)
    assert caplog.messages == ["the source plugin `sites` took 2.5 s for ako_discover for Site/default/shop"]


def test_words_of_one_that_is_late_are_those_of_no_hook_that_fails() -> None:
    assert failing_hook(overran("sites", "ako_discover", "Site/default/shop", 20.0)) is None
    assert failed("a", "ako_x", "", "it") == "the plugin `a` failed in ako_x: it"
    assert raised(KeyError("k")) == "it raised KeyError: 'k'"


class Asking:
    """Has a query of its own, that fails for some Services."""

    @hookimpl
    def ako_translate(self, view: View) -> None:
        view.ask(names_of_services)


def names_of_services(view: View) -> str:
    """Read what changes; fail, as the name of a Service says."""
    found = view.get(Service, "default", "web")
    (name,) = (port.name for port in found.ports) if found else ("",)
    if name == "exit":
        raise SystemExit(name)
    if name == "fail":
        raise ArithmeticError(name)
    return "fine"


@pytest.mark.parametrize("wish", ["fail", "exit"])
def test_a_query_of_a_plugin_is_its_own_fault_and_is_asked_again_when_what_it_read_changes(wish: str) -> None:
    good, bad = service("web"), service("web")
    bad["spec"]["ports"][0]["name"] = wish
    rehearsal = Rehearsal((Plugin("asking", Asking()), "ingress", "clusterip_routes"))
    others = (CLASS, ingress("shop", ("shop.com", "/", "web:80")), endpoints("web", "10.0.0.1"))
    rehearsal.apply(*others, bad)
    faults = rehearsal.pipeline.engine.faults
    assert (faults.count, rehearsal.host.calls.failures) == (0, {("asking", "ako_translate"): 1})
    (words,) = rehearsal.doubts().values()
    assert words.startswith("the translating plugin `asking` failed in ako_translate for host shop.com: it raised ")
    rehearsal.apply(good)
    assert rehearsal.doubts() == {}
    wanted = rehearsal.objects()
    rehearsal.apply(bad)
    assert (rehearsal.objects(), faults.count) == (wanted, 0), "the last good result stays"
    assert rehearsal.host.calls.failures == {("asking", "ako_translate"): 2}
    rehearsal.apply(good)
    assert rehearsal.doubts() == {}


def test_a_query_that_is_made_anew_each_time_is_not_kept() -> None:
    """Nor what it was made of."""
    made: list[weakref.ref[Hook]] = []

    class Makes:
        @hookimpl
        def ako_place_backend(self, backend: Backend, view: View) -> None:
            def query(view: View) -> str:
                return repr(view.get(Service, "default", "web"))

            made.append(weakref.ref(query))
            view.ask(query)

    rehearsal = Rehearsal([Plugin("makes", Makes()), "ingress", "clusterip_routes"])
    rehearsal.apply(CLASS, endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))
    for number in range(5):
        rehearsal.apply(service("web", 80 + number))
    gc.collect()
    assert len([one for one in made if one() is not None]) == 1 < len(made)
