"""What serves a path of a shared virtual service hands it over: what comes is in force before what goes is gone. Pure.

On plain HTTP a path may be served by a label, by a rule of a policy set for paths, or by the redirect of its whole
host, each an object of its own; an edit takes it from one to another. Rules for paths are asked before all else. So:

1. policy sets for paths, labels and redirects of whole hosts that lose nothing;
2. the virtual service, if policy sets come to it;
3. labels and redirects that lose something, and the script;
4. policy sets for paths that lose a rule, and the virtual service, if policy sets only leave it.

Only where one of these objects loses what was for one host and gets what is for another, in one plan, is there a moment
in which the other may have neither.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from msgspec.structs import replace

from ako.core.assemble.path_sets import parent_of
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AviObject, DataScriptSet, HTTPPolicySet, PoolGroup, RequestRule, VirtualService, rules_in
from ako.core.plan.plan import Create, Operation, Update

_RULED: tuple[type[AviObject], ...] = (VirtualService, HTTPPolicySet)
_BESIDE: tuple[type[AviObject], ...] = (*_RULED, PoolGroup, DataScriptSet)
"""What of a shared virtual service has its name, and says who serves a path."""


def hand_overs(operations: Mapping[AviRef, Operation]) -> Iterator[tuple[AviRef, AviRef]]:
    """Give what comes after what, as pairs."""
    path_sets: dict[TreeName, list[AviRef]] = {}
    for ref in operations:
        if ref.type == HTTPPolicySet.avi_type and (name := parent_of(ref.name)):
            path_sets.setdefault(TreeName(name, ref.tenant), []).append(ref)
        elif ref.type == PoolGroup.avi_type and any(
            AviRef(of.avi_type, ref.name, ref.tenant) in operations for of in _RULED
        ):
            path_sets.setdefault(ref.namesake, [])
    for parent, refs in path_sets.items():
        steps: dict[int, list[AviRef]] = {}
        for ref in (*refs, *(parent.ref(of.avi_type) for of in _BESIDE)):
            if number := _step(operations.get(ref), is_path_set=ref in refs):
                steps.setdefault(number, []).append(ref)
        for later, after in steps.items():
            yield from ((a, b) for earlier, before in steps.items() if earlier < later for a in after for b in before)


def _step(operation: Operation | None, *, is_path_set: bool) -> int:
    """Give the number of the step of an operation, 0 if it is in none."""
    if is_path_set and isinstance(operation, Create):
        return 1
    if not isinstance(operation, Update):
        return 0
    before, wanted = operation.observed.object, operation.object
    if isinstance(wanted, VirtualService):
        return 2 if _serving(wanted) - _serving(before) else 4
    if loses(before, wanted):
        return 4 if is_path_set else 3
    return 3 if isinstance(wanted, DataScriptSet) else 1


def loses(before: AviObject, wanted: AviObject) -> bool:
    """Say whether an object serves something no longer that it served; of others than these, never."""
    if any(not _is_covered(lost, wanted) for lost in _serving(before) - _serving(wanted)):
        return True
    return bool(_excluded(wanted, before) - _excluded(before, wanted))


def _serving(item: AviObject) -> set[Hashable]:
    """Give what of an object says who is served, each by itself: rules, whatever their numbers, labels, policy sets."""
    if isinstance(item, PoolGroup):
        return {(member.pool_ref, member.priority_label) for member in item.members}
    if isinstance(item, VirtualService):
        return set(item.policy_sets)
    found: set[Hashable] = set()
    for rule in rules_in(item):
        hosts = rule.match.host_hdr
        if hosts and rule.match.vs_port and not rule.match.path:
            found.update(hosts.value)  # the redirects of whole hosts are one rule for all of them
        else:
            found.add(rule.for_all)
    return found


def _is_covered(lost: Hashable, wanted: AviObject) -> bool:
    """Say whether a rule that goes is only one that takes more now: an exact path by itself is a prefix."""
    if not isinstance(lost, RequestRule) or not (path := lost.match.path):
        return False
    wider = replace(lost, name="", match=replace(lost.match, path=replace(path, match_criteria="BEGINS_WITH")))
    return any(replace(rule.for_all, name="") == wider for rule in rules_in(wanted))


def _excluded(item: AviObject, other: AviObject) -> set[Hashable]:
    """Give the names that rules for names under a domain leave alone, of rules that both policy sets have."""
    kept = {rule.for_all for rule in rules_in(other)}
    rules = ((rule.for_all, rule.excluded) for rule in rules_in(item))
    return {(rule, name) for rule, names in rules if rule in kept for name in names}
