"""Nobody gets in whom nobody wants, at no moment of a plan: whom a virtual service lets in, and what they find. Pure.

A network security policy says whose connections a virtual service takes, by port. What is behind a port are the ports
that the virtual service listens on, the rules of its connections, and pools, which may go from one Service to another.

1. A policy comes, or takes less; the virtual service begins to have it.
2. What is behind the ports changes.
3. The virtual service gives its policy up, or the policy takes more.

A policy that takes less of some and more of others is written as that first which takes only what both take; the rest
is left to the next plan. So is one that only takes more, for as long as something behind the ports changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import L4PolicySet, NetworkSecurityPolicy, Pool, SecurityRule, VirtualService
from ako.core.observe.served import stays_with
from ako.core.plan.plan import Delete, Operation, Update, changed_fields


def waits_for_guard(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    """Give what comes after what, as pairs."""
    guards: list[AviRef] = []
    behind: list[AviRef] = []
    for ref, operation in operations.items():
        if isinstance(operation, Update) and (isinstance(operation.object, L4PolicySet) or _is_handed_over(operation)):
            behind.append(ref)
        elif not isinstance(operation, Delete) and isinstance(operation.object, NetworkSecurityPolicy):
            guards.append(ref)
    yield from ((ref, guard) for ref in behind for guard in guards)
    for ref, operation in operations.items():
        service = None if isinstance(operation, Delete) else operation.object
        if not isinstance(service, VirtualService):
            continue
        before = operation.observed.object if isinstance(operation, Update) else None
        had = before.guard if isinstance(before, VirtualService) else None
        yield from ((ref, guard) for guard in guards if guard == service.guard)
        if service.guard and service.guard != had:
            yield from ((other, ref) for other in behind)
        elif had and not service.guard:
            yield from ((ref, other) for other in behind)


def taking_more_later(operations: Mapping[AviRef, Operation]) -> dict[AviRef, Operation | None]:
    """Give what becomes of changes by which a policy would take more while something behind the ports changes.

    None where nothing of such a change is to be done now.
    """
    policies = {
        ref: operation
        for ref, operation in operations.items()
        if isinstance(operation, Update) and isinstance(operation.object, NetworkSecurityPolicy)
    }
    if not policies or not any(map(_closes, operations.values())):
        return {}
    return {ref: less for ref, update in policies.items() if (less := _taking_no_more(update)) is not update}


def _is_handed_over(operation: Operation) -> bool:
    """Say whether a pool goes from one Service to another."""
    if not isinstance(operation, Update) or not isinstance(operation.object, Pool):
        return False
    return not stays_with(operation.observed.object, operation.object)


def _closes(operation: Operation) -> bool:
    """Say whether somebody is no longer behind a port that he was behind."""
    if not isinstance(operation, Update):
        return False
    before, wanted = operation.observed.object, operation.object
    if isinstance(before, VirtualService) and isinstance(wanted, VirtualService):
        ports = {service.port for service in before.services or ()} - {s.port for s in wanted.services or ()}
        return bool(ports) and before.guard is not None
    if isinstance(before, L4PolicySet) and isinstance(wanted, L4PolicySet):
        left = {(rule.match, rule.action) for rule in wanted.l4_connection_policy.rules}
        return any((rule.match, rule.action) not in left for rule in before.l4_connection_policy.rules)
    return _is_handed_over(operation)


def _taking_no_more(update: Update) -> Update | None:
    """Give a change of a policy without what it would take more, None if that is all; the same one if it is nothing."""
    before, wanted = update.observed.object, update.object
    if not isinstance(before, NetworkSecurityPolicy) or not isinstance(wanted, NetworkSecurityPolicy):
        return update
    had, left = _kept_out(before.rules), _kept_out(wanted.rules)
    if had <= left:
        return update
    if left <= had:
        return None
    lost = [rule for rule in before.rules if not _kept_out([rule]) <= left]
    rules = tuple(replace(rule, index=index) for index, rule in enumerate(_under_own_names((*wanted.rules, *lost))))
    target = replace(wanted, rules=rules)
    return Update(target, update.observed, tuple(changed_fields(target, before)))


def _under_own_names(rules: Iterable[SecurityRule]) -> Iterator[SecurityRule]:
    """Give rules, where one has the name of another before it under another name; that may be so several times."""
    names: set[str] = set()
    for rule in rules:
        name = rule.name
        while name in names:
            name += "-before"
        names.add(name)
        yield replace(rule, name=name)


def _kept_out(rules: Iterable[SecurityRule]) -> frozenset[Hashable]:
    """Give who is kept out of which port, each by itself."""
    return frozenset(
        (port, rule.match.client_ip, rule.action, rule.enable)
        for rule in rules
        for port in (rule.match.vs_port.ports if rule.match.vs_port else (None,))
    )
