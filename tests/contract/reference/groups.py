"""In which part of the page something stands, by the module that defines it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Group(Struct, frozen=True):
    """A part of the page: its heading, what it is about, and the modules (or packages) whose things stand in it."""

    heading: str
    about: str
    modules: tuple[str, ...]


GROUPS = (
    Group(
        "What is declared",
        "Once, at start.",
        (
            "ako.core.hooks.hookspecs",
            "ako.core.hooks.needs",
            "ako.core.hooks.declarations",
            "ako.core.engine.kinds",
            "ako.core.settings",
        ),
    ),
    Group(
        "What is read",
        "Everything arrives through a `View`, which remembers what was read: a change of it has the hook asked again.",
        (
            "ako.core.engine.view",
            "ako.core.engine.cells",
            "ako.core.hooks.records",
            "ako.core.hooks.endpoints",
            "ako.core.hooks.service_ports",
            "ako.core.hooks.placement",
        ),
    ),
    Group(
        "What a source asks for",
        "The answer to `ako_discover`, and what is settled from the claims of all sources.",
        (
            "ako.core.hooks.claims",
            "ako.core.hooks.tls",
            "ako.core.hooks.outcome",
            "ako.core.hooks.host_names",
            "ako.core.hooks.patterns",
            "ako.core.hooks.scope",
            "ako.core.settle",
            "ako.core.report",
        ),
    ),
    Group(
        "Saying why",
        "The answers to `ako_explain_source` and `ako_explain_backend`, for whoever asks.",
        ("ako.core.hooks.reasons",),
    ),
    Group(
        "Translating",
        "The answer to `ako_translate` and `ako_adjust`, and what it is built with.",
        (
            "ako.core.hooks.translation",
            "ako.core.hooks.site",
            "ako.core.hooks.shared_parents",
            "ako.core.hooks.matching",
            "ako.core.model.names",
            "ako.core.translate",
        ),
    ),
    Group(
        "Avi objects",
        "Fields are called as in the API of the Avi Controller and mean what they mean there. In an object that is "
        "wanted `UNSET` (of `msgspec`) means *not ours, leave it*, and `None` means *ours, and absent*.",
        ("ako.core.model",),
    ),
    Group("Identities", "Who is meant, in Kubernetes and on the Controller.", ("ako.core.base",)),
    Group("Testing", "What `ako.testing` has for the tests of a plugin.", ("ako.testing",)),
)


def group_of(module: str) -> Group:
    """Give the group of what a module defines: the one that names it, or the nearest package that it is in.

    Raises:
        LookupError: none does.
    """
    named: Mapping[str, Group] = {name: group for group in GROUPS for name in group.modules}
    while module:
        if module in named:
            return named[module]
        module = module.rpartition(".")[0]
    raise LookupError("no group of the reference has this module: name it in tests/contract/reference/groups.py")
