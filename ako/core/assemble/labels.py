"""Labels of the pools on one shared virtual service, so that none takes the requests of another host. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.hooks.host_names import domain_under
from ako.core.model import PoolGroupMember


def members_apart(members: Sequence[PoolGroupMember], hosts: Iterable[str]) -> Sequence[PoolGroupMember]:
    """Give members with the labels that they need beside the hosts there are.

    A host without a path has its name alone as label, as AKO writes it, and that is the beginning of longer names too
    (`a.co` of `a.com`). Beside such a name it ends with the slash that every path begins with. If the host has that
    label as well, which is longer, no request was left for the short one, and it goes.
    """
    if not any(map(_is_bare, members)):
        return members  # as is usual
    fqdns = sorted(hosts)
    return tuple(_apart(members, fqdns, has_domains=any(map(domain_under, fqdns))))


def _apart(members: Sequence[PoolGroupMember], fqdns: Sequence[str], *, has_domains: bool) -> Iterator[PoolGroupMember]:
    labels = {member.priority_label for member in members}
    for member in members:
        host = str(member.priority_label)
        if not _is_bare(member) or not (has_domains or _begins_another(host, fqdns)):
            yield member
        elif f"{host}/" not in labels:
            yield replace(member, priority_label=f"{host}/")


def _is_bare(member: PoolGroupMember) -> bool:
    """Say whether a label is the name of a host and nothing more."""
    return isinstance(member.priority_label, str) and "/" not in member.priority_label


def _begins_another(host: str, fqdns: Sequence[str]) -> bool:
    after = bisect_right(fqdns, host)
    return after < len(fqdns) and fqdns[after].startswith(host)
