"""Virtual services with our mark that this program would never make: somebody else works under our names. Pure.

| type                | we make                                            | not, for example (AKO in Go, other modes) |
|---------------------|----------------------------------------------------|-------------------------------------------|
| `VS_TYPE_VH_PARENT` | `<cluster>--Shared-L7-<n>`, with SNI children      | `…Shared-L7-EVH-<n>`                      |
| `VS_TYPE_VH_CHILD`  | children of such a parent                          | children of any other                     |
| `VS_TYPE_NORMAL`    | `<cluster>--Shared-Passthrough-<n>[-insecure]`;    | `<cluster>--<host>-L7-dedicated`          |
|                     | what is for a Service of the namespace in its name |                                           |

What bears the uid of our cluster was made by this program, and so was what a plugin wants, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ako.core.base.refs import AviRef
from ako.core.model import CHILD, NORMAL, PARENT, VirtualService
from ako.core.model.names import Names
from ako.core.model.virtual_service import ENHANCED
from ako.core.observe.observed import ObservedObject
from ako.core.translate.metadata import read_metadata


def odd_virtual_services(
    observed: Iterable[tuple[AviRef, ObservedObject]], names: Names, uid: str, is_wanted: Callable[[AviRef], bool]
) -> frozenset[AviRef]:
    """Give the virtual services that this program would never make.

    Args:
        observed: all that is on the Controller with our names and our `created_by`.
        names: how ours are named.
        uid: of our cluster, empty if it is not known.
        is_wanted: whether we want an object; then its name is no sign.
    """
    candidates = (
        (ref, seen.object)
        for ref, seen in observed
        if isinstance(seen.object, VirtualService) and not (uid and seen.cluster_uid == uid)
    )
    return frozenset(
        ref for ref, item in candidates if _is_enhanced(item) or not (_is_of_our_make(item, names) or is_wanted(ref))
    )


def _is_enhanced(item: VirtualService) -> bool:
    """Say whether hosts are told apart otherwise than by SNI; a normal virtual service says so by default."""
    return item.vh_type == ENHANCED and item.vs_type != NORMAL


def _is_of_our_make(item: VirtualService, names: Names) -> bool:
    if item.vs_type == PARENT:
        return _is_numbered(item.name, names.shared_stem)
    if item.vs_type == CHILD:
        parent = item.vh_parent_vs_ref
        return isinstance(parent, AviRef) and _is_numbered(parent.name, names.shared_stem)
    if item.vs_type != NORMAL:
        return False
    if _is_numbered(item.name.removesuffix("-insecure"), names.passthrough_stem):
        return True
    services = read_metadata(item.service_metadata).namespace_svc_name or ()
    return any(item.name.startswith(f"{names.prefix}{service.partition('/')[0]}-") for service in services)


def _is_numbered(name: str, stem: str) -> bool:
    return name.startswith(stem) and name.removeprefix(stem).isdecimal()
