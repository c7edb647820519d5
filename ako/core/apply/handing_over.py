"""What serves a path of a shared virtual service hands it over: what comes is in force before what goes is gone. Pure.

On plain HTTP a path may be served by a label, by a rule of a policy set for paths, or by the redirect of its whole
host, each an object of its own; an edit takes it from one to another. Rules are asked before all else. So they come
first, and go last:

1. policy sets for paths, but for those that lose a rule;
2. the virtual service, if policy sets come to it;
3. labels, script, and redirects of whole hosts;
4. policy sets for paths that lose a rule, and the virtual service, if policy sets only leave it.

Only where one policy set loses the rules of one host and gets those of another in the same plan, which also takes
labels from the other, is there a moment in which the other has neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from ako.core.assemble.path_sets import parent_of
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, DataScriptSet, HTTPPolicySet, PoolGroup, RequestRule, VirtualService
from ako.core.plan.plan import Delete, Operation, Update

_BESIDE: tuple[type[AviObject], ...] = (VirtualService, PoolGroup, DataScriptSet, HTTPPolicySet)
"""What of a shared virtual service has its name, and says who serves a path."""


def hand_overs(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    """Give what comes after what, as pairs, where policy sets for paths change."""
    path_sets: dict[str, list[AviRef]] = {}
    for ref in operations:
        if ref.type == HTTPPolicySet.avi_type and (parent := parent_of(ref.name)):
            path_sets.setdefault(parent, []).append(ref)
    for parent, refs in path_sets.items():
        steps: dict[int, list[AviRef]] = {}
        for ref in (*refs, *(AviRef(of.avi_type, parent) for of in _BESIDE)):
            if number := _step(operations.get(ref), is_path_set=ref in refs):
                steps.setdefault(number, []).append(ref)
        for later, after in steps.items():
            yield from ((a, b) for earlier, before in steps.items() if earlier < later for a in after for b in before)


def _step(operation: Operation | None, *, is_path_set: bool) -> int:
    """Give the number of the step of an operation, 0 if it is in none."""
    if operation is None or isinstance(operation, Delete):
        return 0
    if not isinstance(operation, Update):
        return 1 if is_path_set else 0
    before, wanted = operation.observed.object, operation.object
    if is_path_set:
        return 4 if _rules(before) - _rules(wanted) else 1
    if isinstance(wanted, VirtualService):
        return 2 if _attached(wanted) - _attached(before) else 4
    return 3


def _rules(policies: AviObject) -> set[RequestRule]:
    """Give the rules of a policy set, whatever their numbers."""
    if not isinstance(policies, HTTPPolicySet):
        return set()
    return {replace(rule, index=0) for rule in policies.http_request_policy.rules}


def _attached(service: AviObject) -> set[AviRef]:
    entries = service.http_policies if isinstance(service, VirtualService) else ()
    return {entry.http_policy_set_ref for entry in entries or ()}
