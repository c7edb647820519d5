"""Labels of the pools on one shared virtual service, so that none takes the requests of another host. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.hooks.host_names import domain_under
from ako.core.model import PoolGroupMember


def members_apart(members: Iterable[PoolGroupMember], fqdns: Sequence[str]) -> Iterator[PoolGroupMember]:
    """Give members with the labels that they need beside the hosts there are, whose names come sorted.

    A host without a path has its name alone as label, as AKO writes it, and that is the beginning of longer names too
    (`a.co` of `a.com`). Beside such a name it ends with the slash that every path begins with. If the host has that
    label as well, which is longer, no request was left for the short one, and it goes.
    """
    members = tuple(members)
    has_domains = any(domain_under(fqdn) for fqdn in fqdns)
    labels = {member.priority_label for member in members}
    for member in members:
        label = member.priority_label
        if not isinstance(label, str) or "/" in label or not (has_domains or _begins_another(label, fqdns)):
            yield member
        elif f"{label}/" not in labels:
            yield replace(member, priority_label=f"{label}/")


def _begins_another(host: str, fqdns: Sequence[str]) -> bool:
    after = bisect_right(fqdns, host)
    return after < len(fqdns) and fqdns[after].startswith(host)
