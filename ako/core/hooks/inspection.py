"""Looks at what a plugin brings before anybody is asked, and says what could never work. Pure.

Python would pass most of it over: a function without its mark is just not called, an argument with a default not given.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property, partial
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

Hooks = Mapping[str, tuple[str, ...]]
"""Hook → its arguments."""

_MARK = "ako_impl"
"""Where `hookimpl` leaves its mark."""
_PREFIX = "ako_"


class Marked(NamedTuple):
    """A marked attribute of a plugin, the hook that it is for, and the options of the mark."""

    name: str
    value: object
    hook: str
    options: Mapping[str, Any]


def faults_of(plugin: object, hooks: Hooks) -> Iterator[str]:
    """Say what is wrong with the hooks of a plugin, each thing with its remedy; nothing if they can be asked."""
    if isinstance(plugin, type) and (methods := [one.name for one in marked(plugin) if _wants_self(one, hooks)]):
        yield f"it is the class {plugin.__name__}, so that its method {methods[0]} has no self: name an instance of it"
        return
    found = marked(plugin)
    yield from _without_mark(plugin, hooks, {one.hook for one in found})
    for one in found:
        yield from _faults_of_one(plugin, one, hooks)
    for hook, count in Counter(one.hook for one in found).items():
        if count > 1:
            names = " and ".join(one.name for one in found if one.hook == hook)
            yield f"it has {count} implementations of {hook}: {names}; leave one"


def marked(plugin: object) -> tuple[Marked, ...]:
    """Give what of a plugin has the mark of a hook, whether it could be asked or not."""
    found = []
    for name, value in _attributes(plugin):
        options = _options(value)
        if options is not None:
            found.append(Marked(name, value, options.get("specname") or name, options))
    return tuple(found)


def first_asked(plugin: object, hook: str, hooks: Hooks) -> Callable[..., Any] | None:
    """Give the implementation of one hook; None if there is none that could be asked."""
    found = (one for one in marked(plugin) if one.hook == hook)
    return next((_asked(plugin, one) for one in found if not any(_faults_of_one(plugin, one, hooks))), None)


def implemented(plugin: object) -> dict[str, tuple[str, ...]]:
    """Give what a plugin implements that can be asked, with the arguments that it takes."""
    asked = {one.hook: _asked(plugin, one) for one in marked(plugin)}
    return {hook: tuple(inspect.signature(function).parameters) for hook, function in asked.items() if function}


def without_hooks(plugin: object, hooks: Hooks) -> str:
    """Say that a plugin has no hook at all, and where there are some; empty if it has one."""
    if any(one.hook in hooks for one in marked(plugin)):
        return ""
    within = [(name, value) for name, value in _attributes(plugin) if _holds_hooks(value, hooks)]
    where = f"there are {', '.join(hooks)}, each to be marked @ako.hookimpl"
    for name, value in sorted(within, key=lambda one: isinstance(one[1], type)):
        thing = f"an object of its class {name}" if isinstance(value, type) else f"its {name}"
        where = f"{thing} has: name that in the entry point, after a colon"
        break
    return f"it has no hook, so that nothing would ever be asked of it; {where}"


def _holds_hooks(value: object, hooks: Hooks) -> bool:
    return not isinstance(value, ModuleType) and any(one.hook in hooks for one in marked(value))


def _attributes(plugin: object) -> Iterator[tuple[str, object]]:
    """Give what a plugin has, as it is there: nothing of the plugin runs for it."""
    if isinstance(plugin, ModuleType):
        held = vars(plugin)
        yield from ((name, held[name]) for name in sorted(held) if held[name] is not None)
        return
    for name in sorted(dir(plugin)):
        value = inspect.getattr_static(plugin, name, None)
        if value is not None:
            yield name, value


def _options(value: object) -> Mapping[str, Any] | None:
    """Give the options of the mark of an attribute, None if it has none."""
    if isinstance(value, (ModuleType, type)):
        return None
    if type(value) is FunctionType:  # nearly all there is, and nothing of theirs runs when they are asked
        options = vars(value).get(_MARK)
        return options if isinstance(options, dict) else None
    for holder in (value, *_within(value)):
        options = inspect.getattr_static(holder, _MARK, None)
        if isinstance(options, dict):
            return options
    return None


def _within(value: object) -> Iterator[object]:
    """Give the function in what may be around one; it may have the mark."""
    if isinstance(value, (staticmethod, classmethod, MethodType)):
        yield value.__func__
    elif isinstance(value, property):
        yield value.fget
    elif isinstance(value, (partial, cached_property)):
        yield value.func


def _without_mark(plugin: object, hooks: Hooks, had: set[str]) -> Iterator[str]:
    """Find what was meant as a hook and is none."""
    missing = [hook for hook in hooks if hook not in had]
    for name, value in _attributes(plugin):
        if not name.startswith(_PREFIX) or isinstance(value, ModuleType) or _options(value) is not None:
            continue
        if name in hooks and not _is_function(value):
            yield f"its {name} is a {type(value).__name__}: make it a function that returns that, marked @ako.hookimpl"
        elif name in hooks:
            yield (
                f"its {name} has not the mark @ako.hookimpl, so that it would never be asked: mark it, above all other "
                "decorators"
            )
        elif _is_function(value) and (near := get_close_matches(name, missing, n=1, cutoff=0.8)):
            yield (
                f"it has a function {name}, which is no hook: did you mean {near[0]}? Correct the name and mark it "
                f"@ako.hookimpl, or give it one that does not begin with {_PREFIX}"
            )


def _is_function(value: object) -> bool:
    return callable(value) or isinstance(value, (staticmethod, classmethod))


def _faults_of_one(plugin: object, one: Marked, hooks: Hooks) -> Iterator[str]:
    if one.hook not in hooks:
        if not one.options.get("optionalhook"):
            near = get_close_matches(one.hook, hooks, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            yield f"it has {one.hook}, which is no hook: {meant}Hooks are {', '.join(hooks)}"
        return
    if one.options.get("wrapper") or one.options.get("hookwrapper"):
        yield f"{one.hook} is a wrapper; plugins wrap nothing"
        return
    if one.options.get("tryfirst") or one.options.get("trylast"):
        yield f"{one.hook} asks to be first or last: leave that away, the order is that of ako.plugins.enabled"
    function = _asked(plugin, one)
    if function is None:
        yield f"{one.name} is a {type(one.value).__name__}: only a function or a method can be a hook"
        return
    if kind := _late(function):
        yield f"{one.name} is {kind}, whose answer comes later: return the answer itself"
    yield from _argument_faults(plugin, one, function, hooks[one.hook])


def _asked(plugin: object, one: Marked) -> Callable[..., Any] | None:
    """Give what is called, bound as it will be; None if it is nothing that is asked."""
    value = one.value
    if isinstance(value, staticmethod):
        value = value.__func__
    elif isinstance(value, classmethod):
        value = value.__get__(None, plugin if isinstance(plugin, type) else type(plugin))
    elif isinstance(value, FunctionType) and _is_method(plugin, one):
        value = MethodType(value, plugin)
    return value if isinstance(value, (FunctionType, MethodType)) else None


def _is_method(plugin: object, one: Marked) -> bool:
    if isinstance(plugin, (type, ModuleType)):
        return False
    held = getattr(plugin, "__dict__", None)
    return not (isinstance(held, dict) and one.name in held)


def _wants_self(one: Marked, hooks: Hooks) -> bool:
    """Say whether a function of a class is a method of its instances."""
    if not isinstance(one.value, FunctionType):
        return False
    arguments = list(inspect.signature(one.value).parameters)
    return bool(arguments) and arguments[0] not in hooks.get(one.hook, ())


def _late(function: Callable[..., Any]) -> str:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "an async function"
    return "a generator (there is a yield in it)" if inspect.isgeneratorfunction(function) else ""


def _argument_faults(
    plugin: object, one: Marked, function: Callable[..., Any], known: tuple[str, ...]
) -> Iterator[str]:
    if isinstance(one.value, FunctionType) and _is_method(plugin, one):
        first = next(iter(inspect.signature(one.value).parameters), "")
        if not first or first in known:
            yield f"{one.name} is a method, and its first argument is not self: add it, or make it a @staticmethod"
            return
    for name, parameter in inspect.signature(function).parameters.items():
        needed = parameter.default is parameter.empty
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            yield f"{one.name} takes {parameter}, in which a hook is given nothing: name the arguments"
        elif name in known and not needed:
            yield f"{one.name} has a default for {name}, and so would never be given it: take the default away"
        elif name in known and parameter.kind is parameter.KEYWORD_ONLY:
            yield f"{one.name} takes {name} by its name only, and so would never be given it: take the * away"
        elif needed and name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            yield f"{one.name} takes {name}, which is no argument of the hook {one.hook}; {has}"
