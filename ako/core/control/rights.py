"""The rights that a controller with some plugins takes on an API server, and no others.

What it asks for is declared in one place each, and the rights follow from there: watches are gathered here by the same
function as where they are begun, so that a kind that two plugins watch is one right, as wide as the wider of them.
Discovery (`/apis`) and reviews of one's own rights are everybody's, so that they are none of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ako.core.base.refs import Kind
from ako.core.control.own_objects import kinds_in
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.cluster import watches
from ako.core.kube.lease import LEASE, LEASES
from ako.core.kube.rights import Right, of_declaration, of_watch
from ako.core.settings import Settings
from ako.core.settings.given import CONFIG_MAP, SECRET

CORE = "the core"


def rights(plugins: PluginHost, settings: Settings, namespace: str, secret: str = SECRET) -> tuple[Right, ...]:
    """Give every right that is used, each once: those in our own namespace first.

    Args:
        plugins: those that run.
        settings: with which.
        namespace: our own.
        secret: name of the Secret with the credentials, in there.

    Raises:
        PluginError: what a plugin declares cannot be understood.
    """
    found = [
        Right(
            "", "configmaps", "get", "settings, before anything else; Events that speak of it", namespace, CONFIG_MAP
        ),
        Right("", "secrets", "get", "credentials, before anything else", namespace, secret),
        *(_of_lease(namespace) if settings.ako.leader_election.enabled is not False else ()),
        *_of_kinds(plugins, kinds_in(namespace, secret)),
        Right("", "events", "create", "Events on whatever they are about"),
        Right("", "events", "patch", "an Event that repeats counts up"),
        Right("", "events", "list", "what an earlier run said is not said again"),
    ]
    distinct = {(right.namespace, right.group, right.resource, right.verb, right.name): right for right in found}
    return tuple(sorted(distinct.values(), key=lambda right: not right.namespace))


def _of_lease(namespace: str) -> Iterator[Right]:
    yield Right(LEASES.group, "leases", "get", "which replica works", namespace, LEASE)
    yield Right(LEASES.group, "leases", "update", "which replica works, renewed or taken over", namespace, LEASE)
    # Of what is created the name is not known yet when it is authorised.
    yield Right(LEASES.group, "leases", "create", "which replica works, for the first time", namespace)


def _of_kinds(plugins: PluginHost, own: Sequence[WatchedKind]) -> Iterator[Right]:
    declared = [(kind, by) for by, kinds in plugins.kinds.items() for kind in kinds] + [(kind, CORE) for kind in own]
    for kind, watch in watches([*plugins.watched, *own]).items():
        yield from of_watch(watch, f"watched for {_names(declared, kind)}")
    for declaration, by in declared:
        yield from of_declaration(declaration, by)


def _names(declared: Sequence[tuple[WatchedKind, str]], kind: Kind) -> str:
    return ", ".join(dict.fromkeys(by for declaration, by in declared if declaration.kind == kind))
