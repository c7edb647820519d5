"""What a plugin brings: what could never be asked is told with its remedy, and what can be is let be."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from ako import Backend, Placement, View, hookimpl
from ako.core.base.errors import PluginError
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_host import PluginHost


def module(source: str) -> ModuleType:
    made = ModuleType("made")
    exec(source, {"hookimpl": hookimpl, "functools": functools}, made.__dict__)
    return made


def refusal(plugin: object) -> str:
    with pytest.raises(PluginError) as caught:
        PluginHost([Plugin("mine", plugin, "ako-mine 1.0")])
    text = str(caught.value)
    assert text.startswith("plugin mine (ako-mine 1.0): ")
    return text


REFUSED = {
    "nothing": ("x = 1", "it has no hook"),
    "nothing, but an object that has": (
        "class Hooks:\n @hookimpl\n def ako_kinds(self): return ()\nplugin = Hooks()",
        "its plugin has: name that in the entry point",
    ),
    "nothing, but a class that has": (
        "class Hooks:\n @hookimpl\n def ako_kinds(self): return ()",
        "an object of its class Hooks has: name that",
    ),
    "unmarked": ("def ako_kinds(): return ()", "its ako_kinds has not the mark @ako.hookimpl"),
    "one unmarked beside a marked one": (
        "@hookimpl\ndef ako_kinds(): return ()\ndef ako_discover(source, view): ...",
        "its ako_discover has not the mark",
    ),
    "a decorator that takes the mark away": (
        "def quiet(f):\n return lambda *a: f(*a)\n@quiet\n@hookimpl\ndef ako_kinds(): return ()",
        "its ako_kinds has not the mark",
    ),
    "a value": ("ako_kinds = ()", "its ako_kinds is a tuple: make it a function"),
    "misspelt, marked": (
        "@hookimpl\ndef ako_discovr(source): ...",
        "it has ako_discovr, which is no hook: did you mean ako_discover?",
    ),
    "misspelt, unmarked": (
        "def ako_discovers(source): ...",
        "a function ako_discovers, which is no hook: did you mean ako_discover?",
    ),
    "misspelt in its mark": (
        "@hookimpl(specname='ako_placebackend')\ndef place(backend): ...",
        "it has ako_placebackend, which is no hook: did you mean ako_place_backend?",
    ),
    "marked without the prefix": (
        "@hookimpl\ndef discover(source): ...",
        "it has discover, which is no hook: did you mean ako_discover?",
    ),
    "a wrapper": ("@hookimpl(wrapper=True)\ndef ako_kinds(): yield", "ako_kinds is a wrapper; plugins wrap nothing"),
    "an old wrapper": ("@hookimpl(hookwrapper=True)\ndef ako_kinds(): yield", "ako_kinds is a wrapper"),
    "a generator": ("@hookimpl\ndef ako_kinds(): yield 1", "ako_kinds is a generator (there is a yield in it)"),
    "a coroutine": ("@hookimpl\nasync def ako_kinds(): ...", "ako_kinds is an async function"),
    "an asynchronous generator": ("@hookimpl\nasync def ako_kinds(): yield 1", "ako_kinds is an async function"),
    "first": ("@hookimpl(tryfirst=True)\ndef ako_kinds(): ...", "ako_kinds asks to be first or last"),
    "last": ("@hookimpl(trylast=True)\ndef ako_kinds(): ...", "ako_kinds asks to be first or last"),
    "an argument too many": (
        "@hookimpl\ndef ako_discover(source, cluster): ...",
        "ako_discover takes cluster, which is no argument of the hook ako_discover; it has source, view",
    ),
    "an argument where there is none": (
        "@hookimpl\ndef ako_kinds(view): ...",
        "takes view, which is no argument of the hook ako_kinds; it has none",
    ),
    "needs with an argument": (
        "@hookimpl\ndef ako_needs(view): ...",
        "takes view, which is no argument of the hook ako_needs",
    ),
    "needs that come later": ("@hookimpl\nasync def ako_needs(): ...", "ako_needs is an async function"),
    "an argument that would not be given": (
        "@hookimpl\ndef ako_discover(source, view=None): ...",
        "has a default for view",
    ),
    "an argument by its name only": (
        "@hookimpl\ndef ako_discover(source, *, view): ...",
        "takes view by its name only",
    ),
    "any arguments": ("@hookimpl\ndef ako_discover(*args): ...", "ako_discover takes *args"),
    "any named arguments": ("@hookimpl\ndef ako_discover(**given): ...", "ako_discover takes **given"),
    "twice": (
        "@hookimpl\ndef ako_kinds(): ...\n@hookimpl(specname='ako_kinds')\ndef kinds(): ...",
        "it has 2 implementations of ako_kinds: ako_kinds and kinds; leave one",
    ),
    "a partial function": (
        "def f(x): ...\nako_kinds = hookimpl(functools.partial(f, 1))",
        "ako_kinds is a partial: only a function or a method can be a hook",
    ),
    "a function that remembers": (
        "@hookimpl\n@functools.lru_cache\ndef ako_kinds(): ...",
        "only a function or a method can be a hook",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_could_never_be_asked_is_refused(what: str) -> None:
    source, told = REFUSED[what]
    assert told in refusal(module(source))


class Methods:
    """Hooks as methods, with an argument each."""

    @hookimpl
    def ako_place_backend(self, backend: Backend) -> Placement | None:
        """Leave it to others."""


class Unmarked:
    def ako_place_backend(self, backend: Backend) -> None:
        """Never asked."""


class WithoutSelf:
    @hookimpl
    def ako_place_backend(backend, view: View) -> None:  # noqa: N805 - the fault
        """Given itself as the backend."""


class WithoutAny:
    @hookimpl
    def ako_kinds() -> None:  # type: ignore[misc]
        """Cannot be called."""


class Property:
    @property
    @hookimpl
    def ako_kinds(self) -> tuple[()]:
        raise AssertionError("nothing of a plugin runs to look at it")


@pytest.mark.parametrize(
    ("plugin", "told"),
    [
        (Methods, "it is the class Methods, so that its method ako_place_backend has no self: name an instance of it"),
        (Unmarked, "its ako_place_backend has not the mark"),
        (Unmarked(), "its ako_place_backend has not the mark"),
        (WithoutSelf(), "ako_place_backend is a method, and its first argument is not self"),
        (WithoutAny(), "ako_kinds is a method, and its first argument is not self"),
        (Property(), "ako_kinds is a property: only a function or a method can be a hook"),
        (object(), "it has no hook"),
        (None, "it has no hook"),
        (refusal, "it has no hook"),
    ],
)
def test_an_object_that_cannot_be_asked_is_refused(plugin: object, told: str) -> None:
    assert told in refusal(plugin)


class Hidden:
    """Does not want to be looked at."""

    @hookimpl
    def ako_kinds(self) -> None:
        """Never asked."""

    def __dir__(self) -> list[str]:
        raise LookupError("not at home")


class Moody:
    """Is equal to nobody, and says so loudly."""

    @hookimpl
    def ako_kinds(self) -> None:
        """Never asked."""

    def __eq__(self, other: object) -> bool:
        raise ArithmeticError("never")

    __hash__ = None  # type: ignore[assignment]


def test_what_does_not_want_to_be_looked_at_is_refused_with_its_own_words() -> None:
    assert refusal_of(Hidden()) == "plugin mine fails at start: LookupError: not at home"
    with pytest.raises(PluginError, match=r"plugin mine fails at start: ArithmeticError: never"):
        PluginHost([Plugin("first", Methods()), Plugin("mine", Moody())])


def refusal_of(plugin: object) -> str:
    with pytest.raises(PluginError) as caught:
        PluginHost([Plugin("mine", plugin)])
    return str(caught.value)


class Statics:
    @staticmethod
    @hookimpl
    def ako_place_backend(backend: Backend) -> None:
        """Leave it to others."""

    @hookimpl
    @classmethod
    def ako_kinds(cls) -> tuple[()]:
        return ()


class Derived(Methods):
    pass


def on_the_instance() -> object:
    made = Methods()
    made.ako_kinds = hookimpl(lambda: ())  # type: ignore[attr-defined]
    return made


def told_of(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(*given: Any) -> Any:
        return function(*given)

    return wrapped


class Wrapped:
    @told_of
    @hookimpl
    def ako_place_backend(self, backend: Backend) -> None:
        """Leave it to others."""


@pytest.mark.parametrize(
    "plugin",
    [
        Methods(),
        Derived(),
        Statics(),
        Statics,
        on_the_instance(),
        Wrapped(),
        module("@hookimpl\ndef ako_kinds(): ...\ndef ako_kinds_of(cluster): ...\nako_client = object()"),
        module("@hookimpl\ndef ako_discover(source, _seen={}): ..."),
        module("@hookimpl(specname='ako_kinds')\ndef kinds(): ..."),
        module("@hookimpl\ndef ako_kinds(): ...\n@hookimpl(optionalhook=True)\ndef ako_of_a_later_day(planet): ..."),
        module("import functools as ako_settings\n@hookimpl\ndef ako_kinds(): ..."),
    ],
    ids=lambda plugin: getattr(plugin, "__name__", type(plugin).__name__),
)
def test_what_can_be_asked_is_let_be(plugin: object) -> None:
    host = PluginHost([Plugin("mine", plugin)])
    assert host.hooks_of("mine")
    if "ako_place_backend" in host.hooks_of("mine"):
        (call,) = host.implementations["ako_place_backend"].values()
        assert call(backend=Backend("a", "b"), view=None) == []


def test_one_object_under_two_names_is_refused() -> None:
    plugin = Methods()
    with pytest.raises(PluginError, match="plugin b: it is the same as plugin a; enable one of them"):
        PluginHost([Plugin("a", plugin), Plugin("b", plugin)])
