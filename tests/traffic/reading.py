"""A cluster and helm values as plain data, read by nobody's code but this."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.traffic.promise import own_certificate

Thing = Mapping[str, Any]
AVI_CLASS = "ako.vmware.com/avi-lb"


class Who(Enum):
    """Whose reading of a cluster: what our product must make of it, or what Go AKO makes."""

    OURS = "ours"
    THEIRS = "theirs"


class Cluster:
    """The objects of a cluster, by kind."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self._by_kind: dict[str, dict[tuple[str, str], Thing]] = {}
        for thing in things:
            self._by_kind.setdefault(thing["kind"], {})[namespace(thing), name(thing)] = thing

    def of(self, kind: str) -> list[Thing]:
        """Give all of a kind, in the order of namespaces and names."""
        return [thing for _, thing in sorted(self._by_kind.get(kind, {}).items(), key=lambda pair: pair[0])]

    def get(self, kind: str, its_namespace: str, its_name: str) -> Thing | None:
        """Give one, None if it is not there."""
        return self._by_kind.get(kind, {}).get((its_namespace, its_name))


@dataclass(frozen=True)
class Setup:
    """What the helm values say, and the DNS domains of the Avi cloud (none: any host is served)."""

    config: Mapping[str, Any]
    domains: tuple[str, ...] = ()

    def value(self, section: str, key: str, default: str = "") -> str:
        """Give a value of helm as text, in the default's place where it is empty or left out."""
        found = (self.config.get(section) or {}).get(key)
        text = str(found).lower() if isinstance(found, bool) else "" if found is None else str(found)
        return text or default

    @property
    def is_node_port(self) -> bool:
        return self.value("L7Settings", "serviceType", "ClusterIP") == "NodePort"

    @property
    def serves_all_claims(self) -> bool:
        return self.value("L7Settings", "duplicateHostPaths", "oldest") == "all"

    @property
    def matches_elements(self) -> bool:
        return self.value("L7Settings", "pathMatching", "ako") == "kubernetes"

    @property
    def families(self) -> frozenset[int]:
        """Give the versions of IP that servers may have."""
        family = self.value("AKOSettings", "ipFamily", "V4")
        return frozenset(version for version in (4, 6) if f"V{version}" in family.split("_"))

    @property
    def first_domain(self) -> str:
        return min(self.domains).removeprefix(".") if self.domains else ""

    def covers(self, host: str, who: Who) -> bool:
        """Say whether a host lies in a DNS domain: Go AKO compares ends of texts, ours whole labels."""
        if not self.domains:
            return True
        if who is Who.THEIRS:
            return any(host.endswith(domain) for domain in self.domains)
        bare = [domain.strip(".").lower() for domain in self.domains]
        return any(host == domain or host.endswith(f".{domain}") for domain in bare)


def name(thing: Thing) -> str:
    return str(thing["metadata"]["name"])


def namespace(thing: Thing) -> str:
    """Give the namespace; one that could have one and names none is in `default`, as kubectl has it."""
    is_wide = thing["kind"] in {"Namespace", "Node", "IngressClass"}
    return "" if is_wide else str(thing["metadata"].get("namespace") or "default")


def path_of(thing: Thing) -> str:
    """Give `Kind namespace/name` for messages."""
    return f"{thing['kind']} {namespace(thing)}/{name(thing)}"


def order(thing: Thing) -> tuple[str, str, str]:
    """Give what orders objects by age; those of one second by name."""
    return (str(thing["metadata"].get("creationTimestamp") or ""), namespace(thing), name(thing))


def spec(thing: Thing) -> Thing:
    return thing.get("spec") or {}


def notes(thing: Thing | None) -> Mapping[str, str]:
    return ((thing or {}).get("metadata") or {}).get("annotations") or {}


def labels(thing: Thing | None) -> Mapping[str, str]:
    return ((thing or {}).get("metadata") or {}).get("labels") or {}


def is_synced(thing: Thing, cluster: Cluster, setup: Setup) -> bool:
    """Say whether the namespace of an object is one that is looked at."""
    selector = (setup.config.get("AKOSettings") or {}).get("namespaceSelector") or {}
    key, value = str(selector.get("labelKey") or "").strip(), str(selector.get("labelValue") or "").strip()
    blocked = (setup.config.get("AKOSettings") or {}).get("blockedNamespaceList") or []
    if namespace(thing) in blocked:
        return False
    return not (key and value) or labels(cluster.get("Namespace", "", namespace(thing))).get(key) == value


def asks_for_elsewhere(thing: Thing, cluster: Cluster, setup: Setup) -> bool:
    """Say whether an object or its namespace asks for another network or tenant, which ours does not serve."""
    tenant = setup.value("ControllerSettings", "tenantName", "admin")
    around = cluster.get("Namespace", "", namespace(thing))
    if setup.value("ControllerSettings", "tenantsPerCluster") == "true":
        tenant = notes(around).get("ako.vmware.com/tenant-name") or tenant
    for asking in (thing, around):
        found = notes(asking)
        if found.get("aviinfrasetting.ako.vmware.com/name"):
            return True
        if found.get("ako.vmware.com/tenant-name", tenant) != tenant:
            return True
    return False


def secret_certificate(cluster: Cluster, its_namespace: str, its_name: str) -> str:
    """Give the certificate of a TLS Secret, empty if there is none to serve with."""
    secret = cluster.get("Secret", its_namespace, its_name)
    data = (secret or {}).get("data") or {}
    if not data.get("tls.crt") or not data.get("tls.key"):
        return ""
    try:
        text = base64.b64decode("".join(data["tls.crt"].split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return own_certificate(text)


def status_addresses(thing: Thing) -> Iterator[tuple[str, str]]:
    """Give (host, address) of a status of an Ingress, Service or Route; an empty host is that of all."""
    status = thing.get("status") or {}
    for entry in (status.get("loadBalancer") or {}).get("ingress") or ():
        if entry.get("ip"):
            yield str(entry.get("hostname") or ""), str(entry["ip"])
    for entry in status.get("ingress") or ():
        for condition in entry.get("conditions") or ():
            if condition.get("type") == "Admitted" and condition.get("status") == "True":
                yield str(entry.get("host") or ""), str(condition.get("message") or "")
