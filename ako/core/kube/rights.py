"""Which rights a watch takes, and what an access of a plugin means; `control/rights.py` adds what the core uses itself.

A right is what one request of ours is authorised by: the verb, the resource, and where there is one the name and the
namespace. A list or a watch that is limited to a name by its field selector is authorised by the name as well, and one
that asks a single namespace takes no right to the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ako.core.base.errors import PluginError
from ako.core.base.refs import Kind
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.cluster import Watch
from ako.core.kube.field_selectors import NAME, NAMESPACE, fixed

READING = ("list", "watch")
_VERBS = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})


class Right(NamedTuple):
    """One verb on one resource, and what for.

    Attributes:
        group: API group, empty for the core group.
        resource: plural name, with the subresource if it is one: `ingresses`, `ingresses/status`.
        verb: such as `list`.
        reason: what it is for, for people.
        namespace: the only namespace it is needed in; empty for all, and for what is in none.
        name: the only object it is needed for; empty for all.
    """

    group: str
    resource: str
    verb: str
    reason: str
    namespace: str = ""
    name: str = ""


def of_watch(watch: Watch, reason: str) -> Iterator[Right]:
    """Give the rights to keep up with all that is watched of a kind."""
    for verb in READING:
        yield Right(watch.kind.group, watch.plural, verb, reason, watch.namespace, watch.name)


def of_declaration(declared: WatchedKind, by: str) -> Iterator[Right]:
    """Give the rights beside reading: what the declaration asks for, and its status, which is written by its record.

    Raises:
        PluginError: an access is not `<resource>:<verb>`.
    """
    wanted = [_parsed(declared.kind, access, by) for access in declared.access]
    if declared.status is not None:
        wanted.append((f"{declared.plural}/status", "patch"))
    for resource, verb in dict.fromkeys(wanted):
        written = (
            "status, written for" if (resource, verb) == (f"{declared.plural}/status", "patch") else "asked for by"
        )
        selector = declared.field_selector
        # Of what is created the name is not known yet when it is authorised.
        name = "" if verb == "create" else fixed(selector, NAME)
        namespace = fixed(selector, NAMESPACE) if declared.namespaced else ""
        yield Right(declared.kind.group, resource, verb, f"{written} {by}", namespace, name)


def _parsed(kind: Kind, access: str, by: str) -> tuple[str, str]:
    resource, _, verb = access.partition(":")
    if not resource or verb not in _VERBS:
        verbs = ", ".join(sorted(_VERBS))
        raise PluginError(
            f"plugin {by}: access {access!r} of {kind.name} is not <resource>:<verb>, such as `sites/status:patch`; "
            f"verbs are {verbs}"
        )
    return resource, verb
