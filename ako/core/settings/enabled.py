"""Which plugins run: the whole list, or what is added to the default list and left out of it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ako.core.settings import patterns
from ako.core.settings.patterns import BLANKS

IN_TREE_PLUGINS = ("ingress", "openshift_route", "clusterip_routes", "nodeport", "loadbalancer")
"""The plugins of this distribution, as its entry points name them."""

_SIGNS = ("+", "-")

SIGNED = patterns.signed(IN_TREE_PLUGINS)
"""A name with a sign, as the schema of a values file has it."""


def laid_on_default(words: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the plugins that run: the words, or if they have signs, the default list with and without them.

    What is added comes first: the first answer wins in most hooks, and ours answer for whatever they are asked.

    Raises:
        ValueError: some have a sign and some not; or there is nothing that a sign could mean.
    """
    signed = [word for word in words if word.startswith(_SIGNS)]
    if not signed:
        return tuple(words)
    if plain := [word for word in words if word not in signed]:
        raise ValueError(
            f"mixes {signed[0]} with {plain[0] or 'an empty name'}: give either the names of all that run, or only "
            "what is added to the default list (+name) and left out of it (-name)"
        )
    added = [word[1:].strip(BLANKS) for word in signed if word.startswith("+")]
    left_out = [word[1:].strip(BLANKS) for word in signed if word.startswith("-")]
    if "" in (*added, *left_out):
        raise ValueError("has a + or a - without a name: put them together, as in +name")
    if both := [name for name in added if name in left_out]:
        raise ValueError(f"adds {both[0]} and leaves it out: remove one of the two")
    for name in left_out:
        if name not in IN_TREE_PLUGINS:
            near = get_close_matches(name, IN_TREE_PLUGINS, n=1)
            meant = f" (did you mean -{near[0]}?)" if near else ""
            raise ValueError(f"leaves out {name}, which is not in the default list{meant}; that has {_listed()}")
    kept = [name for name in IN_TREE_PLUGINS if name not in left_out]
    new = [name for name in added if name not in kept]
    return tuple(dict.fromkeys((*new, *kept)))


def _listed() -> str:
    return ", ".join(IN_TREE_PLUGINS)
