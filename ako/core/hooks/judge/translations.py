"""What may come in from a plugin that translates: objects that are ours to the last, and nothing else. Pure.

We write and delete what has our prefix and our mark. A plugin that named anything else would have us write what is
somebody's; so nothing of such an answer is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import AviRef
from ako.core.hooks.claims import PortClaim, VirtualHost
from ako.core.hooks.judge.meaning import name_fault, problem_faults, shown
from ako.core.hooks.site import Site
from ako.core.hooks.translation import OwnTree, ParentTemplate, Translation
from ako.core.model import (
    CLUSTER_LABEL,
    CREATABLE_TYPES,
    WRITTEN_TYPES,
    AviObject,
    RequestRule,
    VirtualService,
)
from ako.core.model.base import references_in
from ako.core.model.extra import Declared, faults_of, lent_beside, undeclared, with_fields
from ako.core.model.mark import KEY
from ako.core.model.names import MAX_NAME_BYTES, Names, is_shared_name, is_too_long

_OURS = frozenset(owned.avi_type for owned in WRITTEN_TYPES)


def translation_faults(host: VirtualHost | PortClaim, translation: Translation, here: Site) -> Iterator[str]:
    """Say what is wrong with what a host was translated to."""
    parent, names = translation.parent, here.names
    yield from _tree_faults(parent, names) if isinstance(parent, OwnTree) else _parent_faults(parent, names)
    yield from _objects_faults(translation.objects, names)
    yield from _field_faults(translation, here.declared, is_for_host=isinstance(host, VirtualHost))
    yield from _contribution_faults(host, translation)
    yield from _reference_faults(translation, names)
    for index, rule in enumerate(translation.rules):
        served = rule.served
        if served.claim not in host.claims or served.rule not in served.claim.rules:
            yield f"rules[{index}].served is a rule that {host.title} does not have"
        if len(rule.pools) != len(served.rule.backends):
            yield f"rules[{index}].pools has {len(rule.pools)} names for {len(served.rule.backends)} backends"
    sources = (claim.source for claim in host.claims)
    yield from problem_faults(translation.problems, sources, lambda: f"an object that claims {host.title}")


def _tree_faults(tree: OwnTree, names: Names) -> Iterator[str]:
    if tree.tenant:
        yield "parent.tenant is set, which is not for a plugin to say"
    yield from _own_name_faults("parent.name", tree.name, names)


def _parent_faults(parent: ParentTemplate, names: Names) -> Iterator[str]:
    if parent.tenant:
        yield "parent.tenant is set, which is not for a plugin to say"
    for field, name in (("name", parent.name), ("redirect_on", parent.redirect_on or parent.name)):
        yield from _prefix_faults(f"parent.{field}", name, names)
        if is_too_long(name):
            yield f"parent.{field} is {shown(name)}, which has more than {MAX_NAME_BYTES} bytes"
    if parent.default_fqdn and (fault := name_fault(parent.default_fqdn)):
        yield f"parent.default_fqdn {fault}"
    numbers = [port.port for port in parent.services]
    if len(set(numbers)) < len(numbers):
        yield f"parent.services has a port twice: {', '.join(map(str, numbers))}"


def _objects_faults(objects: tuple[AviObject, ...], names: Names) -> Iterator[str]:
    first: dict[AviRef, int] = {}
    for index, item in enumerate(objects):
        yield from _object_faults(f"objects[{index}]", item, names)
        before = first.setdefault(item.ref, index)
        if before != index:
            yield f"objects[{index}] is {item.ref!r}, as objects[{before}] is"


def _object_faults(where: str, item: AviObject, names: Names) -> Iterator[str]:
    if type(item) not in WRITTEN_TYPES:
        yield f"{where} is {item.ref!r}, of a type that is never ours"
        return
    yield from _own_name_faults(f"{where}.name", item.name, names)
    if item.tenant:
        yield f"{where}.tenant is set, which is not for a plugin to say"
    created_by = getattr(item, "created_by", names.created_by)
    if created_by != names.created_by:
        yield f"{where}.created_by is {created_by}, not {names.created_by} ({item.ref!r})"
    for marker in item.markers or ():
        if marker.key == KEY or (marker.key == CLUSTER_LABEL and marker.values != (names.cluster,)):
            yield f"{where}.markers says {shown(marker.key)}, as that of another cluster would ({item.ref!r})"


def _field_faults(translation: Translation, declared: Declared, *, is_for_host: bool) -> Iterator[str]:
    """What only plugins say of objects is in Avi's object model, and declared."""
    parent = translation.parent
    if isinstance(parent, ParentTemplate) and parent.fields:
        yield from _said_faults("parent.fields", with_fields(VirtualService(name=parent.name), parent.fields), declared)
    for index, item in enumerate(translation.objects):
        yield from _said_faults(f"objects[{index}]", item, declared)
        if is_for_host and type(item).lendable:  # of ports, the core's own translation sets such fields
            yield from _undeclared(f"objects[{index}]", item, lent_beside(item, declared.fields))


def _said_faults(where: str, item: AviObject, declared: Declared) -> Iterator[str]:
    kind = type(item).__name__
    if type(item) in CREATABLE_TYPES and type(item) not in declared.created:
        yield f"{where} is a {kind}, which no plugin declares to create (ako_needs: creates)"
    yield from (f"{where}: {fault}" for fault in faults_of(item))
    yield from _undeclared(where, item, undeclared(item, declared.fields))


def _undeclared(where: str, item: AviObject, names: Iterable[str]) -> Iterator[str]:
    kind = type(item).__name__
    for name in names:
        yield f"{where} sets {name}, which no plugin declares as a field of {kind} (ako_needs: fields)"


def _own_name_faults(where: str, name: str, names: Names) -> Iterator[str]:
    yield from _prefix_faults(where, name, names)
    if is_shared_name(name):
        yield f"{where} is {shown(name)}, which is the name of a shared virtual service"


def _prefix_faults(where: str, name: str, names: Names) -> Iterator[str]:
    if not name.startswith(names.prefix) or name == names.prefix:
        yield f"{where} is {shown(name)}, which does not begin with {names.prefix} and go on"
    elif fault := name_fault(name):
        yield f"{where} {fault}"


def _contribution_faults(host: VirtualHost | PortClaim, translation: Translation) -> Iterator[str]:
    added, parent = translation.contribution, translation.parent
    if added.renamed_groups:
        yield "contribution.renamed_groups is for the core to fill in"
    for field, hosts in (("fqdns", added.fqdns), ("redirect_hosts", added.redirect_hosts)):
        for index, name in enumerate(hosts):
            if fault := name_fault(name):
                yield f"contribution.{field}[{index}] {fault}"
    if isinstance(parent, ParentTemplate) and added.redirect_hosts and not parent.redirect_on:
        yield "contribution.redirect_hosts is set, but parent.redirect_on says nothing of who redirects"
    own = {host.host, *added.fqdns}
    for name in added.redirect_hosts:
        if name not in own:
            yield f"contribution.redirect_hosts has {shown(name)}, which is not {host.title} nor in fqdns"
    for index, rule in enumerate(added.rules):
        yield from _rule_faults(f"contribution.rules[{index}]", rule, own, host.title)


def _rule_faults(where: str, rule: RequestRule, own: set[str], title: str) -> Iterator[str]:
    """A rule for every host, or for another, would take what is not for this one."""
    if not rule.hosts:
        yield f"{where}.match.host_hdr is UNSET, so that it is for every host"
    for name in rule.hosts:
        if name not in own:
            yield f"{where}.match.host_hdr has {shown(name)}, which is not {title} nor in contribution.fqdns"


def _reference_faults(translation: Translation, names: Names) -> Iterator[str]:
    """What would be ours is in the answer, or of its parent; what is not ours may be referred to.

    A parent is there after its host, and others may be on it: it refers to nothing of the host's.
    """
    there = {item.ref for item in translation.objects}
    parent = translation.parent
    shared = {parent.name, parent.redirect_on} if isinstance(parent, ParentTemplate) else set()
    for index, item in enumerate(translation.objects):
        yield from (f"objects[{index}] refers to {fault}" for fault in _dangling(item, there, shared, names))
    for fault in _dangling(translation.contribution, there, shared, names):
        yield f"contribution refers to {fault}"
    for fault in _dangling(getattr(parent, "fields", ()), set(), shared, names):
        yield f"parent.fields refers to {fault}"


def _dangling(value: object, there: set[AviRef], shared: set[str], names: Names) -> Iterator[str]:
    for ref in value.references() if isinstance(value, AviObject) else references_in(value):
        if ref.tenant:
            yield f"{ref!r}, and the tenant is not for a plugin to say"
        elif ref not in there and ref.type in _OURS and ref.name.startswith(names.prefix) and ref.name not in shared:
            yield f"{ref!r}, which is neither in the answer nor of its parent"
