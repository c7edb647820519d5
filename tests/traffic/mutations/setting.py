"""What surrounds a mutation in its state: whether a reason why nobody noticed it is true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        return not any((one.name, port) in self._served for one in services for port in _plain_ports(one.data))

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

    def keeps_forwarding(self, mutation: Mutation) -> bool:
        """Say whether another application profile does the same with X-Forwarded-For, and is one of HTTP if it counts."""
        found = {self._forwarding(one) for one in self._pair(mutation) if one is not None}
        return len(found) == 1

    def _forwarding(self, service: Record) -> tuple[Any, ...]:
        profile = self._follow(service.data.get("application_profile_ref"))
        data = profile.data if profile else {}
        http = data.get("http_profile", {})
        is_child = service.data.get("type") == "VS_TYPE_VH_CHILD"
        kind = "" if is_child else data.get("type", "")
        header = http.get("xff_alternate_name") or "X-Forwarded-For"
        return kind, http.get("xff_enabled", True), header, http.get("xff_update", "REPLACE_XFF_HEADERS")

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
    steps = path.split("[]")[0].split(".")
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
