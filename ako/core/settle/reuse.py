"""A host that one owner has: of its claims only those of who had it first are served, the others are told.

Where namespaces share no hosts, each owns what is in it. A wildcard host is a host like any other: the names under it
may be those of others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from msgspec.structs import replace

from ako.core.engine.view import View
from ako.core.hooks.claims import HostClaim, Problem, VirtualHost
from ako.core.hooks.site import SETTINGS
from ako.core.settle.secured import Secured
from ako.core.settle.settle import settle
from ako.core.settle.validity import with_warnings

OwnerOf = Callable[[str], Hashable]
"""Namespace (empty for what is in none) → whose a claim from there is."""

Told = Callable[[HostClaim, HostClaim], Problem]
"""A claim that is not served and the first one of its host → what its owner is told."""


def settled(view: View, host: str, judged: Sequence[Secured]) -> VirtualHost:
    """Decide what is served for a host, of the claims of its owner."""
    others: tuple[Secured, ...] = ()
    if len(judged) > 1 and not view.ask(namespaces_share_hosts):
        judged, others = of_first_owner(judged, lambda namespace: namespace)
    return with_others(with_warnings(view, settle(view, host, judged), judged), others, of_other_namespace)


def namespaces_share_hosts(view: View) -> bool:
    """Say whether objects of several namespaces may be served for one host (a query)."""
    return view.input(SETTINGS).l7_settings.fqdn_reuse_policy != "Strict"


def of_first_owner(judged: Iterable[Secured], owner_of: OwnerOf) -> tuple[tuple[Secured, ...], tuple[Secured, ...]]:
    """Give the claims of a host that the owner of the first one makes, and those of all others; both in order."""
    ordered = sorted(judged, key=lambda one: one.claim.order)
    owners = [owner_of(one.claim.source.namespace) for one in ordered]
    mine = tuple(one for one, owner in zip(ordered, owners, strict=True) if owner == owners[0])
    return mine, tuple(one for one, owner in zip(ordered, owners, strict=True) if owner != owners[0])


def with_others(host: VirtualHost, others: Sequence[Secured], told: Told) -> VirtualHost:
    """Give a host, settled for the claims of its owner, with those of others, of which nothing is served."""
    if not others:
        return host
    claims = sorted((*host.claims, *(one.claim for one in others)), key=lambda claim: claim.order)
    problems = dict.fromkeys(told(one.claim, host.oldest) for one in others)  # an object may claim a host twice
    return replace(host, claims=tuple(claims), problems=(*host.problems, *problems))


def of_other_namespace(claim: HostClaim, holder: HostClaim) -> Problem:
    """Say that another namespace has a host, and that the settings let none share one."""
    message = (
        f"host {holder.host} is that of {holder.source.key}, which is in another namespace and had it first; "
        "L7Settings.fqdnReusePolicy is Strict."
    )
    remedy = "Use another host; this one is served as soon as no object of that namespace has it."
    return Problem(claim.source, "HostOfOtherNamespace", message, remedy)
