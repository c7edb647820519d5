"""The public interface in lines, as recorded: `python -m tests.contract.public_api` writes it anew.

It writes nothing as long as the list of changes in docs/plugins/api.md does not name what is new or other, or if
something is taken away that is not deprecated long enough.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import NODEFAULT, Struct, structs

import ako
from ako.core.hooks.deprecation import DEPRECATED, Table
from ako.core.hooks.hookspecs import AkoHooks

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).with_name("public_api.txt")
CHANGES = ROOT / "docs" / "plugins" / "api.md"
_VERSION = "PLUGIN_API = "
_SHOWN = (bool, int, str, float, type(None))


def interface() -> list[str]:
    """Give the interface: a line for each name, each field, each method and each hook."""
    lines = [f"{name}{inspect.signature(hook)}" for name, hook in vars(AkoHooks).items() if name.startswith("ako_")]
    for name in ako.__all__:
        lines += _lines_of(name, getattr(ako, name))
    return sorted(lines)


def _lines_of(name: str, value: Any) -> Iterator[str]:
    if name == "PLUGIN_API":
        yield f"{_VERSION}{value}"
    elif inspect.isclass(value):
        yield f"{name}({', '.join(base.__name__ for base in value.__bases__)})"
        yield from (f"{name}.{line}" for line in _members(value))
    elif inspect.isfunction(value):
        yield f"{name}{inspect.signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _members(of: type) -> Iterator[str]:
    own = inspect.get_annotations(of)
    defaults = _defaults(of)
    for field, hint in own.items():
        if not field.startswith("_"):
            yield f"{field}: {hint}{defaults.get(field, '')}"
    for member, value in vars(of).items():
        if member.startswith("_") or member in own:
            continue
        function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if inspect.isfunction(function):
            yield f"{member}{inspect.signature(function)}"
        elif isinstance(value, property):
            yield f"{member}: property"
        elif isinstance(value, Enum):
            yield f"{member} = {value.value!r}"


def _defaults(of: type) -> Mapping[str, str]:
    if issubclass(of, Struct):
        fields = structs.fields(of)
        plain = {field.name: field.default for field in fields if field.default is not NODEFAULT}
        made = {field.name: ... for field in fields if field.default_factory is not NODEFAULT}
        return {name: f" = {_shown(value)}" for name, value in {**plain, **made}.items()}
    return {name: f" = {_shown(value)}" for name, value in getattr(of, "_field_defaults", {}).items()}


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, _SHOWN) or value == () else "…"


def key(line: str) -> str:
    """Give whose line it is: `Pool`, `Pool.servers`, `ako_kinds`."""
    return re.split(r"[(: ]", line, maxsplit=1)[0]


def recorded() -> list[str]:
    """Give the interface as it was recorded."""
    return RECORDED.read_text(encoding="utf-8").splitlines()


def version_in(lines: Iterable[str]) -> str:
    """Give the version of the plugin API of an interface."""
    return next((line.removeprefix(_VERSION) for line in lines if line.startswith(_VERSION)), "0.0")


def changes(before: Iterable[str], after: Iterable[str]) -> dict[str, str]:
    """Give what is `new`, `other` or `gone`, by key; the version of the interface itself is none of them."""
    old, new = ({key(line): line for line in lines if not line.startswith(_VERSION)} for lines in (before, after))
    found = {name: "new" if name not in old else "gone" if name not in new else "other" for name in {*old, *new}}
    return {name: what for name, what in sorted(found.items()) if old.get(name) != new.get(name)}


def listed(document: str, version: str) -> set[str]:
    """Give what the list of changes names for a version of the plugin API."""
    section = re.search(rf"^### {re.escape(version)}\n(.*?)(?=^##|\Z)", document, re.MULTILINE | re.DOTALL)
    return {match.partition("(")[0] for match in re.findall(r"`([^`]+)`", section[1])} if section else set()


def faults(before: Iterable[str], after: Iterable[str], document: str, table: Table = DEPRECATED) -> Iterator[str]:
    """Say what of the changes of the interface is not told, or must not be."""
    before, after = list(before), list(after)
    version = version_in(after)
    named = listed(document, version)
    is_major = version.partition(".")[0] != version_in(before).partition(".")[0]
    found = changes(before, after)
    for name, what in found.items():
        owner = name.partition(".")[0]
        if owner != name and found.get(owner) == what != "other":
            continue  # it came, or went, with all that is in it
        if not {name, owner} & named:
            yield f"{name} is {what}: name it in `…` below `### {version}` in docs/plugins/api.md"
        if what == "gone" and not is_major and not _has_gone(name, version, table):
            yield f"{name} is gone, and was not deprecated long enough: put it back, or raise the major number"


def _has_gone(name: str, version: str, table: Table) -> bool:
    found = table.get(name) or table.get(f"ako.{name.partition('.')[0]}")
    return found is not None and found.has_gone(version)


def main() -> int:
    """Write the interface, if all that is new in it is told."""
    before = recorded() if RECORDED.exists() else []
    told = list(faults(before, interface(), CHANGES.read_text(encoding="utf-8"))) if before else []
    print(*told, sep="\n", end="\n" * bool(told), file=sys.stderr)
    if not told:
        RECORDED.write_text("\n".join(interface()) + "\n", encoding="utf-8")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
