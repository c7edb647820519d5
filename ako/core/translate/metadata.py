"""The `service_metadata` text on Avi objects: AKO's keys, the link from an Avi object back to Kubernetes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.typed_json import reader


class _CrdStatus(Struct, frozen=True):
    type: str = ""
    value: str = ""
    status: str = ""


class ServiceMetadata(Struct, frozen=True, kw_only=True):
    """What AKO writes on virtual services and pools; every key is always there."""

    namespace_ingress_name: tuple[str, ...] | None = None
    ingress_name: str = ""
    namespace: str = ""
    hostnames: tuple[str, ...] | None = None
    namespace_svc_name: tuple[str, ...] | None = None
    crd_status: _CrdStatus = _CrdStatus()
    pool_ratio: int = 0
    passthrough_parent_ref: str = ""
    passthrough_child_ref: str = ""
    gateway: str = ""

    @property
    def owners(self) -> tuple[NamespacedName, ...]:
        """Give namespace and name of the Kubernetes objects that an Avi object was made for."""
        texts = (self.namespace_ingress_name or ()) + (self.namespace_svc_name or ())
        owners = [NamespacedName(*text.split("/", 1)) for text in texts if "/" in text]
        if self.ingress_name:
            owners.append(NamespacedName(self.namespace, self.ingress_name))
        return tuple(owners)


_decode = reader(ServiceMetadata).decode


def parent_metadata(*, parent: str = "", child: str = "") -> str:
    """Give the text of a shared virtual service: all keys, and the other one where passthrough hosts have two."""
    return _text(ServiceMetadata(passthrough_parent_ref=parent, passthrough_child_ref=child))


def pool_metadata(source: NamespacedName, host: str, ratio: int) -> str:
    """Give the text of a pool on a shared virtual service.

    Args:
        source: the object whose rule it is for.
        host: the host name.
        ratio: its share of the path, as in `Backend.weight`.
    """
    return _text(
        ServiceMetadata(ingress_name=source.name, namespace=source.namespace, hostnames=(host,), pool_ratio=ratio)
    )


def child_metadata(sources: Iterable[NamespacedName], host: str) -> str:
    """Give the text of an SNI child: all owners of the host.

    Args:
        sources: the objects that are served by it, the oldest first.
        host: the host name.
    """
    owners = tuple(dict.fromkeys(sources))
    return _text(
        ServiceMetadata(
            namespace_ingress_name=tuple(map(str, owners)),
            namespace=owners[0].namespace,
            hostnames=(host,),
        )
    )


def port_metadata(service: NamespacedName, hostnames: Iterable[str], *others: NamespacedName) -> str:
    """Give the text of what is made for a Service of type LoadBalancer, and others that share its address.

    Args:
        service: the Service that was there first.
        hostnames: DNS names of the address.
        others: those that share the address, in the order of their age.
    """
    services = tuple(map(str, (service, *others)))
    return _text(ServiceMetadata(namespace_svc_name=services, hostnames=tuple(hostnames) or None))


def read_metadata(text: str | None) -> ServiceMetadata:
    """Read what is on an observed object; a text that is not AKO's gives no owners."""
    try:
        return _decode(text or "{}")
    except msgspec.MsgspecError:
        return ServiceMetadata()


def _text(metadata: ServiceMetadata) -> str:
    return msgspec.json.encode(metadata).decode()
