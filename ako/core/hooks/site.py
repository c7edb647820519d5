"""Where we are: settings and facts about the Avi cloud as inputs of the engine, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.engine.cells import Input
from ako.core.engine.view import View
from ako.core.hooks.matching import Matching
from ako.core.hooks.sharding import shard_of
from ako.core.model import (
    CREATABLE_TYPES,
    AviObject,
    DnsInfo,
    IpAddr,
    IpamNetworkSubnet,
    IpPrefix,
    KeyValues,
    PlacementNetwork,
    Vip,
    VsVip,
)
from ako.core.model.extra import NOTHING, Declared, wanting
from ako.core.model.mark import has_markers
from ako.core.model.names import Names
from ako.core.settings import Settings

VCENTER = "CLOUD_VCENTER"
SUBNET_CLOUDS = frozenset({"CLOUD_AWS", "CLOUD_AZURE"})
"""Clouds whose addresses come from a subnet that the settings name."""

PUBLIC_CLOUDS = SUBNET_CLOUDS | {"CLOUD_GCP"}


class CloudFacts(Struct, frozen=True, kw_only=True):
    """What was read about the Avi cloud we work in.

    Attributes:
        type: its `vtype`, such as `CLOUD_VCENTER`.
        domains: DNS domains it serves, sorted; a host must end with one of them, if there are any.
        vrf: name of the VRF context of virtual services and pools.
        version: the API version in use.
        tenant: where the cloud, its VRF contexts and SE groups are read and written, as in `AviRef`.
    """

    type: str = "CLOUD_NONE"
    domains: tuple[str, ...] = ()
    vrf: str = "global"
    version: str = "20.1.1"
    tenant: str = ""

    @property
    def has_markers(self) -> bool:
        """Say whether objects have markers."""
        return has_markers(self.version)


A = TypeVar("A", bound=AviObject)

SETTINGS: Input[Settings] = Input("settings")
"""`view.input(SETTINGS)`: the settings in force; `.section("<plugin>", Model)` of it are those of a plugin."""
CLOUD: Input[CloudFacts] = Input("the Avi cloud")
"""`view.input(CLOUD)`: what was read about the Avi cloud; `Unknown` before that."""
ASSIGNMENT: Input[int | None] = Input("assignment", default=None)
"""host → shard it is live on; absent for hosts that are where the formula puts them, or not live."""

PASSTHROUGH_ASSIGNMENT: Input[int | None] = Input("passthrough assignment", default=None)
"""The same for the shared virtual services of passthrough hosts, which are numbered by themselves."""


DECLARED: Input[Declared] = Input("what plugins declare of Avi objects", default=NOTHING)


class Site(Struct, frozen=True, kw_only=True):
    """Names and references that every object of ours is built from; `view.ask(site)` gives it.

    Attributes:
        names: of all objects; `names.prefix` is what every one begins with, `names.created_by` our mark.
        tenant: of the settings, by its name on the Controller.
        cloud: for `cloud_ref`.
        cloud_tenant: where the cloud, its VRF contexts and SE groups are, as in `AviRef`.
        vrf: for `vrf_ref` and `vrf_context_ref`.
        se_group: for `se_group_ref`.
        domains: DNS domains that the cloud serves, as it writes them; empty: any.
        shard_count: shared virtual services; `shard` gives a number below it.
        passthrough_shard_count: those for passthrough hosts, which are numbered by themselves.
        shard_hash: `md5` or `fnv1a`.
        shards_by_namespace: the key of `shard` is the namespace of a host's oldest claim, not the host.
        vip: the address of a VsVip as the settings ask for it; `vsvip` builds one with it.
        placement_networks: for those of pools.
        enables_rhi: for `enable_rhi` of virtual services.
        markers: for those of a VsVip; None where the Controller has none.
        serves_duplicates: of several claims of one path all are served, each in proportion.
        matches_elements: paths are compared as the Ingress API says, not as AKO does it.
        declared: what plugins declare of Avi objects (for the core).
    """

    names: Names
    tenant: str
    cloud: AviRef
    cloud_tenant: str
    vrf: AviRef
    se_group: AviRef
    domains: tuple[str, ...]
    shard_count: int
    passthrough_shard_count: int
    shard_hash: str
    shards_by_namespace: bool
    vip: Vip
    placement_networks: tuple[PlacementNetwork, ...]
    enables_rhi: bool
    markers: tuple[KeyValues, ...] | None
    serves_duplicates: bool
    matches_elements: bool
    declared: Declared = NOTHING

    @property
    def plain_matching(self) -> Matching:
        """Give how paths are compared over plain HTTP."""
        return Matching(by_elements=self.matches_elements, is_plain=True)

    @property
    def tls_matching(self) -> Matching:
        """Give how paths are compared where we terminate TLS."""
        return Matching(by_elements=self.matches_elements)

    def serves_domain(self, host: str) -> bool:
        """Say whether a host lies in one of the DNS domains (on a label boundary); every host does if there is none."""
        name = host.lower()
        return not self.domains or any(name == d or name.endswith("." + d) for d in map(_bare, self.domains))

    @property
    def default_domain(self) -> str:
        """Give the domain of generated names, without a leading dot; empty if the cloud has none."""
        return _bare(min(self.domains)) if self.domains else ""

    def domain_or_default(self, wanted: str) -> str:
        """Give the domain of a name, without a leading dot: the wanted one if it is served, else the default."""
        domain = _bare(wanted)
        return domain if domain in map(_bare, self.domains) else self.default_domain

    def vsvip(self, name: str, fqdns: Iterable[str], address: str = "") -> VsVip:
        """Build the VsVip of a tree; `address` is the one it should have, empty for any."""
        vip = self.vip
        if address:
            wanted = IpAddr.of(address)
            vip = replace(vip, ip6_address=wanted) if wanted.type == "V6" else replace(vip, ip_address=wanted)
        return VsVip(
            name=name,
            cloud_ref=self.cloud,
            vrf_context_ref=self.vrf,
            dns_info=tuple(DnsInfo(fqdn) for fqdn in fqdns),
            vip=(vip,),
            markers=UNSET if self.markers is None else self.markers,
        )

    def finished(self, objects: tuple[A, ...]) -> tuple[A, ...]:
        """Give objects with what plugins do not say: whose they are, and that what they do not set is to be absent."""
        if self.declared == NOTHING:
            return objects
        return tuple(self._marked(wanting(item, self.declared.fields)) for item in objects)

    def _marked(self, item: A) -> A:
        """Give an object with the marker by which it is ours, if it has nothing else that says so."""
        if self.markers is None or not isinstance(item, CREATABLE_TYPES):
            return item
        keys = {marker.key for marker in self.markers}
        others = (marker for marker in item.markers or () if marker.key not in keys)
        return replace(item, markers=(*self.markers, *others))

    def default_fqdn(self, virtual_service: str, tenant: str = "") -> str:
        """Give the DNS name a shared virtual service has for itself, as AKO writes it; empty without a domain.

        And where a tenant is called so that it would be none: nothing is served by it, and the others would go with it.
        """
        name = f"{virtual_service}.{tenant or self.tenant}.{self.default_domain}" if self.domains else ""
        return name if _DNS_NAME.fullmatch(name) and len(name) <= _LONGEST_DNS_NAME else ""


_LONGEST_DNS_NAME = 253
_DNS_NAME = re.compile(r"[-\w]{1,63}(\.[-\w]{1,63})*", re.ASCII)
"""What can stand in DNS, host names and others."""


def _bare(domain: str) -> str:
    return domain.lstrip(".").lower()


def unserved_domain(view: View) -> str:
    """Say that the default domain of the settings is none that the cloud serves, and what is used instead (a query)."""
    wanted = view.input(SETTINGS).network_settings.default_domain
    here = view.ask(site)
    if not wanted or not here.domains or here.domain_or_default(wanted) == _bare(wanted):
        return ""
    return (
        f"NetworkSettings.defaultDomain: the cloud does not serve {wanted}; generated DNS names end with "
        f"{here.default_domain}. Use one of {', '.join(map(_bare, here.domains))}."
    )


def matches_elements(settings: Settings) -> bool:
    """Say whether paths are compared as the Ingress API says, not as AKO does it."""
    return settings.l7_settings.path_matching == "kubernetes"


def site(view: View) -> Site:
    """Derive the site from settings and cloud facts (a query)."""
    settings, cloud = view.input(SETTINGS), view.input(CLOUD)
    names = Names(settings.ako_settings.cluster_name)
    controller, l7 = settings.controller_settings, settings.l7_settings
    return Site(
        names=names,
        tenant=controller.tenant_name,
        cloud=AviRef("cloud", controller.cloud_name),
        cloud_tenant=cloud.tenant,
        vrf=AviRef("vrfcontext", cloud.vrf),
        se_group=AviRef("serviceenginegroup", controller.service_engine_group_name),
        domains=cloud.domains,
        shard_count=l7.shard_count,
        passthrough_shard_count=l7.passthrough_shard_count,
        shard_hash=l7.shard_hash,
        shards_by_namespace=l7.l7_sharding_scheme == "namespace",
        vip=_vip(settings, cloud),
        placement_networks=_placement_networks(settings, cloud),
        enables_rhi=settings.network_settings.enable_rhi,
        markers=_markers(names, cloud),
        serves_duplicates=l7.duplicate_host_paths == "all",
        matches_elements=matches_elements(settings),
        declared=view.input(DECLARED),
    )


def shard(view: View, key: str, host: str) -> int:
    """Give the shard of a host: where it is live, else where the formula puts its key (a query).

    Args:
        view: `view.ask(shard, key, host)`.
        key: what is put somewhere: the host, or with `Site.shards_by_namespace` the namespace of its oldest claim.
        host: the host name; empty asks for the formula alone, for what is no host.
    """
    assigned = view.input(ASSIGNMENT, host)
    if assigned is not None:
        return assigned
    here = view.ask(site)
    return shard_of(key, here.shard_count, here.shard_hash)


def passthrough_shard(view: View, host: str) -> int:
    """Give the shard of a passthrough host: where it is live, else where the formula puts it (a query).

    Args:
        view: `view.ask(passthrough_shard, host)`.
        host: the host name.
    """
    assigned = view.input(PASSTHROUGH_ASSIGNMENT, host)
    if assigned is not None:
        return assigned
    here = view.ask(site)
    return shard_of(host, here.passthrough_shard_count, here.shard_hash)


_ALLOCATED: Mapping[str, str] = {"V6": "V6_ONLY", "V4_V6": "V4_V6"}
"""Which addresses the Controller is asked for, where it is not one of IPv4 alone."""


def _vip(settings: Settings, cloud: CloudFacts) -> Vip:
    vip = Vip(auto_allocate_ip_type=_ALLOCATED.get(settings.ako_settings.ip_family, UNSET))
    network = next(iter(settings.network_settings.vip_networks), None)
    if network is None:
        return vip
    name = network.network_name
    if cloud.type in SUBNET_CLOUDS:
        return replace(vip, subnet_uuid=name) if name else vip
    families = settings.ip_families
    subnet = _prefix(network.cidr) if "V4" in families else UNSET
    subnet6 = _prefix(network.v6cidr) if "V6" in families else UNSET
    if not name and subnet is UNSET and subnet6 is UNSET:
        return vip
    reference = AviRef("network", name) if name else UNSET
    return replace(vip, ipam_network_subnet=IpamNetworkSubnet(reference, subnet, subnet6))


def _prefix(network: str) -> IpPrefix | UnsetType:
    address, _, length = network.partition("/")
    return IpPrefix(ip_addr=IpAddr.of(address), mask=int(length)) if address else UNSET


def _placement_networks(settings: Settings, cloud: CloudFacts) -> tuple[PlacementNetwork, ...]:
    """Pools are placed on the node networks on vCenter clouds only, as AKO does."""
    if cloud.type != VCENTER:
        return ()
    return tuple(
        PlacementNetwork(
            network_ref=AviRef("network", network.network_name),
            subnet=IpPrefix(ip_addr=IpAddr.of(cidr.partition("/")[0]), mask=int(cidr.partition("/")[2])),
        )
        for network in settings.network_settings.node_network_list
        for cidr in network.cidrs
    )


def _markers(names: Names, cloud: CloudFacts) -> tuple[KeyValues, ...] | None:
    """Give the markers of a VsVip, which has nothing else that says whose it is beyond its name."""
    if not cloud.has_markers:
        return None
    return (KeyValues(key="clustername", values=(names.cluster,)),)
