"""What may come in from a plugin that translates: objects that are ours to the last, and nothing else. Pure.

We write and delete what has our prefix and our mark. A plugin that named anything else would have us write what is
somebody's; so none of its translation is used, and the owner of the source is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.hooks.claims import PortClaim, Problem, VirtualHost
from ako.core.hooks.translation import OwnTree, ParentTemplate, Translation
from ako.core.model import CLUSTER_LABEL, WRITTEN_TYPES, AviObject, VsVip
from ako.core.model.names import MAX_NAME_BYTES, Names, is_shared_name, is_too_long

REASON = "ForeignName"


def problems_of(
    host: VirtualHost | PortClaim, translation: Translation, names: Names, plugins: Iterable[str]
) -> tuple[Problem, ...]:
    """Say why a translation that one of these plugins made of a host is not used; empty if it may be."""
    fault = fault_of(host, translation, names)
    message = f"{host.title} is not served: its translation {fault}."
    remedy = f"That is a fault of the plugin that translates it (one of {', '.join(plugins)}); tell its author."
    sources = dict.fromkeys(claim.source for claim in host.claims) if fault else ()
    return tuple(Problem(source, REASON, message, remedy) for source in sources)


def fault_of(host: VirtualHost | PortClaim, translation: Translation, names: Names) -> str:
    """Say what in a translation is not ours to give; empty if all of it is."""
    return next(_faults(host, translation, names), "")


def _faults(host: VirtualHost | PortClaim, translation: Translation, names: Names) -> Iterator[str]:
    yield from _parent_faults(translation.parent, names)
    seen = set()
    for item in translation.objects:
        yield from _object_faults(item, names)
        if item.ref in seen:
            yield f"gives two objects {item.ref!r}"
        seen.add(item.ref)
    for rule in translation.rules:
        if rule.served.claim not in host.claims or len(rule.pools) != len(rule.served.rule.backends):
            yield f"says that {rule.name} is for a rule that {host.title} does not have"


def _parent_faults(parent: ParentTemplate | OwnTree, names: Names) -> Iterator[str]:
    if parent.tenant:
        yield f"is in tenant {parent.tenant}, which is not for a plugin to say"
    if isinstance(parent, OwnTree):
        yield from _name_faults("a tree", parent.name, names)
        return
    for name in (parent.name, parent.redirect_on or parent.name):
        if not _has_prefix(name, names):
            yield f"wants the virtual service {name}, whose name does not begin with {names.prefix}"
        elif is_too_long(name):
            yield f"wants the virtual service {name[:80]}…, whose name has more than {MAX_NAME_BYTES} bytes"


def _object_faults(item: AviObject, names: Names) -> Iterator[str]:
    if type(item) not in WRITTEN_TYPES:
        yield f"gives {item.ref!r}, which is of a type that we do not own"
        return
    yield from _name_faults(item.avi_type, item.name, names)
    if item.tenant:
        yield f"gives {item.ref!r}, whose tenant is not for a plugin to say"
    created_by = getattr(item, "created_by", names.created_by)
    if created_by != names.created_by:
        yield f"gives {item.ref!r} with created_by {created_by}, which is not {names.created_by}"
    if isinstance(item, VsVip) and item.markers:
        for marker in item.markers:
            if marker.key == CLUSTER_LABEL and marker.values != (names.cluster,):
                yield f"gives {item.ref!r} with a marker of another cluster"


def _name_faults(what: str, name: str, names: Names) -> Iterator[str]:
    if not _has_prefix(name, names):
        yield f"gives {what} {name}, whose name does not begin with {names.prefix}"
    elif is_shared_name(name):
        yield f"gives {what} {name}, whose name is that of a shared virtual service"


def _has_prefix(name: str, names: Names) -> bool:
    return name.startswith(names.prefix) and name != names.prefix
