"""What a host is served by is not given up for what could not be had: it stays until the next plan knows more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, HTTPPolicySet, PoolGroup, RequestRule, VirtualService, in_order, rules_in
from ako.core.observe.served import hosts_of
from ako.core.plan.entries import changed_hosts, entries, for_any, host_of, left_alone
from ako.core.plan.plan import Create, Delete, Operation, Update, changed_fields


def left_without(operation: Operation) -> Iterator[str]:
    """Give the hosts that do not have what they should, if an operation is not done, in lower case."""
    if isinstance(operation, Delete):
        return
    before = operation.observed.object if isinstance(operation, Update) else None
    yield from (host.lower() for host in hosts_of(operation.object))
    yield from changed_hosts(before, operation.object)


def gives_up(operation: Operation, hosts: Set[str], operations: Mapping[AviRef, Operation]) -> bool:
    """Say whether an operation takes from one of some hosts, or sends its clients elsewhere.

    Args:
        operation: which one.
        hosts: in lower case.
        operations: all of the plan.
    """
    before = None if isinstance(operation, Create) else operation.observed.object
    after = None if isinstance(operation, Delete) else operation.object
    if isinstance(operation, Delete) and any(host.lower() in hosts for host in hosts_of(operation.observed.object)):
        return True
    lost = _policy_sets(before) - _policy_sets(after)
    going = (gone.observed.object for ref in lost if isinstance(gone := operations.get(ref), Delete))
    if not hosts.isdisjoint(left_alone(after) - left_alone(before)):
        return True
    pairs = ((before, after), *((gone, None) for gone in going))
    return any(entries(old, hosts) != entries(new, hosts) for old, new in pairs)


def _policy_sets(item: AviObject | None) -> frozenset[AviRef]:
    return item.policy_sets if isinstance(item, VirtualService) else frozenset()


def keeping(operation: Operation, hosts: Set[str]) -> Create | Update | None:
    """Give what is left of a change of what many hosts share if some, in lower case, keep what they have there.

    None if nothing is left, or if it cannot be taken apart: then it waits as a whole.
    """
    if isinstance(operation, Delete):
        return None
    before, wanted = operation.observed.object if isinstance(operation, Update) else None, operation.object
    if left_alone(before) != left_alone(wanted):
        return None
    if isinstance(wanted, PoolGroup) and isinstance(before, PoolGroup):
        others = (member for member in wanted.members if host_of(member) not in hosts)
        members = (*others, *(member for member in before.members if host_of(member) in hosts))
        target: AviObject = replace(wanted, members=members)
    elif isinstance(wanted, HTTPPolicySet) and (rules := _rules_kept(rules_in(before), rules_in(wanted), hosts)):
        target = wanted.with_rules(rules)
    else:
        return None
    if isinstance(operation, Create):
        return Create(target)
    changes = tuple(changed_fields(target, operation.observed.object))
    return Update(target, operation.observed, changes) if changes else None


def _rules_kept(
    before: Iterable[RequestRule], wanted: Iterable[RequestRule], hosts: Set[str]
) -> tuple[RequestRule, ...]:
    """Give the rules that are there for some hosts, and the wanted ones for all others; none if names do not allow."""
    kept = {rule.name: left for rule in before if (left := rule.only_for(lambda host: host.lower() in hosts))}
    rules: list[RequestRule] = []
    for rule in wanted:
        is_shared = any(host.lower() in hosts for host in rule.hosts)
        left = rule.only_for(lambda host: host.lower() not in hosts) if is_shared else rule
        there = kept.pop(rule.name, None)
        if left and there:
            if for_any(left) != for_any(there) or not (left.match.host_hdr and there.match.host_hdr):
                return ()
            value = tuple(sorted({*left.match.host_hdr.value, *there.match.host_hdr.value}))
            left = replace(left, match=replace(left.match, host_hdr=replace(left.match.host_hdr, value=value)))
        rules += [found] if (found := left or there) else []
    return in_order((*rules, *kept.values()))
