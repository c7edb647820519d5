"""By what the paths of a host are answered, over plain HTTP or TLS, and whose ways a plan would cut. Pure.

Of a host that cannot have all that it should, what answers now stays, for every path that is wanted still: no host is
to be half way between plain HTTP and TLS, or between a label and a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import partial
from operator import is_

from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    AviObject,
    HeaderMatch,
    HTTPPolicySet,
    PoolGroup,
    RequestRule,
    VirtualService,
    in_order,
    rules_in,
)
from ako.core.observe.served import hosts_of
from ako.core.plan.entries import Entry, Way, changed_hosts, entries, of_member, of_rule
from ako.core.plan.plan import Desired, Seen


class Cut(Struct, frozen=True):
    """The hosts that cannot have all that they should, and have something now.

    Attributes:
        hosts: in lower case.
        targets: what answers for them now on paths that are wanted still.
        plain: what is said about them now on plain HTTP.
        absent: other hosts, in lower case, that have nothing, and shall have nothing.
    """

    hosts: frozenset[str] = frozenset()
    targets: frozenset[AviRef] = frozenset()
    plain: frozenset[Entry] = frozenset()
    absent: frozenset[str] = frozenset()


_Lane = tuple[bool, Way]
"""Whether it is over TLS, and which way."""


class _Ways:
    """The ways of some hosts in one state.

    Args:
        objects: what there is, or should be.
        hosts: in lower case.
        unused: policy sets that lead nowhere.
    """

    def __init__(self, objects: Desired, hosts: Set[str], unused: Set[AviRef] = frozenset()) -> None:
        secure = _rules_of_children(objects)
        self.plain: set[Entry] = set()
        self.targets: dict[_Lane, set[AviRef]] = {}
        for ref, item in objects.items():
            for entry in entries(item, hosts) if ref not in unused else frozenset():
                self.plain.update((entry,) if ref not in secure else ())
                for way in entry.ways if entry.target else ():
                    self.targets.setdefault((ref in secure, way), set()).update(_targets(entry, objects))

    @property
    def hosts(self) -> set[str]:
        """Give the hosts for which there is a pool."""
        return {host for lane in self.targets for host in (lane[1][0],) if self.is_answered(lane)}

    def taker(self, lane: _Lane) -> _Lane | None:
        """Give whose requests those of a lane are: its own, or the longest path above it; None if they are nobody's.

        On the other side, plain HTTP or TLS, only if there is nothing on its own; case may count on one of them only.
        """
        if lane in self.targets:
            return lane
        (is_secure, (host, path, _)), lower = lane, lane[1][1].lower()
        there = [found for found in self.targets if found[1][0] == host]
        same = [found for found in there if found[0] is is_secure and found[1][2] and path.startswith(found[1][1])]
        others = [found for found in there if found[0] is not is_secure and lower.startswith(found[1][1].lower())]
        others = [found for found in others if found[1][2] or (found[1][1].lower(), False) == (lower, lane[1][2])]
        return max(same or others, key=lambda found: (len(found[1][1]), not found[1][2]), default=None)

    def is_answered(self, lane: _Lane) -> bool:
        """Say whether there is a pool for a lane."""
        return any(ref.type == "pool" for ref in self.targets.get(lane, ()))


def cut_ways(kept: Desired, desired: Desired, observed: Seen) -> Cut:
    """Say whose ways are cut because `kept` has to lack something of what is desired."""
    lacking = [item for ref, item in desired.items() if kept.get(ref) is not item]
    dropped = [item for item in lacking if item.ref not in kept]
    concerned = {host.lower() for item in dropped for host in hosts_of(item)}
    concerned.update(host for item in lacking for host in changed_hosts(item, kept.get(item.ref)))
    if not concerned:
        return Cut()
    there = {ref: seen.object for ref, seen in observed.items()}
    before = _Ways(there, concerned, _rules_of_children(desired) - _rules_of_children(there))
    left = _Ways(kept, concerned, {ref for item in dropped for ref in rules_of_child(item)})
    absent = frozenset(concerned - before.hosts - left.hosts)
    if not before.hosts:
        return Cut(absent=absent)
    wanted = _Ways(desired, concerned)
    followed = {(lane, after) for lane in before.targets if (after := wanted.taker(lane))}
    followed |= {(lane, after) for after in wanted.targets if (lane := before.taker(after))}
    hosts = {
        way[0] for (side, way), after in followed if before.is_answered((side, way)) and not left.is_answered(after)
    }
    cut = {entry.host for entry in wanted.plain - left.plain} & {entry.host for entry in before.plain}
    hosts |= cut & before.hosts  # else there may be a redirect that leads nowhere
    targets = (before.targets[lane] for lane, _ in followed if lane[1][0] in hosts)
    plain = (entry for entry in before.plain if entry.host in hosts)
    return Cut(frozenset(hosts), frozenset().union(*targets), frozenset(plain), absent)


def without_rivals(item: AviObject, seen: AviObject | None, cut: Cut) -> AviObject:
    """Leave out what a pool group or a policy set would newly say about hosts whose answers on plain HTTP are to stay.

    A rule is asked before every label, and may be for what a label of a longer path is for; a label takes the requests
    of its path, and those that nothing else takes.
    """
    hosts = {entry.host for entry in cut.plain}
    if isinstance(item, PoolGroup):
        taken = {way for entry in cut.plain for way in entry.ways}
        rivals = {entry for entry in entries(item, hosts) - cut.plain if not entry.ways.isdisjoint(taken)}
        # One pool may be behind two labels, and be a rival behind one of them only.
        members = tuple(member for member in item.members if rivals.isdisjoint(of_member(member, hosts)))
        return replace(item, members=members) if len(members) != len(item.members) else item
    if not isinstance(item, HTTPPolicySet) or not (new := entries(item, hosts) - cut.plain):
        return item
    before = {rule.name: rule for rule in rules_in(seen)}
    rules: list[RequestRule] = []
    for rule in rules_in(item):
        out = {entry.host for entry in of_rule(rule, hosts) if entry in new}
        both = (rule.only_for(partial(_is_other, out)) if out else rule, before.get(rule.name) if out else None)
        rules += [left for left in both if left]
    return item.with_rules(in_order(rules))


def with_own_rules(item: AviObject, seen: AviObject | None, cut: Cut) -> AviObject:
    """Have rules of a child that are to stay go before others that have their names now."""
    before = {rule.name: rule for rule in rules_in(seen) if _target(rule) in cut.targets}
    rules = tuple(before.get(rule.name, rule) for rule in rules_in(item))
    if not isinstance(item, HTTPPolicySet) or all(map(is_, rules, rules_in(item))):
        return item
    return item.with_rules(in_order(rules))


def _target(rule: RequestRule) -> AviRef | None:
    return rule.switching_action.pool_group_ref if rule.switching_action else None


def left_to_domains(item: AviObject, cut: Cut) -> AviObject:
    """Have names that have nothing answered by the rules of the domain that they are under, as before they came."""
    if not isinstance(item, HTTPPolicySet) or not cut.absent:
        return item
    rules = tuple(_taking(rule, cut.absent) for rule in item.rules)
    return item.with_rules(rules) if rules != item.rules else item


def _taking(rule: RequestRule, names: Set[str]) -> RequestRule:
    """Give a rule for all names under a domain that leaves some of them alone no more."""
    left: list[HeaderMatch] = []
    for header in rule.match.hdrs or ():
        value = tuple(name for name in header.value if not header.is_exclusion or name.lower() not in names)
        left += [replace(header, value=value)] if value else []
    return replace(rule, match=replace(rule.match, hdrs=tuple(left) or UNSET)) if rule.match.hdrs else rule


def _is_other(hosts: Set[str], host: str) -> bool:
    return host.lower() not in hosts


def _targets(entry: Entry, objects: Desired) -> Iterator[AviRef]:
    """Give what an entry leads to, and its pools."""
    if entry.target is not None:
        yield entry.target
        group = objects.get(entry.target)
        yield from (member.pool_ref for member in group.members) if isinstance(group, PoolGroup) else ()


def _rules_of_children(objects: Desired) -> set[AviRef]:
    return {ref for item in objects.values() for ref in rules_of_child(item)}


def rules_of_child(item: AviObject) -> frozenset[AviRef]:
    """Give the policy sets of an SNI child; of any other object none."""
    return item.policy_sets if isinstance(item, VirtualService) and item.vs_type == CHILD else frozenset()
