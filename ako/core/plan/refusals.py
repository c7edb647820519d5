"""Objects that the Controller refused, and what of a tree can go on without them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import CHILD, AviObject, HTTPPolicySet, RequestRule, VirtualService
from ako.core.plan.plan import Desired, Seen, replace_fields


class Refusal(Struct, frozen=True):
    """An object as it was refused, and the Controller's own words."""

    object: AviObject
    message: str


NEEDED_LISTS = frozenset({"ssl_key_and_certificate_refs"})
"""Lists that must not become empty: a child without a certificate of its own would show that of its parent."""


def without_refused(desired: Desired, refused: Mapping[AviRef, Refusal], observed: Seen) -> dict[AviRef, AviObject]:
    """Leave out what was refused as it is, and what cannot be without it.

    A refused change leaves the object as it was, and with it what it refers to: the Controller would not delete that.
    A refused new object is taken out of the lists that name it; whatever refers to it outside a list, or in a list that
    must not be empty, goes too. With a child goes the redirect to it.
    """
    kept = dict(desired)
    missing: set[AviRef] = set()
    for ref, refusal in refused.items():
        if kept.get(ref) != refusal.object:
            continue
        seen = observed.get(ref)
        if seen is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            missing.add(ref)
    while missing:
        missing = _drop_references(kept, missing, observed)
    hosts = {host for ref, item in desired.items() if ref not in kept for host in _hosts_of_child(item)}
    missing = _drop_redirects(kept, hosts, desired) if hosts else set()
    while missing:
        missing = _drop_references(kept, missing, observed)
    _keep_referents(kept, [ref for ref in kept if ref in observed and kept[ref] is observed[ref].object], observed)
    return kept


def _keep_referents(kept: dict[AviRef, AviObject], unchanged: list[AviRef], observed: Seen) -> None:
    """Keep what objects that stay as they are refer to, as far as nobody wants it any more."""
    while unchanged:
        for ref in kept[unchanged.pop()].references():
            if ref not in kept and ref in observed:
                kept[ref] = observed[ref].object
                unchanged.append(ref)


def _drop_references(kept: dict[AviRef, AviObject], missing: set[AviRef], observed: Seen) -> set[AviRef]:
    """Take references to missing objects out of all others; give the objects that cannot be without them."""
    dropped: set[AviRef] = set()
    for ref, item in list(kept.items()):
        if missing.isdisjoint(item.references()):
            continue
        stripped = _stripped(item, missing)
        if missing.isdisjoint(stripped.references()):
            kept[ref] = stripped
        elif (seen := observed.get(ref)) is not None:
            kept[ref] = seen.object
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _stripped(item: AviObject, missing: set[AviRef]) -> AviObject:
    fields: dict[str, Any] = {}
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if isinstance(value, tuple):
            entries = tuple(entry for entry in value if not _names_any(entry, missing))
            if len(entries) != len(value) and (entries or name not in NEEDED_LISTS):
                fields[name] = entries
    return replace_fields(item, fields) if fields else item


def _names_any(entry: object, missing: set[AviRef]) -> bool:
    if isinstance(entry, AviRef):
        return entry in missing
    if isinstance(entry, Struct):
        return any(_names_any(getattr(entry, name), missing) for name in entry.__struct_fields__)
    return False


def _hosts_of_child(item: AviObject) -> tuple[str, ...]:
    if not isinstance(item, VirtualService) or item.vs_type != CHILD:
        return ()
    return item.vh_domain_name or ()


def _drop_redirects(kept: dict[AviRef, AviObject], hosts: set[str], desired: Desired) -> set[AviRef]:
    """Redirect nobody to hosts that have no child; give the policy sets that nothing is left of."""
    dropped: set[AviRef] = set()
    for ref, item in list(kept.items()):
        if not isinstance(item, HTTPPolicySet) or item is not desired.get(ref):
            continue  # what is not as desired stays as it is on the Controller
        before = item.http_request_policy
        rules = tuple(left for rule in before.rules if (left := _without_hosts(rule, hosts)) is not None)
        if rules == before.rules:
            continue
        if rules:
            kept[ref] = replace(item, http_request_policy=replace(before, rules=rules))
        else:
            del kept[ref]
            dropped.add(ref)
    return dropped


def _without_hosts(rule: RequestRule, hosts: set[str]) -> RequestRule | None:
    """Take hosts out of a redirect; None if that leaves it without any, which would match them all."""
    matched = rule.match.host_hdr
    if not rule.redirect_action or not matched or hosts.isdisjoint(matched.value):
        return rule
    left = tuple(host for host in matched.value if host not in hosts)
    return replace(rule, match=replace(rule.match, host_hdr=replace(matched, value=left))) if left else None
