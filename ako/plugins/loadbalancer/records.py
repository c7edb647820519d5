"""Services as this plugin reads them: what type LoadBalancer asks for."""

from __future__ import annotations

from msgspec import Struct, field

from ako import SERVICES, BalancerStatusRecord, LabelledMetadata, ServicePort, WatchedKind

CLASS = "ako.vmware.com/avi-lb"
ADDRESS = "ako.vmware.com/load-balancer-ip"
SHARED_VIP = "ako.vmware.com/enable-shared-vip"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"


class BalancedSpec(Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of a Service's spec that says how it wants to be reached."""

    type: str = "ClusterIP"
    ports: tuple[ServicePort, ...] | None = None
    load_balancer_class: str | None = None
    load_balancer_ip: str | None = field(name="loadBalancerIP", default=None)
    load_balancer_source_ranges: tuple[str, ...] | None = None


class BalancedService(Struct, frozen=True, kw_only=True):
    """A Service that may be of type LoadBalancer."""

    metadata: LabelledMetadata
    spec: BalancedSpec = BalancedSpec()

    @property
    def wanted_address(self) -> str:
        """Give the address it asks for, empty for any; the annotation goes before the deprecated field."""
        return (self.metadata.annotation(ADDRESS) or self.spec.load_balancer_ip or "").strip()

    @property
    def address_field(self) -> str:
        """Say where that address is written."""
        return f"annotation {ADDRESS}" if self.metadata.annotation(ADDRESS) else "spec.loadBalancerIP"

    @property
    def wanted_names(self) -> tuple[str, ...]:
        """Give the DNS names it asks for, comma separated in the annotation."""
        names = (self.metadata.annotation(HOSTNAME) or "").split(",")
        return tuple(dict.fromkeys(name.strip().removesuffix(".").lower() for name in names if name.strip()))


class ServiceStatusRecord(BalancerStatusRecord, frozen=True):
    """A Service as a status record: only its status."""


BALANCED_SERVICES = WatchedKind(
    kind=SERVICES.kind,
    plural=SERVICES.plural,
    record=BalancedService,
    status=ServiceStatusRecord,
    is_source=True,
    access=("services/status:patch",),
)
