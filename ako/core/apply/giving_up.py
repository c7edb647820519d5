"""What a host is served by is not given up for what could not be had: it stays until the next plan knows more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from ako.core.base.refs import AviRef
from ako.core.model import AviObject, VirtualService
from ako.core.observe.served import hosts_of
from ako.core.plan.entries import changed_hosts, entries, left_alone
from ako.core.plan.plan import Create, Delete, Operation, Update


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


def _policy_sets(item: AviObject | None) -> set[AviRef]:
    return (
        {entry.http_policy_set_ref for entry in item.http_policies or ()} if isinstance(item, VirtualService) else set()
    )
