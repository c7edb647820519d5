"""What pool groups and policy sets that many hosts share say about each of them: labels and rules, as entries. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Set
from itertools import chain
from typing import TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.hooks.matching import EQUALS
from ako.core.model import AviObject, PoolGroup, PoolGroupMember, RequestRule, rules_in

T = TypeVar("T")

Way = tuple[str, str, bool]
"""A host in lower case, a path, and whether it is what lies below the path, and not the path itself."""


class Entry(Struct, frozen=True):
    """What is said about one host.

    Attributes:
        host: in lower case.
        ways: what is answered by it.
        answer: how, to tell it from other entries.
        target: the object that it leads to; None for a redirect.
    """

    host: str
    ways: frozenset[Way]
    answer: Hashable
    target: AviRef | None


def entries(item: AviObject | None, hosts: Set[str]) -> frozenset[Entry]:
    """Give what is said about some hosts, in lower case; nothing, if an object is neither pool group nor policy set."""
    labels = (entry for member in _members(item) for entry in of_member(member, hosts))
    return frozenset(labels).union(entry for rule in rules_in(item) for entry in of_rule(rule, hosts))


def left_alone(item: AviObject | None) -> frozenset[str]:
    """Give the names, in lower case, that rules for all names under a domain leave to others."""
    return frozenset(name.lower() for rule in rules_in(item) for name in rule.excluded)


def changed_hosts(before: AviObject | None, after: AviObject | None) -> frozenset[str]:
    """Give the hosts, in lower case, about which two states of an object do not say the same.

    Costs little where most of it is the same: what is in both is not looked into.
    """
    found: set[str] = {host_of(member) for member in _differing(_members(before), _members(after))}
    named: dict[str, list[RequestRule]] = {}
    for rule in _differing(rules_in(before), rules_in(after)):
        named.setdefault(rule.name, []).append(rule)
    for rules in named.values():
        hosts = [frozenset(rule.hosts) for rule in rules]
        is_one = len(rules) == 2 and for_any(rules[0]) == for_any(rules[1])
        found |= hosts[0] ^ hosts[1] if is_one else frozenset().union(*hosts)
    return frozenset(host.lower() for host in found if host)


def host_of(member: PoolGroupMember) -> str:
    """Give the host of a label, in lower case; empty if a member has none."""
    return (member.priority_label or "").partition("/")[0].lower()


def for_any(rule: RequestRule) -> RequestRule:
    """Give a rule whatever its number and whosoever's it is."""
    return replace(rule.for_all, match=replace(rule.for_all.match, host_hdr=UNSET))


def _differing(old: tuple[T, ...], new: tuple[T, ...]) -> set[T]:
    """Give what is in one of two lists only."""
    both = {id(item) for item in old} & {id(item) for item in new}
    return {item for item in old if id(item) not in both} ^ {item for item in new if id(item) not in both}


def _members(item: AviObject | None) -> tuple[PoolGroupMember, ...]:
    return item.members if isinstance(item, PoolGroup) else ()


def of_member(member: PoolGroupMember, hosts: Set[str]) -> Iterator[Entry]:
    """Give what the label of a member says about some hosts, in lower case."""
    host, _, path = (member.priority_label or "").partition("/")
    if (host := host.lower()) in hosts:
        yield Entry(host, frozenset(_parts(host, path)), "label", member.pool_ref)


def of_rule(rule: RequestRule, hosts: Set[str]) -> Iterator[Entry]:
    """Give what a rule says about some hosts, in lower case."""
    path = rule.match.path
    target = rule.switching_action.pool_group_ref if rule.switching_action else None
    is_exact = path.match_criteria == EQUALS if path else False
    texts = path.match_str if path else ("",)
    for host in {host.lower() for host in rule.hosts} & hosts:
        ways = (_itself(host, text) if is_exact else _parts(host, text) for text in texts)
        yield Entry(host, frozenset(chain(*ways)), (path or None, rule.redirect_action or None), target)


def _itself(host: str, text: str) -> Iterator[Way]:
    yield host, text.lstrip("/"), False


def _parts(host: str, text: str) -> Iterator[Way]:
    """Give what a prefix is for: the path itself, unless there is a slash at its end, and what lies below."""
    path = text.strip("/")
    if not text.endswith("/") or not path:
        yield host, path, False
    yield host, path, True
