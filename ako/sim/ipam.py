"""Hands out addresses and watches over DNS names of VsVips, as the IPAM and DNS profiles of their cloud say."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from ako.sim.problems import FieldCheck, refuse
from ako.sim.store import Record, Store, target_of

Json = dict[str, Any]
Range = tuple[int, int]

PUBLIC_CLOUDS = frozenset({"CLOUD_AWS", "CLOUD_AZURE", "CLOUD_GCP", "CLOUD_OPENSTACK"})
_VIP_RANGES = frozenset({"STATIC_IPS_FOR_VIP", "STATIC_IPS_FOR_VIP_AND_SE"})
# Public clouds and unranged networks give addresses of their own; benchmarking ranges collide with nobody.
_OWN_RANGES = {4: (int(ipaddress.ip_address("198.18.0.1")), int(ipaddress.ip_address("198.19.255.254"))),
               6: (int(ipaddress.ip_address("2001:2::1")), int(ipaddress.ip_address("2001:2::ffff:ffff")))}  # fmt: skip
_FLOATING = (int(ipaddress.ip_address("203.0.113.1")), int(ipaddress.ip_address("203.0.113.254")))

Key = tuple[str, int]


class AddressBook:
    """Knows which VsVip holds which addresses and names; used under the lock of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: dict[Key, str] = {}
        self._held: dict[str, set[Key]] = {}
        self._cursors: dict[tuple[str, Range], int] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._named: dict[str, set[tuple[str, str]]] = {}

    def copied(self) -> AddressBook:
        """Return a book of its own with the same entries."""
        book = AddressBook(self._store)
        book._taken, book._cursors, book._names = dict(self._taken), dict(self._cursors), dict(self._names)
        book._held = {uuid: set(keys) for uuid, keys in self._held.items()}
        book._named = {uuid: set(names) for uuid, names in self._named.items()}
        return book

    def release(self, uuid: str) -> None:
        """Free what a VsVip holds."""
        for key in self._held.pop(uuid, ()):
            del self._taken[key]
        for name in self._named.pop(uuid, ()):
            del self._names[name]

    def settle(self, uuid: str, data: Json, before: Json | None, cloud: Record) -> None:
        """Check and fill the vips and names of a VsVip, and take them for it; nothing is taken if that fails."""
        data["vip"] = [dict(vip) for vip in data.get("vip", ())]
        _keep_identity(data["vip"], before.get("vip", []) if before else [])
        names = self._checked_names(uuid, data, cloud)
        former = {vip["vip_id"]: vip for vip in (before or {}).get("vip", ())}
        held_before = self._held.pop(uuid, set())
        for key in held_before:
            del self._taken[key]
        try:
            for vip in data["vip"]:
                self._settle_vip(uuid, vip, former.get(vip["vip_id"]), data, cloud)
        except BaseException:
            for key in self._held.pop(uuid, ()):
                del self._taken[key]
            for key in held_before:
                self._take(uuid, key)
            raise
        for name in self._named.pop(uuid, ()):
            del self._names[name]
        self._names.update(names)
        self._named[uuid] = set(names)

    def note(self, uuid: str, data: Json, cloud: Record) -> None:
        """Take the addresses and names that a VsVip has for it, whatever the profiles say of them."""
        for vip in data.get("vip", ()):
            for version, field in ((4, "ip_address"), (6, "ip6_address")):
                if field not in vip:
                    continue
                number = int(ipaddress.ip_address(vip[field]["addr"]))
                for scope, ranges, _ in self._sources(vip, data, cloud, version):
                    if any(low <= number <= high for low, high in ranges):
                        self._take(uuid, (scope, number))
                        break
        profile = self._profile(cloud, "dns_provider_ref")
        if profile is not None:
            names = {(profile.uuid, info["fqdn"].lower()) for info in data.get("dns_info", ())}
            self._names.update(dict.fromkeys(names, uuid))
            self._named[uuid] = names

    def _take(self, uuid: str, key: Key) -> None:
        self._taken[key] = uuid
        self._held.setdefault(uuid, set()).add(key)

    def _settle_vip(self, uuid: str, vip: Json, former: Json | None, data: Json, cloud: Record) -> None:
        if not vip.get("auto_allocate_ip"):
            return
        family = vip.get("auto_allocate_ip_type", "V4_ONLY")
        for version, field, wanted in ((4, "ip_address", "V4"), (6, "ip6_address", "V6")):
            if wanted not in family:
                continue
            if former and field not in vip and field in former:
                vip[field] = former[field]
            preferred = int(ipaddress.ip_address(vip[field]["addr"])) if field in vip else None
            address = self._allocate(uuid, vip, data, cloud, (version, preferred))
            vip[field] = {"addr": address, "type": wanted}
        public = cloud.data.get("vtype") in PUBLIC_CLOUDS
        if vip.get("auto_allocate_floating_ip") and public:
            self._float(uuid, vip, former)
        if public:
            vip["avi_allocated_vip"] = True

    def _float(self, uuid: str, vip: Json, former: Json | None) -> None:
        if former and "floating_ip" in former:
            vip["floating_ip"] = former["floating_ip"]
            self._take(uuid, ("floating", int(ipaddress.ip_address(former["floating_ip"]["addr"]))))
        else:
            number = self._free("floating", [_FLOATING])
            self._take(uuid, ("floating", number))
            vip["floating_ip"] = {"addr": str(ipaddress.ip_address(number)), "type": "V4"}
        vip["avi_allocated_fip"] = True

    def _allocate(self, uuid: str, vip: Json, data: Json, cloud: Record, wish: tuple[int, int | None]) -> str:
        version, preferred = wish
        for scope, ranges, network in self._sources(vip, data, cloud, version):
            if preferred is None:
                number = self._first_free(scope, ranges)
            else:
                free = (scope, preferred) not in self._taken
                number = preferred if free and any(low <= preferred <= high for low, high in ranges) else None
            if number is not None:
                self._take(uuid, (scope, number))
                if network is not None:
                    _discover(vip, network)
                return str(ipaddress.ip_address(number))
        raise refuse(400, "No available free IPs in the configured networks")

    def _sources(
        self, vip: Json, data: Json, cloud: Record, version: int
    ) -> Iterator[tuple[str, list[Range], Record | None]]:
        if cloud.data.get("vtype") in PUBLIC_CLOUDS:
            yield cloud.uuid, [_OWN_RANGES[version]], None
            return
        profile = self._profile(cloud, "ipam_provider_ref")
        if profile is None:
            raise refuse(400, f"Cloud {cloud.name} has no IPAM profile: auto_allocate_ip cannot be used")
        wanted = vip.get("ipam_network_subnet", {})
        within = _subnet(wanted.get("subnet" if version == 4 else "subnet6"))
        reference = wanted.get("network_ref") or vip.get("network_ref")
        for network in self._networks(profile, reference, data):
            ranges = list(_ranges(network, version, within))
            yield network.uuid, ranges, network

    def _networks(self, profile: Record, reference: str | None, data: Json) -> Iterator[Record]:
        if reference is not None:
            network = self._store.get("network", target_of(reference))
            if network is not None:
                yield network
            return
        internal = profile.data.get("internal_profile", {})
        markers = {item["key"]: item.get("values", []) for item in data.get("markers", ())}
        older = [{"nw_ref": item} for item in internal.get("usable_network_refs", ())]
        for usable in [*internal.get("usable_networks", ()), *older]:
            labels = usable.get("labels", ())
            if all(label.get("value") in markers.get(label["key"], ()) for label in labels):
                network = self._store.get("network", target_of(usable["nw_ref"]))
                if network is not None:
                    yield network

    def _profile(self, cloud: Record, field: str) -> Record | None:
        reference = cloud.data.get(field)
        return self._store.get("ipamdnsproviderprofile", target_of(reference)) if reference else None

    def _free(self, scope: str, ranges: list[Range]) -> int:
        number = self._first_free(scope, ranges)
        if number is None:
            raise refuse(400, "No available free IPs in the configured networks")
        return number

    def _first_free(self, scope: str, ranges: list[Range]) -> int | None:
        for low, high in ranges:
            start = self._cursors.get((scope, (low, high)), low)
            for part in (range(start, high + 1), range(low, start)):
                for number in part:
                    if (scope, number) not in self._taken:
                        self._cursors[scope, (low, high)] = number + 1 if number < high else low
                        return number
        return None

    def _checked_names(self, uuid: str, data: Json, cloud: Record) -> dict[tuple[str, str], str]:
        profile = self._profile(cloud, "dns_provider_ref")
        internal = profile.data.get("internal_profile", {}) if profile else {}
        domains = [item["domain_name"].lstrip(".").lower() for item in internal.get("dns_service_domain", ())]
        names: dict[tuple[str, str], str] = {}
        for info in data.get("dns_info", ()):
            fqdn = info.get("fqdn", "").lower()
            info.setdefault("ttl", internal.get("ttl", 30))
            info.setdefault("num_records_in_response", 1)
            if profile is None:
                continue
            if domains and not any(fqdn.endswith("." + domain) for domain in domains):
                problem = FieldCheck("fqdn", f"{fqdn} is in none of the domains of {profile.name}: {domains}")
                problem.top = "dns_info"
                raise problem.as_error()
            key = (profile.uuid, fqdn)
            holder = self._names.get(key)
            if key in names or (holder is not None and holder != uuid):
                other = self._store.get("vsvip", holder) if holder else None
                raise refuse(400, f"FQDN {fqdn} is already used by VsVip {other.name if other else data['name']}")
            names[key] = uuid
        return names


def _keep_identity(vips: list[Json], former: list[Json]) -> None:
    for index, vip in enumerate(vips):
        vip.setdefault("vip_id", str(index))
    ids = [vip["vip_id"] for vip in vips]
    if len(set(ids)) != len(ids):
        raise FieldCheck("vip", f"vip_id is not unique: {ids}").as_error()
    known = {vip["vip_id"]: vip for vip in former}
    if set(known) - set(ids) and set(ids) - set(known):
        raise refuse(400, "Changing an existing VIP's vip_id is not supported")
    for vip in vips:
        before = known.get(vip["vip_id"], {})
        for field in ("ip_address", "ip6_address"):
            if field in before and field in vip and vip[field]["addr"] != before[field]["addr"]:
                raise refuse(
                    400,
                    "Changing the IP of a VIP is not allowed. If a new preferred IP is needed, please recreate the VIP",
                )


def _subnet(prefix: Json | None) -> Range | None:
    if prefix is None:
        return None
    network = ipaddress.ip_network(f"{prefix['ip_addr']['addr']}/{prefix['mask']}", strict=False)
    return int(network.network_address), int(network.broadcast_address)


def _ranges(network: Record, version: int, within: Range | None) -> Iterator[Range]:
    for subnet in network.data.get("configured_subnets", ()):
        if ipaddress.ip_address(subnet["prefix"]["ip_addr"]["addr"]).version != version:
            continue
        given = [item["range"] for item in subnet.get("static_ip_ranges", ()) if item.get("type") in _VIP_RANGES]
        for item in [*given, *subnet.get("static_ranges", ())]:
            low, high = (int(ipaddress.ip_address(item[end]["addr"])) for end in ("begin", "end"))
            if within is not None:
                low, high = max(low, within[0]), min(high, within[1])
            if low <= high:
                yield low, high


def _discover(vip: Json, network: Record) -> None:
    prefixes = [subnet["prefix"] for subnet in network.data.get("configured_subnets", ())]
    subnets: Json = {}
    for prefix in prefixes:
        field = "subnet" if prefix["ip_addr"]["type"] == "V4" else "subnet6"
        subnets.setdefault(field, []).append(prefix)
    vip["discovered_networks"] = [{"network_ref": f"\x01network/{network.uuid}", **subnets}]
