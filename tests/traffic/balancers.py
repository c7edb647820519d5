"""Services of type LoadBalancer → promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from tests.traffic.asking import Asked, Scheme
from tests.traffic.claims import World
from tests.traffic.promise import CLOSED, NOBODY, Expected, Promise
from tests.traffic.reading import (
    AVI_CLASS,
    Thing,
    Who,
    asks_for_elsewhere,
    is_synced,
    name,
    namespace,
    notes,
    order,
    path_of,
    spec,
    status_addresses,
)
from tests.traffic.servers import Backend, servers

SHARED_VIP = "ako.vmware.com/enable-shared-vip"
NAMES = "external-dns.alpha.kubernetes.io/hostname"
OLD_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
STATIC = "ako.vmware.com/load-balancer-ip"
STRANGERS = ("203.0.113.7", "198.51.100.9", "192.0.2.33")
SCHEMES: Mapping[str, Scheme] = {"TCP": "tcp", "UDP": "udp"}

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Balanced:
    """A Service of type LoadBalancer that is served, and the names that lead to it."""

    service: Thing
    names: tuple[str, ...]
    ranges: tuple[Network, ...]

    @property
    def static(self) -> str:
        return str(spec(self.service).get("loadBalancerIP") or notes(self.service).get(STATIC) or "")

    @property
    def group(self) -> tuple[str, str]:
        """Name whom it shares its virtual service with."""
        shared = notes(self.service).get(SHARED_VIP)
        return (namespace(self.service), f"shared {shared}" if shared else name(self.service))


def balancer_promises(world: World, hosts: frozenset[str]) -> Iterator[Promise]:
    """Give what clients of each port get; `hosts` are names that Ingresses and Routes have."""
    found = sorted(_served(world, hosts), key=lambda one: order(one.service))
    taken: dict[tuple[tuple[str, str], int, str], Balanced] = {}
    static: dict[tuple[str, str], str] = {}
    for one in found:
        if one.static and static.setdefault(one.group, one.static) != one.static:
            continue  # asks for another address than an older one that it shares with
        for port in spec(one.service).get("ports") or ():
            taken.setdefault((one.group, int(port["port"]), str(port.get("protocol") or "TCP")), one)
    for (_, number, protocol), one in taken.items():
        if protocol in SCHEMES:
            yield from _of_port(one, number, protocol, world)
    for one in found:
        yield from _beside(one, {number for group, number, _ in taken if group == one.group})


def _served(world: World, hosts: frozenset[str]) -> Iterator[Balanced]:
    names: set[str] = set(hosts)
    for service in sorted(world.cluster.of("Service"), key=order):
        wanted = spec(service)
        if wanted.get("type") != "LoadBalancer" or wanted.get("loadBalancerClass") not in {None, "", AVI_CLASS}:
            continue
        if not is_synced(service, world.cluster, world.setup):
            continue
        if asks_for_elsewhere(service, world.cluster, world.setup):
            continue
        ranges = _ranges(service)
        if ranges is not None:
            own = tuple(one for one in _names(service, world) if one not in names)
            names |= set(own)
            yield Balanced(service, own, ranges)


def _names(service: Thing, world: World) -> Iterator[str]:
    if asked := notes(service).get(NAMES):
        yield from (one.strip().lower() for one in asked.split(",") if one.strip())
        return
    domain = next(
        (
            wanted.removeprefix(".")
            for section in ("NetworkSettings", "L4Settings")
            if (wanted := world.setup.value(section, "defaultDomain")) and world.setup.covers(wanted, Who.OURS)
        ),
        world.setup.first_domain,
    )
    style = world.setup.value("L4Settings", "autoFQDN", "default").lower()
    if domain and style != "disabled":
        between = "-" if style == "flat" else "."
        yield f"{name(service)}{between}{namespace(service)}.{domain}"


def _ranges(service: Thing) -> tuple[Network, ...] | None:
    """Give who is let in, empty for all; None if that cannot be read."""
    old = notes(service).get(OLD_RANGES, "")
    texts = spec(service).get("loadBalancerSourceRanges") or [one for one in old.split(",") if one.strip()]
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts)
    except ValueError:
        return None


def _of_port(one: Balanced, number: int, protocol: str, world: World) -> Iterator[Promise]:
    service = one.service
    backend = Backend(namespace(service), name(service), number, protocol=protocol, for_l4=True)
    ours, theirs = (_expected(servers(backend, world.cluster, world.setup, who)) for who in Who)
    row = None if ours == theirs else 17 if world.setup.is_node_port else 38
    reason = f"{path_of(service)}: port {number}/{protocol}"
    address = next((found for _, found in status_addresses(service)), one.static)
    scheme = SCHEMES[protocol]
    for to in (*one.names, *([one.static] if one.static else ())) or ((address,) if address else ()):
        if not one.ranges:
            yield Promise(Asked(to, scheme, port=number), ours, theirs, reason, row, address=address)
            asked = Asked(to, scheme, port=number, client=STRANGERS[0])
            yield Promise(asked, ours, theirs, f"{reason}, another client", row, address=address)
            continue
        let_in = next((str(net.network_address + (net.num_addresses > 2)) for net in one.ranges), "")
        asked = Asked(to, scheme, port=number, client=let_in)
        yield Promise(asked, ours, theirs, f"{reason}, a client of its ranges", row, address=address)
        outside = [text for text in STRANGERS if not any(_is_in(text, net) for net in one.ranges)]
        for stranger in outside[:1]:
            asked = Asked(to, scheme, port=number, client=stranger)
            yield Promise(asked, CLOSED, theirs, f"{reason}, a client of none of its ranges", 37, address=address)


def _is_in(text: str, net: Network) -> bool:
    found = ip_network(text)
    return found.version == net.version and found.network_address in net


def _beside(one: Balanced, taken: set[int]) -> Iterator[Promise]:
    """Say that a port which nobody asked for is not served."""
    free = next(number for number in range(min(taken, default=1) + 1, 65536) if number not in taken)
    for to in one.names[:1]:
        yield Promise(Asked(to, "tcp", port=free), NOBODY, NOBODY, f"{path_of(one.service)}: has no port {free}")


def _expected(found: frozenset[str]) -> Expected:
    return Expected(found) if found else Expected(may_close=True, may_be_unknown=True)
