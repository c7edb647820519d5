"""What an answer to `ako_adjust` may not do to the translation that it was asked about. Pure.

It adds and changes; it takes nothing away that the host is served by, or that its owner is told. So a plugin that is
asked after another finds what that one, or the core, has put there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ako.core.hooks.translation import Contribution, NamedRule, OwnTree, Translation
from ako.core.model import VirtualService


def loss(before: Translation, after: Translation) -> str:
    """Say what an answer takes away of the translation before it; empty if nothing."""
    if after is before:
        return ""
    return next(_losses(before, after), "")


def _losses(before: Translation, after: Translation) -> Iterator[str]:
    yield from _parent_faults(before, after)
    yield from _lost_rules(before.rules, after.rules)
    yield from _lost_objects(before, after)
    yield from _lost_entries(before.contribution, after.contribution)
    if lost := set(before.problems) - set(after.problems):
        yield f"problems has {min(lost).reason} of {min(lost).source} no more"


def _parent_faults(before: Translation, after: Translation) -> Iterator[str]:
    parent, added = after.parent, after.contribution
    if parent is before.parent:
        return
    if isinstance(parent, OwnTree) or isinstance(before.parent, OwnTree):
        if parent != before.parent:
            yield f"parent is {parent.name}, not {before.parent.name}, which is a tree of its own"
        return
    if added.members and not parent.has_pool_group:
        yield f"parent {parent.name} has no pool group for the members of the contribution"
    if added.pool_groups and parent.data_script is None:
        yield f"parent {parent.name} has no script for the pool_groups of the contribution"


def _lost_rules(before: tuple[NamedRule, ...], after: tuple[NamedRule, ...]) -> Iterator[str]:
    """Rules stay as they are; more may be called after one."""
    if after is before:
        return
    if len(after) != len(before):
        yield f"rules has {len(after)} entries, not {len(before)}"
    for number, (was, now) in enumerate(zip(before, after, strict=False)):
        if now != was and (not set(was.others) <= set(now.others) or replace(now, others=was.others) != was):
            yield f"rules[{number}] is not {was.name} as it was"


def _lost_objects(before: Translation, after: Translation) -> Iterator[str]:
    if after.objects is before.objects:
        return
    named = {name for rule in before.rules for name in (rule.name, *rule.pools)}
    there = {item.ref for item in after.objects}
    for item in before.objects:
        if item.ref not in there and (item.name in named or isinstance(item, VirtualService)):
            yield f"objects has {item.ref!r} no more"


def _lost_entries(before: Contribution, after: Contribution) -> Iterator[str]:
    if after is before:
        return
    lost = (
        ("fqdns", set(before.fqdns) - set(after.fqdns)),
        ("members", {m.pool_ref.name for m in before.members} - {m.pool_ref.name for m in after.members}),
        ("rules", {rule.name for rule in before.rules} - {rule.name for rule in after.rules}),
        ("redirect_hosts", set(before.redirect_hosts) - set(after.redirect_hosts)),
        ("pool_groups", {ref.name for ref in before.pool_groups} - {ref.name for ref in after.pool_groups}),
    )
    yield from (f"contribution.{field} has {min(names)} no more" for field, names in lost if names)
    if after.renamed_groups != before.renamed_groups:
        yield "contribution.renamed_groups is for the core to fill in"
