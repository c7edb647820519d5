"""Plugins that adjust what others made of a host, so that it would be served no more."""

from __future__ import annotations

from tests.wrongs.wrong import Wrong

_REPLACE = "from msgspec.structs import replace"

ADJUSTING = (
    Wrong(
        name="drops",
        does="takes away the objects that its host is served by",
        top=_REPLACE,
        code="return replace(good, objects=())",
        hook="ako_adjust",
        says="objects has …pool…no more",
    ),
    Wrong(
        name="moves",
        does="moves its host from the virtual service that hosts share",
        top=_REPLACE,
        code="return replace(good, parent=OwnTree(good.objects[0].name))",
        hook="ako_adjust",
        says="parent is …which is a tree of its own",
    ),
    Wrong(
        name="drops_rules",
        does="forgets which names are for which rules",
        top=_REPLACE,
        code="return replace(good, rules=())",
        hook="ako_adjust",
        says="rules has 0 entries, not 1",
    ),
    Wrong(
        name="adjusts_all",
        does="raises when it adjusts",
        code='raise RuntimeError("no adjustment")',
        hook="ako_adjust",
        says="it raised RuntimeError: no adjustment",
    ),
)
