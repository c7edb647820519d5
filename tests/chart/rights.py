"""The rights of the chart, `files/rights.yaml`: which plugins take each, found out by trying all sets of these."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations, groupby
from typing import Any, NamedTuple

from ako.core.control.rights import rights
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.lease import LEASES
from ako.core.settings import Settings
from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.core.settings.given import SECRET

_OWN = "avi-system"

Plugins = frozenset[str]


class Granted(NamedTuple):
    """One verb on one resource, in our own namespace or everywhere."""

    scope: str
    group: str
    resource: str
    name: str
    verb: str


def sets_of_plugins() -> list[Plugins]:
    """Give every set of plugins of this distribution that may run."""
    names = IN_TREE_PLUGINS
    return [frozenset(some) for count in range(len(names) + 1) for some in combinations(names, count)]


def taken_by(plugins: Iterable[str], secret: str = SECRET) -> frozenset[Granted]:
    """Give what the program takes with some plugins, and with credentials in a Secret of a name."""
    host = PluginHost(load_plugins([name for name in IN_TREE_PLUGINS if name in plugins]))
    return frozenset(
        Granted("own" if right.namespace else "cluster", right.group, right.resource, right.name, right.verb)
        for right in rights(host, Settings(), _OWN, secret)
    )


def data() -> dict[str, Any]:
    """Give the file: for our own namespace and for the cluster, each rule with who needs it.

    Raises:
        ValueError: a right depends on the plugins in a way that the file cannot say.
    """
    by_set = {plugins: taken_by(plugins) for plugins in sets_of_plugins()}
    every = sorted(frozenset().union(*by_set.values()))
    conditions = {right: _condition({some for some, taken in by_set.items() if right in taken}) for right in every}

    def subject(right: Granted) -> tuple[Any, ...]:
        return (right.scope, right.group, right.resource, right.name, str(conditions[right]))

    rules: dict[str, Any] = {"plugins": list(IN_TREE_PLUGINS), "own": [], "cluster": []}
    for _, together in groupby(sorted(every, key=subject), key=subject):
        some = list(together)
        first = some[0]
        rule: dict[str, Any] = {"group": first.group, "resource": first.resource}
        if first.name:
            rule["name"] = first.name
        rule["verbs"] = [right.verb for right in some]
        if first.group == LEASES.group:
            rule["election"] = True
        rules[first.scope].append({**rule, **conditions[first]})
    return rules


def _condition(taking: Collection[Plugins]) -> dict[str, list[str]]:
    """Say when a right is taken: `for`: one of these runs; `unless`: none of these does; nothing: always."""
    if frozenset() in taking:
        against = [name for name in IN_TREE_PLUGINS if frozenset({name}) not in taking]
        condition = {"unless": against} if against else {}
    else:
        condition = {"for": [name for name in IN_TREE_PLUGINS if frozenset({name}) in taking]}
    for plugins in sets_of_plugins():
        said = (not condition.get("for") or bool(plugins & set(condition["for"]))) and not (
            plugins & set(condition.get("unless", ()))
        )
        if said != (plugins in taking):
            raise ValueError(f"{condition} does not say when this right is taken: not with {sorted(plugins)}")
    return condition
