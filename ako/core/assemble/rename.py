"""A host with other names for its objects than they need, or without those that no name is left for. Pure.

An object is referred to by its identity, so that this works for what any plugin translates.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.hooks.claims import Problem
from ako.core.hooks.object_names import ObjectName, object_names
from ako.core.hooks.translation import Contribution, HostModel, NamedRule, OwnTree, Translation
from ako.core.model import Pool, RequestRule, VirtualService
from ako.core.model.base import references_in
from ako.core.model.names import MAX_NAME_BYTES, is_too_long
from ako.core.model.references import redirected, renamed, without


def with_names(model: HostModel, others: Mapping[str, str]) -> HostModel:
    """Give a host whose objects have other names, with every reference to them led there."""
    if model.translation is None:
        return model
    names = tuple(others.get(name, name) for name in model.names)
    return fitting(replace(model, translation=_renamed(model.translation, others), names=names))


def fitting(model: HostModel) -> HostModel:
    """Leave out what would have a name too long for Avi, and say so; all else of the host goes on."""
    too_long = {name for name in model.names if is_too_long(name)}
    if not too_long or model.translation is None:
        return model
    left = _without(model.translation, too_long)
    found = (object_names(model)[name] for name in sorted(too_long))
    problems = {(named.claim.source, named.path): _too_long(named) for named in found}
    translation = replace(left, problems=(*left.problems, *problems.values()))
    return replace(model, translation=translation, names=tuple(n for n in model.names if n not in too_long))


def _renamed(translation: Translation, others: Mapping[str, str]) -> Translation:
    refs = (item.ref for item in translation.objects)
    names = {ref: AviRef(ref.type, others[ref.name], ref.tenant) for ref in refs if ref.name in others}
    parent, contribution = translation.parent, redirected(translation.contribution, names)
    groups = zip(translation.contribution.pool_groups, contribution.pool_groups, strict=True)
    return replace(
        translation,
        parent=replace(parent, name=others.get(parent.name, parent.name)) if isinstance(parent, OwnTree) else parent,
        objects=tuple(renamed(item, names) for item in translation.objects),
        contribution=replace(contribution, renamed_groups=tuple((a.name, b.name) for a, b in groups if a != b)),
        rules=tuple(_renamed_rule(rule, others) for rule in translation.rules),
    )


def _renamed_rule(rule: NamedRule, others: Mapping[str, str]) -> NamedRule:
    return replace(
        rule,
        name=others.get(rule.name, rule.name),
        pools=tuple(others.get(name, name) for name in rule.pools),
        others=tuple(others.get(name, name) for name in rule.others),
    )


def _without(translation: Translation, names: Set[str]) -> Translation:
    """Leave objects out, what cannot be without them, and what leads to either in the parent."""
    before = {item.ref for item in translation.objects}
    objects = without(translation.objects, {ref for ref in before if ref.name in names})
    if not any(isinstance(item, Pool) for item in objects):
        return replace(translation, objects=(), contribution=Contribution(), rules=())
    gone = before - {item.ref for item in objects}
    added = translation.contribution
    has_child = not any(ref.type == VirtualService.avi_type for ref in gone)
    contribution = replace(
        added,
        members=tuple(member for member in added.members if member.pool_ref not in gone),
        redirect_hosts=added.redirect_hosts if has_child else (),
        pool_groups=tuple(ref for ref in added.pool_groups if ref not in gone),
        rules=tuple(rule for rule in added.rules if _leads(rule, gone, has_child=has_child)),
    )
    return replace(translation, objects=objects, contribution=contribution)


def _leads(rule: RequestRule, gone: Set[AviRef], *, has_child: bool) -> bool:
    """Say whether a rule still leads anywhere."""
    return has_child if rule.redirect_action else gone.isdisjoint(references_in(rule))


def _too_long(named: ObjectName) -> Problem:
    return Problem(
        named.claim.source,
        "NameTooLong",
        f"{named.claim.host}{named.path or ''} would need an Avi object with a name over {MAX_NAME_BYTES} bytes: "
        f"{named.name[:80]}…",
        "Shorten the host, the path or the name of the object.",
    )
