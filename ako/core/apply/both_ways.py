"""An object serves some more and others no longer: first it serves both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from ako.core.apply.giving_up import keeping
from ako.core.model import AviObject, HTTPPolicySet, PoolGroup, VirtualService
from ako.core.plan.entries import changed_hosts, entries
from ako.core.plan.plan import Operation, Update, changed_fields

T = TypeVar("T")


def serving_both(operation: Operation) -> Update | None:
    """Give a change by which an object serves what it served and what it is to serve; None if that is no change.

    What was for the same requests and is to be answered otherwise by now is so at once.
    """
    if not isinstance(operation, Update):
        return None
    before, wanted = operation.observed.object, operation.object
    if isinstance(before, VirtualService) and isinstance(wanted, VirtualService):
        if before.guard or wanted.guard:
            return None  # whom it lets in is for what it then has alone
        target = _listening_to_both(before, wanted)
        changes = tuple(changed_fields(target, before))
        return Update(target, operation.observed, changes) if changes and _is_more(before, target) else None
    if not isinstance(wanted, PoolGroup | HTTPPolicySet) or not _gains(before, wanted):
        return None
    lost = frozenset(host for host in changed_hosts(before, wanted) if not entries(wanted, {host}))
    found = keeping(operation, lost)
    return found if isinstance(found, Update) and _gains(before, found.object) else None


def _listening_to_both(before: VirtualService, wanted: VirtualService) -> VirtualService:
    taken = {entry.index for entry in wanted.http_policies or ()}
    policies = [
        entry
        for entry in before.http_policies or ()
        if entry.http_policy_set_ref not in wanted.policy_sets and entry.index not in taken
    ]
    ports = {service.port for service in wanted.services or ()}
    services = [service for service in before.services or () if service.port not in ports]
    return replace(
        wanted,
        http_policies=_with(wanted.http_policies or (), policies) if policies else wanted.http_policies,
        services=_with(wanted.services or (), services) if services else wanted.services,
    )


def _with(wanted: Sequence[T], more: Sequence[T]) -> tuple[T, ...]:
    return (*wanted, *more)


def _is_more(before: VirtualService, target: VirtualService) -> bool:
    ports = {service.port for service in target.services or ()} - {s.port for s in before.services or ()}
    return bool(ports) or bool(target.policy_sets - before.policy_sets)


def _gains(before: AviObject, wanted: AviObject) -> bool:
    """Say whether something is said about hosts that was not."""
    hosts = changed_hosts(before, wanted)
    return bool(entries(wanted, hosts) - entries(before, hosts))
