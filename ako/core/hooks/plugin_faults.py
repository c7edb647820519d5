"""The words for a fault of a plugin: whose it is, in which hook, about which object, and what it is. Pure.

`failing_hook` reads them again: the two stand beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.claims import Backend, PortClaim, VirtualHost
from ako.core.hooks.outcome import SourceObject

FAMILIES = {
    "ako_discover": "source",
    "ako_report": "source",
    "ako_translate": "translating",
    "ako_adjust": "translating",
    "ako_place_backend": "placing",
    "ako_static_routes": "placing",
    "ako_explain_source": "source",
    "ako_explain_backend": "placing",
}
"""What a plugin is called by what it was asked."""

LONGEST = 300
"""Characters of what a plugin raised that are told."""

LONGEST_DOUBT = 2000
"""Characters of why a plugin says that something is unknown."""

_FAILED = re.compile(r"plugin `([^`]+)` failed in (\w+)")


def plugin_in_words(plugin: str, hook: str) -> str:
    """Name a plugin by what it is for: ``the source plugin `sites` ``."""
    family = FAMILIES.get(hook, "")
    return f"the {family}{' ' if family else ''}plugin `{plugin}`"


def failed(plugin: str, hook: str, subject: str, what: str) -> str:
    """Word a fault; `subject` may be empty, and `what` says what is wrong."""
    return f"{plugin_in_words(plugin, hook)} failed in {asked_for(hook, subject)}: {what}"


def overran(plugin: str, hook: str, subject: str, limit: float) -> str:
    """Word why a plugin is suspended; this is no failure of one hook, but one of the whole plugin."""
    asked = asked_for(hook, subject)
    return f"{plugin_in_words(plugin, hook)} is suspended: it had not answered {asked} after {limit:g} s"


def failing_hook(doubt: str) -> tuple[str, str] | None:
    """Give plugin and hook if a doubt, as `failed` words it, is there because that failed; None if it is not."""
    found = _FAILED.search(doubt)
    return (found[1], found[2]) if found else None


def asked_for(hook: str, subject: str) -> str:
    """Name a hook, and what it is asked about."""
    return f"{hook} for {subject}" if subject else hook


def raised(fault: BaseException) -> str:
    """Word what was raised, on one line and not too long, whatever it says of itself."""
    text = text_of(fault, LONGEST)
    return f"it raised {type(fault).__name__}: {text}" if text else f"it raised {type(fault).__name__}"


def text_of(fault: BaseException, longest: int) -> str:
    """Give what is raised in its own words, as far as these can be had: that runs code of whoever raised it."""
    try:
        text = " ".join(str(fault)[: 4 * longest].split()).encode("utf-8", "backslashreplace").decode()
    except BaseException as other:  # noqa: BLE001 - whatever that does
        return f"(its text cannot be told: {type(other).__name__})"
    return f"{text[:longest]}…" if len(text) > longest else text


def subject_of(arguments: Mapping[str, object]) -> str:
    """Name the object that a hook is asked about, in the words of its owner; empty if it is about none."""
    source, host, backend = (arguments.get(name) for name in ("source", "virtual_host", "backend"))
    if isinstance(source, SourceObject):
        return source.ref.key
    if isinstance(host, PortClaim):
        return host.source.key
    if isinstance(host, VirtualHost):
        return f"host {host.host}"
    return f"backend {backend.namespace}/{backend.service}" if isinstance(backend, Backend) else ""


def query_name(function: Callable[..., Any]) -> str:
    """Name a query, without holding it: it may be made anew each time, with all that it was made of."""
    of = function if hasattr(function, "__qualname__") else type(function)
    return f"{of.__module__}.{of.__qualname__}"


def key_of(arguments: Mapping[str, object]) -> str:
    """Give the key of the Kubernetes object that a hook is asked about, as log lines have it; empty without one."""
    source, host = arguments.get("source"), arguments.get("virtual_host")
    if isinstance(source, SourceObject):
        return source.ref.key
    if isinstance(host, PortClaim):
        return host.source.key
    return host.oldest.source.key if isinstance(host, VirtualHost) else ""


def named(kind: Kind, record: Struct) -> ObjectRef:
    """Give the identity of an object by what its record says, as far as it does."""
    metadata = getattr(record, "metadata", None)
    return ObjectRef(kind, str(getattr(metadata, "namespace", "")), str(getattr(metadata, "name", "")))
