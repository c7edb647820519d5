"""A host that one owner has: of its claims only those of who had it first are served, the others are told.

Where namespaces share no hosts, each owns what is in it; where they are in several tenants of Avi, these own hosts. A
wildcard host is a host like any other: the names under it may be those of others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import filterfalse

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Input, Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import HostClaim, Problem, VirtualHost
from ako.core.hooks.site import SETTINGS
from ako.core.hooks.tenants import are_tenants_used, tenant_of, title_of
from ako.core.settings import Settings
from ako.core.settle.secured import Secured
from ako.core.settle.settle import settle
from ako.core.settle.validity import with_warnings

_REASON = "HostOfOtherNamespace"
_STRICT = "L7Settings.fqdnReusePolicy is Strict"
_REMEDY = "Use another host; this one is served as soon as no object of that namespace has it."


class Unread(Struct, frozen=True):
    """Who has a host on the Controller and cannot be read.

    Attributes:
        holders: these objects.
        live_in: the namespaces of all objects for which the host is served.
    """

    holders: tuple[NamespacedName, ...] = ()
    live_in: tuple[str, ...] = ()


UNREAD: Input[Unread] = Input("who has a host and cannot be read", default=Unread())
"""host → that; set only where namespaces share no hosts."""


OwnerOf = Callable[[str], Hashable]
"""Namespace (empty for what is in none) → whose a claim from there is."""

Split = tuple[tuple[Secured, ...], tuple[Secured, ...]]
"""The claims that count, and all others; both in order."""

Told = Callable[[HostClaim, HostClaim], Problem]
"""A claim that is not served and the first one of its host → what its owner is told."""


def settled(view: View, host: str, judged: Sequence[Secured]) -> VirtualHost:
    """Decide what is served for a host, of the claims of its owner."""
    strangers: tuple[Secured, ...] = ()
    others: tuple[Secured, ...] = ()
    if len(judged) > 1 and view.ask(are_tenants_used):
        tenants = {one.claim.source.namespace: _tenant_of(view, one.claim) for one in judged}
        judged, strangers = of_first_owner(judged, tenants.__getitem__)
    told = of_other_namespace
    if not view.ask(namespaces_share_hosts):
        if (holder := _unread_holder(view.input(UNREAD, host), judged)) is not None:
            judged, others = _of_namespace(holder.namespace, judged)
            told = partial(_of_unread, holder)
        else:
            judged, others = of_first_owner(judged, lambda namespace: namespace)
    mine = with_warnings(view, settle(view, host, judged), judged) if judged else VirtualHost(host, ())
    return with_others(with_others(mine, others, told), strangers, partial(of_other_tenant, view))


def namespaces_share_hosts(view: View) -> bool:
    """Say whether objects of several namespaces may be served for one host (a query)."""
    return shares_hosts(view.input(SETTINGS))


def shares_hosts(settings: Settings) -> bool:
    """Say whether objects of several namespaces may be served for one host."""
    return settings.l7_settings.fqdn_reuse_policy != "Strict"


def _unread_holder(unread: Unread, judged: Iterable[Secured]) -> NamespacedName | None:
    """Give the object that a host is kept for, though nobody knows what it claims: nobody else is served yet."""
    first = min(judged, key=_order).claim.source.namespace
    return next(iter(unread.holders), None) if first not in unread.live_in else None


def _of_namespace(namespace: str, judged: Iterable[Secured]) -> Split:
    """Give the claims of a namespace, and all others."""
    return _split(sorted(judged, key=_order), lambda one: one.claim.source.namespace == namespace)


def _of_unread(holder: NamespacedName, claim: HostClaim, _: HostClaim) -> Problem:
    """Say that a host is kept for another namespace, of which nobody knows whether it still wants it."""
    message = f"host {claim.host} is that of {holder}, which is in another namespace and cannot be read; {_STRICT}."
    return Problem(claim.source, _REASON, message, _REMEDY)


def of_first_owner(judged: Iterable[Secured], owner_of: OwnerOf) -> Split:
    """Give the claims of a host that the owner of the first one makes, and those of all others; both in order."""
    ordered = sorted(judged, key=_order)
    first = owner_of(ordered[0].claim.source.namespace)
    return _split(ordered, lambda one: owner_of(one.claim.source.namespace) == first)


def _order(one: Secured) -> tuple[str, ...]:
    return one.claim.order


def _split(ordered: Sequence[Secured], is_mine: Callable[[Secured], bool]) -> Split:
    return tuple(filter(is_mine, ordered)), tuple(filterfalse(is_mine, ordered))


def with_others(host: VirtualHost, others: Sequence[Secured], told: Told) -> VirtualHost:
    """Give a host, settled for the claims of its owner, with those of others after them, which are not served."""
    if not others:
        return host
    first = host.claims[0] if host.claims else others[0].claim
    problems = dict.fromkeys(told(one.claim, first) for one in others)  # an object may claim a host twice
    claims = (*host.claims, *(one.claim for one in others))
    return replace(host, claims=claims, problems=(*host.problems, *problems))


def _tenant_of(view: View, claim: HostClaim) -> str | None:
    """Give the tenant of a claim; None, which is nobody's, if it is not known."""
    try:
        return tenant_of(view, claim)
    except Unknown:
        return None


def of_other_tenant(view: View, claim: HostClaim, holder: HostClaim) -> Problem:
    """Say that a host is in another tenant: a DNS name leads to one address, which is in one of them."""
    tenant = title_of(view, tenant_of(view, holder))
    message = f"host {holder.host} is that of {holder.source.key} in tenant {tenant}, which had it first."
    remedy = "Use another host; this one is served as soon as nothing in that tenant has it."
    return Problem(claim.source, "HostOfOtherTenant", message, remedy)


def of_other_namespace(claim: HostClaim, holder: HostClaim) -> Problem:
    """Say that another namespace has a host, and that the settings let none share one."""
    message = (
        f"host {claim.host} is that of {holder.source.key}, which is in another namespace and had it first; {_STRICT}."
    )
    return Problem(claim.source, _REASON, message, _REMEDY)
