"""Field selectors such as `metadata.name=web,type!=Opaque`: what several watchers have in common, and who is meant.

An API server applies a whole selector. Where watchers with different ones share a watch it applies the terms that all
of them have; of the others those on the name are applied here, which is all that both kinds of cluster know anyway.
"""

from __future__ import annotations

import re

from ako.core.base.refs import NamespacedName

NAME, NAMESPACE = "metadata.name", "metadata.namespace"
_TERM = re.compile(r"(?P<field>[^=!]+)(?P<operator>==|=|!=)(?P<value>.*)")


def in_common(one: str, other: str) -> str:
    """Give the terms that two selectors have both; whatever one of them selects, these select too."""
    theirs = other.split(",")
    return ",".join(term for term in one.split(",") if term in theirs)


def selects(selector: str, name: NamespacedName) -> bool:
    """Say whether an object may be selected, as far as its name tells."""
    return not selector or all(_admits(term, name) for term in selector.split(","))


def fixed(selector: str, field: str) -> str:
    """Give the one value of a field that a selector admits, empty if there may be several."""
    matches = filter(None, map(_TERM.fullmatch, selector.split(",")))
    return next((match["value"] for match in matches if match["field"] == field and match["operator"] != "!="), "")


def _admits(term: str, name: NamespacedName) -> bool:
    fields = {NAME: name.name, NAMESPACE: name.namespace}
    match = _TERM.fullmatch(term)
    if match is None or match["field"] not in fields:
        return True
    return (fields[match["field"]] == match["value"]) is (match["operator"] != "!=")
