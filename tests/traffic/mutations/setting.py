"""What surrounds a mutation in its state: whether a reason why nobody noticed it is true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from ako.sim.store import MARK, Json, Record
from tests.traffic.asking import Asked
from tests.traffic.mutations.changes import Mutation
from tests.traffic.mutations.exclusive import exclude
from tests.traffic.promise import Expected
from tests.traffic.visitor import Listening, vips_of

Asking = Sequence[tuple[Asked, Expected]]


class Setting:
    """The objects of a state as they are right, and what is asked of them."""

    def __init__(self, records: Iterable[Record], listeners: Sequence[Listening], asking: Asking) -> None:
        self._records: Mapping[str, Record] = {one.uuid: one for one in records}
        self._served = {(one.virtualservice, one.port) for one in _served(listeners, asking)}
        by_servers = [(asked, expected) for asked, expected in asking if expected.servers]
        self._fed = {(one.virtualservice, one.port) for one in _served(listeners, by_servers)}

    def _pair(self, mutation: Mutation) -> tuple[Record, Record | None]:
        """Give the object that a mutation is about, as it is right and as it is wrong."""
        uuid = next(
            uuid
            for uuid in mutation.changed
            if (self._records[uuid].kind, self._records[uuid].name) == (mutation.kind, mutation.name)
        )
        return self._records[uuid], mutation.changed[uuid]

    def _users(self, uuid: str, kind: str) -> list[Record]:
        return [one for one in self._records.values() if one.kind == kind and uuid in one.targets]

    def _follow(self, reference: Any) -> Record | None:
        if not isinstance(reference, str) or not reference.startswith(MARK):
            return None
        return self._records.get(reference.rpartition("/")[2])

    # ---- virtual services ----------------------------------------------------------------------------------------

    def is_silent(self, mutation: Mutation) -> bool:
        """Say whether nobody is served at the virtual services that an object belongs to, at the ports in question."""
        right, wrong = self._pair(mutation)
        if right.kind == "virtualservice" and mutation.path.startswith("vs_datascripts"):
            return not any((right.name, port) in self._fed for port in _plain_ports(right.data))
        if right.kind == "virtualservice":
            ports = _ports(right.data) if not mutation.path.startswith("services") else _ports_that_differ(right, wrong)
            return not any((right.name, port) in self._served for port in ports)
        services = self._users(right.uuid, "virtualservice")
        if right.kind == "vsvip":
            return not any((one.name, port) in self._served for one in services for port in _ports(one.data))
        for scripts in self._users(right.uuid, "vsdatascriptset"):
            services += self._users(scripts.uuid, "virtualservice")
        if not services or any(one.data.get("type") == "VS_TYPE_VH_CHILD" for one in services):
            return False
        # Of a parent, what plain HTTP is for; whoever uses TLS is served by its child.
        # Scripts choose servers; who is redirected is so by a rule.
        served = self._fed if right.kind in {"vsdatascriptset", "poolgroup"} else self._served
        return not any((one.name, port) in served for one in services for port in _plain_ports(one.data))

    def has_children(self, mutation: Mutation) -> bool:
        """Say whether a virtual service has children."""
        users = self._users(self._pair(mutation)[0].uuid, "virtualservice")
        return bool(users)

    def turns_to_udp(self, mutation: Mutation) -> bool:
        """Say whether a virtual service would be one of UDP, or would not be one any more."""
        return len({self._protocol(one) for one in self._pair(mutation) if one is not None}) > 1

    def _protocol(self, service: Record) -> bool:
        if service.data.get("type") == "VS_TYPE_VH_CHILD":
            return False
        profile = self._follow(service.data.get("network_profile_ref"))
        return "UDP" in str(profile.data.get("profile", {}).get("type", "")) if profile else False

    def is_udp(self, mutation: Mutation) -> bool:
        """Say whether a virtual service is one of UDP, and stays one."""
        return all(one is not None and self._protocol(one) for one in self._pair(mutation))

    def keeps_forwarding(self, mutation: Mutation) -> bool:
        """Say whether another application profile does the same: with X-Forwarded-For, and as to whether it is HTTP."""
        found = {self._forwarding(one) for one in self._pair(mutation) if one is not None}
        return len(found) == 1

    def _forwarding(self, service: Record) -> tuple[Any, ...]:
        profile = self._follow(service.data.get("application_profile_ref"))
        data = profile.data if profile else {}
        http = data.get("http_profile", {})
        is_child = service.data.get("type") == "VS_TYPE_VH_CHILD"
        if not is_child and data.get("type") != "APPLICATION_PROFILE_TYPE_HTTP":
            return ("nothing above TCP",)
        header = http.get("xff_alternate_name") or "X-Forwarded-For"
        return http.get("xff_enabled", True), header, http.get("xff_update", "REPLACE_XFF_HEADERS")

    # ---- rules ---------------------------------------------------------------------------------------------------

    def was(self, mutation: Mutation, *, value: Any) -> bool:
        """Say whether a value was this one wherever it differs now."""
        right, wrong = self._pair(mutation)
        return wrong is not None and all(one == value for one in _lost(right.data, wrong.data))

    def chooses_the_same_by_port(self, mutation: Mutation) -> bool:
        """Say whether the rules of layer 4 choose the same pools at all ports of their virtual services."""
        right, wrong = self._pair(mutation)
        places = [
            (port, "UDP" if self._protocol(one) else "TCP")
            for one in self._users(right.uuid, "virtualservice")
            for port in _ports(one.data)
        ]
        return wrong is not None and all(_by_port(right.data, place) == _by_port(wrong.data, place) for place in places)

    def names_all_ports(self, mutation: Mutation) -> bool:
        """Say whether the ports of a match that is gone are all those of its virtual services."""
        right, wrong = self._pair(mutation)
        used: set[int] = set()
        for one in self._users(right.uuid, "virtualservice"):
            parent = self._follow(one.data.get("vh_parent_vs_ref"))
            has_children = one.data.get("type") == "VS_TYPE_VH_PARENT"
            used |= _plain_ports(one.data) if has_children else _ports((parent or one).data)
        lost = _lost(right.data, wrong.data) if wrong else []
        return all(one["match_criteria"] == "IS_IN" and used <= set(one["ports"]) for one in lost)

    def has_same_networks(self, mutation: Mutation) -> bool:
        """Say whether rules are for the same clients as before."""
        right, wrong = self._pair(mutation)
        return wrong is not None and _networks(right.data) == _networks(wrong.data)

    # ---- order ---------------------------------------------------------------------------------------------------

    def keeps_order(self, mutation: Mutation) -> bool:
        """Say whether entries are asked in the same order as before."""
        right, wrong = self._pair(mutation)
        return wrong is not None and all(
            _ordered(one) == _ordered(other) for one, other in _lists(right, wrong, mutation.path)
        )

    def swaps_exclusive_rules(self, mutation: Mutation) -> bool:
        """Say whether all rules that changed places with each other exclude each other."""
        right, wrong = self._pair(mutation)
        if wrong is None:
            return False
        for one, other in _lists(right, wrong, mutation.path):
            before, after = _ordered(one), _ordered(other)
            names = [rule["name"] for rule in before]
            moved = [
                (first, second)
                for place, first in enumerate(before)
                for second in before[place + 1 :]
                if _position(after, first) > _position(after, second)
            ]
            if len(set(names)) != len(names) or not all(exclude(first, second) for first, second in moved):
                return False
        return True

    # ---- pools ---------------------------------------------------------------------------------------------------

    def is_chosen_by_name(self, mutation: Mutation) -> bool:
        """Say whether a script may choose a pool group."""
        return bool(self._users(self._pair(mutation)[0].uuid, "vsdatascriptset"))

    def has_labels(self, mutation: Mutation) -> bool:
        """Say whether any member of a pool group has a label."""
        return any(one.get("priority_label") for one in self._pair(mutation)[0].data.get("members", ()))

    def has_label(self, end: str) -> bool:
        """Say whether any label ends so."""
        groups = [one for one in self._records.values() if one.kind == "poolgroup"]
        return any(_label(member).endswith(end) for group in groups for member in group.data.get("members", ()))

    def has_bare_labels_alone(self, mutation: Mutation) -> bool:
        """Say whether all labels that a script may look up are names of hosts, or their root paths."""
        right, _ = self._pair(mutation)
        groups = [self._follow(reference) for reference in right.data.get("pool_group_refs", ())]
        members = [member for group in groups if group for member in group.data.get("members", ())]
        return bool(members) and not any(_label(one).partition("/")[2] for one in members)

    def has_servers(self, mutation: Mutation) -> bool:
        """Say whether a pool has servers."""
        return bool(self._pair(mutation)[0].data.get("servers"))

    def is_of_empty_pools(self, mutation: Mutation) -> bool:
        """Say whether all members of a group that are changed have pools without servers."""
        right, wrong = self._pair(mutation)
        if right.kind != "poolgroup" or wrong is None:
            return False
        lost = [one for one in right.data["members"] if one not in wrong.data.get("members", [])]
        return bool(lost) and not any(self._has_servers(one) for one in lost)

    def has_twins(self, mutation: Mutation) -> bool:
        """Say whether other pools, with the same servers, are chosen by the same label, or where it was changed to."""
        right, wrong = self._pair(mutation)
        if right.kind == "pool":
            groups = self._users(right.uuid, "poolgroup")
            return bool(groups) and all(self._is_doubled(group, right) for group in groups)
        if right.kind == "poolgroup" and wrong is not None and not mutation.path.endswith("pool_ref"):
            lost = [one for one in right.data["members"] if one not in wrong.data.get("members", [])]
            pools = [self._follow(one["pool_ref"]) for one in lost]
            return bool(pools) and all(pool is not None and self._is_doubled(right, pool) for pool in pools)
        if wrong is None:
            return False
        before, after = _references(right.data), _references(wrong.data)
        changed = [(one, other) for one, other in zip(before, after, strict=False) if one != other]
        return bool(changed) and all(self._servers_at(one) == self._servers_at(other) for one, other in changed)

    def _is_doubled(self, group: Record, pool: Record) -> bool:
        members = group.data["members"]
        labels = {_label(one) for one in members if self._follow(one["pool_ref"]) is pool}
        beside = [
            self._follow(one["pool_ref"])
            for one in members
            if _label(one) in labels and self._follow(one["pool_ref"]) is not pool
        ]
        return bool(beside) and all(other is not None and _servers(other) == _servers(pool) for other in beside)

    def _servers_at(self, reference: Any) -> Any:
        """Give the servers behind a pool, or behind all members of a group."""
        found = self._follow(reference)
        if found is None:
            return None
        if found.kind == "pool":
            return _servers(found)
        pools = [self._follow(one["pool_ref"]) for one in found.data.get("members", ())]
        return frozenset().union(*(_servers(pool) for pool in pools if pool is not None))

    def is_root(self, mutation: Mutation) -> bool:
        """Say whether a rule that is changed is for the path that is a slash alone."""
        right, wrong = self._pair(mutation)
        rules = zip(_rules(right), _rules(wrong), strict=False) if wrong else ()
        changed = [one for one, other in rules if one != other]
        return bool(changed) and all(one["match"]["path"]["match_str"] == ["/"] for one in changed)

    def is_alone(self, mutation: Mutation) -> bool:
        """Say whether a member of a group, or a server of a pool, has nobody beside it."""
        right, wrong = self._pair(mutation)
        if wrong is None:
            return False
        name = mutation.path.partition("[")[0]
        pairs = zip(right.data[name], wrong.data[name], strict=True)
        other = next(one for one, changed in pairs if one != changed)
        beside = [one for one in right.data[name] if _label(one) == _label(other) and one is not other]
        return not any(name == "servers" or self._has_servers(one) for one in beside)

    def _has_servers(self, member: Json) -> bool:
        pool = self._follow(member.get("pool_ref"))
        return bool(pool and pool.data.get("servers"))

    def calls_over_tls(self, mutation: Mutation) -> bool:
        """Say whether the servers of a pool are called over TLS."""
        return "ssl_profile_ref" in self._pair(mutation)[0].data

    def shares_group(self, mutation: Mutation) -> bool:
        """Say whether a pool stands beside another one that has servers, with the same label."""
        pool = self._pair(mutation)[0]
        for group in self._users(pool.uuid, "poolgroup"):
            members = group.data["members"]
            its = [one for one in members if self._follow(one["pool_ref"]) is pool]
            beside = [one for one in members for mine in its if _label(one) == _label(mine) and one is not mine]
            if pool.data.get("servers") and any(self._has_servers(one) for one in beside):
                return True
        return False


def _served(listeners: Sequence[Listening], asking: Asking) -> list[Listening]:
    """Give the listeners where some request must be answered by a server or with a redirect."""
    return [
        one
        for asked, expected in asking
        if not expected.is_nobody
        for one in listeners
        if one.port == asked.asked_port and one.vip in vips_of(asked.to, listeners)
    ]


def _ports(service: Json) -> set[int]:
    return {entry["port"] for entry in service.get("services", ()) if "port" in entry}


def _plain_ports(service: Json) -> set[int]:
    """Give the ports without TLS; one of layer 4 that hands TLS on is one of these."""
    return {entry["port"] for entry in service.get("services", ()) if not entry.get("enable_ssl")}


def _ports_that_differ(right: Record, wrong: Record | None) -> set[int]:
    if wrong is None:
        return _ports(right.data)
    left = wrong.data.get("services", [])
    return {one["port"] for one in right.data["services"] if one not in left}


def _lists(right: Record, wrong: Record, path: str) -> list[tuple[list[Json], list[Json]]]:
    """Give the lists whose entries have indexes, before and after."""
    steps = path.split("[]", maxsplit=1)[0].split(".")
    one, other = right.data, wrong.data
    for step in steps[:-1]:
        one, other = one[step], other[step]
    return [(one[steps[-1]], other[steps[-1]])]


def _ordered(entries: list[Json]) -> list[Json]:
    found = sorted(entries, key=lambda one: int(one.get("index", 0)))
    return [{name: value for name, value in one.items() if name != "index"} for one in found]


def _position(entries: list[Json], entry: Json) -> int:
    return entries.index(entry)


def _label(entry: Json) -> str:
    return str(entry.get("priority_label", ""))


def _lost(right: Any, wrong: Any) -> list[Any]:
    """Give the values that are not there any more."""
    if isinstance(right, dict) and isinstance(wrong, dict):
        gone = [value for name, value in right.items() if name not in wrong]
        return gone + [one for name in right.keys() & wrong.keys() for one in _lost(right[name], wrong[name])]
    if isinstance(right, list) and isinstance(wrong, list) and len(right) == len(wrong):
        return [one for pair in zip(right, wrong, strict=True) for one in _lost(*pair)]
    return []


def _by_port(policy: Json, place: tuple[int, str]) -> Any:
    """Give what the first rule of layer 4 for a port and protocol does."""
    port, protocol = place
    rules = policy.get("l4_connection_policy", {}).get("rules", [])
    for rule in sorted(rules, key=lambda one: int(one.get("index", 0))):
        match = rule.get("match", {})
        if "client_ip" in match:
            return object()  # not of the port alone
        ports = match.get("port", {"ports": [port]})
        wanted = match.get("protocol", {}).get("protocol", f"PROTOCOL_{protocol}")
        if port in ports.get("ports", []) and wanted == f"PROTOCOL_{protocol}":
            return rule.get("action")
    return None


def _networks(policy: Json) -> list[Any]:
    try:
        return [
            [
                ip_network(f"{one['ip_addr']['addr']}/{one['mask']}", strict=False)
                for one in rule["match"]["client_ip"]["prefixes"]
            ]
            for rule in policy.get("rules", ())
        ]
    except (KeyError, ValueError):
        return [object()]


def _servers(pool: Record) -> frozenset[tuple[str, int, bool]]:
    """Give the servers of a pool, with whether they are called over TLS."""
    return frozenset(
        (one["ip"]["addr"], one.get("port", 0), "ssl_profile_ref" in pool.data) for one in pool.data.get("servers", ())
    )


def _references(value: Any) -> list[str]:
    """Give all references in a value, in order."""
    if isinstance(value, dict):
        return [one for part in value.values() for one in _references(part)]
    if isinstance(value, list):
        return [one for part in value for one in _references(part)]
    return [value] if isinstance(value, str) and value.startswith(MARK) else []


def _rules(policy: Record) -> list[Json]:
    found: list[Json] = policy.data.get("http_request_policy", {}).get("rules", [])
    return found
