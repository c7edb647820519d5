"""VsVips: the addresses and DNS names of virtual services."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject, IpAddr, IpPrefix

MAX_DNS_NAMES = 1000
"""How many DNS names the Controller takes on one VsVip (`dns_info` of its object model)."""


class DnsInfo(Struct, frozen=True, order=True):
    """One DNS name of a VsVip.

    Attributes:
        fqdn: the name; no two VsVips have one.
    """

    fqdn: str


class IpamNetworkSubnet(Struct, frozen=True):
    """The network (and part of it) that an address of either family is taken from.

    Attributes:
        network_ref: the network.
        subnet: the part of it for IPv4.
        subnet6: the part of it for IPv6.
    """

    network_ref: AviRef | UnsetType = UNSET
    subnet: IpPrefix | UnsetType = UNSET
    subnet6: IpPrefix | UnsetType = UNSET


class Vip(Struct, frozen=True, kw_only=True):
    """One address, or one of each family, usually allocated by the Controller.

    Attributes:
        vip_id: tells it from others of one VsVip.
        auto_allocate_ip: the Controller chooses it.
        auto_allocate_ip_type: `V6_ONLY` or `V4_V6`; unset for an IPv4 address alone.
        ip_address: the IPv4 address: that which is asked for, or was allocated.
        ip6_address: likewise of IPv6.
        ipam_network_subnet: where it is taken from.
        subnet_uuid: the same in public clouds.
    """

    vip_id: str = "0"
    auto_allocate_ip: bool = True
    auto_allocate_ip_type: str | UnsetType = UNSET
    ip_address: IpAddr | UnsetType = UNSET
    ip6_address: IpAddr | UnsetType = UNSET
    ipam_network_subnet: IpamNetworkSubnet | UnsetType = UNSET
    subnet_uuid: str | UnsetType = UNSET


class VsVip(AviObject, frozen=True, kw_only=True):
    """The addresses and names that the virtual services of one tree share; `Site.vsvip` builds it.

    Attributes:
        cloud_ref: `site.cloud`.
        vrf_context_ref: `site.vrf`.
        east_west_placement: never for us.
        dns_info: DNS names of it.
        vip: the addresses.
    """

    avi_type: ClassVar[str] = "vsvip"
    created_from: ClassVar[frozenset[str]] = frozenset({"cloud_ref", "vrf_context_ref", "vip"})

    cloud_ref: AviRef | UnsetType = UNSET
    vrf_context_ref: AviRef | UnsetType = UNSET
    east_west_placement: bool = False
    dns_info: tuple[DnsInfo, ...] = ()
    vip: tuple[Vip, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Give the addresses the Controller allocated, empty until it did."""
        found = (address for vip in self.vip for address in (vip.ip_address, vip.ip6_address))
        return tuple(address.addr for address in found if isinstance(address, IpAddr))

    @property
    def fqdns(self) -> tuple[str, ...]:
        """Give the DNS names."""
        return tuple(info.fqdn for info in self.dns_info)
