"""The whole page `docs/plugins/reference.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import ako
import ako.testing
from ako.core.hooks.hookspecs import AkoHooks
from tests.contract.reference.entries import Thing, Writer
from tests.contract.reference.groups import GROUPS, Group, group_of
from tests.contract.reference.reading import origin

PAGE = Path(__file__).parents[3] / "docs" / "plugins" / "reference.md"

_BEGINNING = """\
# Reference for plugins

<!-- Written by `python -m tests.contract.reference` from docstrings and signatures: edit those. -->

Everything that `ako` and `ako.testing` export; whatever else there is may be another tomorrow. How it is put together
is in [Plugins](../plugins.md).
"""
_HOOKS = """\
## The hooks

In the order of the pipeline. Plugins are asked one at a time, in the order they are enabled. An implementation may
leave out arguments that it does not need."""


def text() -> str:
    """Give the page."""
    things = [*_exported("ako", ako.__all__), *_exported("ako.testing", ako.testing.__all__)]
    writer = Writer({thing.name: thing.anchor for thing in (*_hooks(), *things)})
    parts = [_BEGINNING, _contents(things), _HOOKS, *(writer.entry(thing) for thing in _hooks())]
    for group in GROUPS:
        parts += [f"## {group.heading}", writer.linked(group.about)]
        parts += [writer.entry(thing) for thing in _of(group, things)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _contents(things: list[Thing]) -> str:
    groups = [("The hooks", list(_hooks())), *((group.heading, _of(group, things)) for group in GROUPS)]
    return "\n".join(
        f"* [{heading}](#{heading.lower().replace(' ', '-')}): "
        + ", ".join(f"[`{thing.name}`](#{thing.anchor})" for thing in there)
        for heading, there in groups
    )


def _of(group: Group, things: list[Thing]) -> list[Thing]:
    """Give what stands in a group, in the order of its modules and of their lines."""
    found = [thing for thing in things if group_of(thing.module) is group]
    return sorted(found, key=lambda thing: (_rank(group, thing.module), thing.module, thing.line))


def _rank(group: Group, module: str) -> int:
    fitting = [name for name in group.modules if module == name or module.startswith(f"{name}.")]
    return group.modules.index(max(fitting, key=len))


def _hooks() -> Iterator[Thing]:
    for name, hook in vars(AkoHooks).items():
        if name.startswith("ako_"):
            yield Thing(name, hook, AkoHooks.__module__, 0, "")


def _exported(module: str, names: list[str]) -> Iterator[Thing]:
    """Give what a module exports; the tools for tests are imported when they are asked for."""
    holder = import_module(module)
    places: Mapping[str, str] = getattr(holder, "_MODULES", {})
    for name in names:
        defined, line, words = origin(name, f"{module}.{places[name]}" if name in places else module)
        yield Thing(name, getattr(holder, name), defined, line, words)
