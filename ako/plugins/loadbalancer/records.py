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
    session_affinity: str = "None"


class BalancedService(Struct, frozen=True, kw_only=True):
    """A Service that may be of type LoadBalancer."""

    metadata: LabelledMetadata
    spec: BalancedSpec = BalancedSpec()

    @property
    def wanted_address(self) -> str:
        """Give the address it asks for, empty for any; the field goes before the annotation."""
        return (self.spec.load_balancer_ip or self.metadata.annotation(ADDRESS) or "").strip()

    @property
    def address_field(self) -> str:
        """Say where that address is written."""
        return "spec.loadBalancerIP" if self.spec.load_balancer_ip else f"annotation {ADDRESS}"

    @property
    def shared_vip(self) -> str:
        """Give the name of the address that it shares with others of its namespace, empty for one of its own."""
        return (self.metadata.annotation(SHARED_VIP) or "").strip()

    @property
    def source_ranges(self) -> tuple[str, ...]:
        """Give the networks whose clients it takes, as written; none for everybody.

        The field goes before the annotation. One without any text is none, as in Kubernetes.
        """
        written = self.spec.load_balancer_source_ranges
        if not written:
            text = (self.metadata.annotation(SOURCE_RANGES) or "").strip()
            written = tuple(text.split(",")) if text else ()
        return tuple(entry.strip() for entry in written)

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
