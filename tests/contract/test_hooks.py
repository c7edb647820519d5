"""The hooks: façade and documentation say the same as the specification, and none is left untested."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ako.core.hooks.hookspecs import AkoHooks
from ako.core.hooks.plugin_host import PluginHost

ROOT = Path(__file__).parents[2]
HOOKS: Mapping[str, Callable[..., Any]] = {n: hook for n, hook in vars(AkoHooks).items() if n.startswith("ako_")}
FACADE: Mapping[str, Callable[..., Any]] = {
    "ako_discover": PluginHost.discover,
    "ako_translate": PluginHost.translate,
    "ako_adjust": PluginHost.adjust,
    "ako_place_backend": PluginHost.place,
    "ako_static_routes": PluginHost.static_routes,
    "ako_report": PluginHost.report,
    "ako_explain_source": PluginHost.explain_source,
    "ako_explain_backend": PluginHost.explain_backend,
}
AT_START = {"ako_settings", "ako_needs", "ako_kinds"}
"""Asked once, for all plugins together."""

GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "plugins" / "reference.md").read_text(encoding="utf-8")


def hints(function: Callable[..., Any]) -> tuple[dict[str, object], set[object]]:
    """Give the types of a function's arguments and those it may return, None apart."""
    found = typing.get_type_hints(function)
    returned = found.pop("return")
    is_union = typing.get_origin(returned) in {typing.Union, types.UnionType}
    return found, set(typing.get_args(returned) if is_union else [returned]) - {type(None)}


def arguments(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def words(text: str) -> str:
    """Give a text without regard to how its lines are broken and where it links to."""
    return " ".join(re.sub(r"\[(`[^`]+`)\]\(#[^)]+\)", r"\1", text).split())


def section(hook: str) -> str:
    """Give the part of the reference below the heading of a hook, heading included."""
    found = re.search(rf"^### `{hook}`$.*?(?=^##)", REFERENCE, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def test_every_hook_is_behind_the_facade() -> None:
    assert FACADE.keys() | AT_START == HOOKS.keys()


@pytest.mark.parametrize("hook", FACADE)
def test_the_facade_takes_and_gives_what_the_hook_does(hook: str) -> None:
    wanted, returned = hints(HOOKS[hook])
    given, gives = hints(FACADE[hook])
    given.pop("plugin", None)  # where each is asked by itself
    assert given == wanted
    assert gives == returned


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_with_its_arguments(hook: str) -> None:
    signature = inspect.signature(HOOKS[hook])
    shown = ", ".join(f"{name}: {p.annotation}" for name, p in signature.parameters.items() if name != "self")
    documented = words(section(hook)).replace("( ", "(").replace(", )", ")")
    assert f"{hook}({shown}) -> {signature.return_annotation} ```" in documented


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_in_the_words_of_its_specification(hook: str) -> None:
    documented = words(section(hook))
    for paragraph in (inspect.getdoc(HOOKS[hook]) or "").split("\n\n"):
        assert words(paragraph.removeprefix("Example:")) in documented


def test_the_guide_leads_to_every_hook_and_to_no_other() -> None:
    assert re.findall(r"^\| \[`(\w+)`\]\(plugins/reference\.md#\1\)", GUIDE, re.MULTILINE) == list(HOOKS)


def implemented(folder: Path) -> Iterator[str]:
    """Give the names of all functions in a folder that could be hooks."""
    for path in folder.rglob("*.py"):
        yield from re.findall(r"^ *def (ako_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_hook_is_implemented_by_a_plugin_of_some_test() -> None:
    assert HOOKS.keys() <= {*implemented(ROOT / "tests"), *implemented(ROOT / "examples" / "third_party_source")}
