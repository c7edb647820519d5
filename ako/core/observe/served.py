"""What an object on the Controller serves, and for whom it was made, by what is written on it. Pure."""

from __future__ import annotations

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.model import PARENT, AviObject, Pool, VirtualService
from ako.core.translate.metadata import read_metadata

Served = str | AviRef
"""A host by its name, or what is served on ports of its own by its virtual service, in whatever tenant that is."""


def served_by(item: AviObject) -> tuple[Served, ...]:
    """Give what an object serves; a shared virtual service by itself serves nobody.

    Another one on which nothing is written was made for somebody all the same, by a plugin.
    """
    if isinstance(item, Pool):
        metadata = read_metadata(item.service_metadata)
        return () if metadata.namespace_svc_name else metadata.hostnames or ()
    if isinstance(item, VirtualService):
        metadata = read_metadata(item.service_metadata)
        if metadata.namespace_svc_name:
            return (_itself(item),)
        if item.service_metadata:
            return metadata.hostnames or ()
        return () if item.vs_type == PARENT or item.vs_datascripts else (_itself(item),)
    return ()


def _itself(item: VirtualService) -> AviRef:
    return AviRef(item.avi_type, item.name)


def owners_of(item: AviObject) -> tuple[NamespacedName, ...]:
    """Give the Kubernetes objects that an object was made for; empty if it does not say."""
    return read_metadata(getattr(item, "service_metadata", None)).owners


def stays_with(before: AviObject, wanted: AviObject | None) -> bool:
    """Say whether it is a pool that is that of the same Service as before, whose servers may come and go."""
    return isinstance(before, Pool) and isinstance(wanted, Pool) and owners_of(wanted) == owners_of(before)


def hosts_of(item: AviObject) -> tuple[str, ...]:
    """Give the hosts that an object was made for; empty if it does not say."""
    return read_metadata(getattr(item, "service_metadata", None)).hostnames or ()


def tree_of(service: VirtualService) -> TreeName:
    """Give the name of the tree that a virtual service is in: that of its VsVip, which is also that of a parent."""
    refs = (service.vsvip_ref, service.vh_parent_vs_ref)
    name = next((ref.name for ref in refs if isinstance(ref, AviRef)), service.name)
    return TreeName(name, service.tenant)
