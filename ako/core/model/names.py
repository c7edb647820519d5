"""Every Avi object name. They are AKO's readable names, so that a cluster run by AKO is taken over as it stands."""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

from ako.core.base.refs import NamespacedName

MAX_NAME_BYTES = 255
"""What AKO itself refuses to go beyond."""

_TOLD_APART = re.compile(r"(.+)-[0-9a-f]{8}", re.DOTALL)


def told_apart(name: str, text: str) -> str:
    """Give the name of what would have a name that is another's: `text` says what it is for."""
    return f"{name}-{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]}"


def plain_name(name: str) -> str:
    """Give the name that this one may have been told apart from; empty if it cannot have been."""
    found = _TOLD_APART.fullmatch(name) if name[-9:-8] == "-" else None
    return found[1] if found else ""


def is_too_long(name: str) -> bool:
    """Say whether no Avi object can have a name."""
    return len(name) > MAX_NAME_BYTES or len(name.encode()) > MAX_NAME_BYTES


def is_shared_name(name: str) -> bool:
    """Say whether a name is one that only shared virtual services have; nothing in Kubernetes is written like it."""
    return name.partition("--")[2].startswith("Shared-")


class Names(Struct, frozen=True):
    """The names of one cluster's objects.

    Attributes:
        cluster: `AKOSettings.clusterName`.
    """

    cluster: str

    @property
    def prefix(self) -> str:
        """Give what every name of ours begins with."""
        return f"{self.cluster}--"

    @property
    def created_by(self) -> str:
        """Give the `created_by` of every object of ours; also our router name in Route statuses."""
        return f"ako-{self.cluster}"

    def shared(self, shard: int) -> str:
        """Name a shared virtual service, its VsVip, pool group, DataScript set and redirect policy set."""
        return f"{self.shared_stem}{shard}"

    @property
    def shared_stem(self) -> str:
        """Give what the names of shared virtual services begin with, before the number."""
        return f"{self.prefix}Shared-L7-"

    def shared_passthrough(self, shard: int) -> str:
        """Name a shared passthrough virtual service, its VsVip and its DataScript set."""
        return f"{self.passthrough_stem}{shard}"

    @property
    def passthrough_stem(self) -> str:
        """Give what the names of shared passthrough virtual services begin with, before the number."""
        return f"{self.prefix}Shared-Passthrough-"

    def host(self, host: str) -> str:
        """Name what exists once a host: SNI child, its certificate, a passthrough pool group."""
        return f"{self.prefix}{host}"

    def insecure_pool(self, host: str, path: str, source: NamespacedName) -> str:
        """Name a pool on the shared virtual service; where a path may have several, the Service comes after it."""
        return f"{self.prefix}{host}{_flat(path)}-{source.namespace}-{source.name}"

    def secure_policy(self, host: str, namespace: str) -> str:
        """Name the policy set of an SNI child; the namespace is that of the host's oldest claim."""
        return f"{self.prefix}{namespace}-{host}"

    def secure_path(self, host: str, path: str, source: NamespacedName) -> str:
        """Name the pool group of a path of an SNI child; the Service comes after it for pools."""
        return f"{self.prefix}{source.namespace}-{host}{_flat(path)}-{source.name}"

    def service(self, service: NamespacedName) -> str:
        """Name what exists once a Service of type LoadBalancer: virtual service, VsVip, and its policies."""
        return f"{self.prefix}{service.namespace}-{service.name}"

    def service_pool(self, service: NamespacedName, protocol: str, port: int) -> str:
        """Name the pool of one port of such a Service, and the L4 rule that leads to it."""
        return f"{self.service(service)}-{protocol}-{port}"


def _flat(path: str) -> str:
    return path.replace("/", "_")
