"""Objects for tables of decisions: put into a store as they are, without an API."""

from __future__ import annotations

from typing import Any

from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.objects import Objects
from ako.sim.store import Record, Store, mark

CAME = Came("203.0.113.7", "10.0.0.1", 80)


class Stock:
    """A store that anything can be put into."""

    def __init__(self) -> None:
        self.store = Store()
        self.objects = Objects(self.store)

    def put(self, kind: str, name: str, **fields: Any) -> str:
        """Put an object, or another state of it; give the reference to it."""
        self.store.put(Record(kind, name, name, "admin", "cloud", {"name": name, **fields}))
        return mark(kind, name)

    def get(self, kind: str, name: str) -> Record:
        """Give an object."""
        found = self.store.get(kind, name)
        assert found is not None
        return found

    def pool(self, name: str, *servers: str, **fields: Any) -> str:
        """Put a pool of servers, each written `address:port`."""
        listed = [
            {"ip": {"addr": address, "type": "V4"}, "port": int(port)}
            for address, _, port in (server.rpartition(":") for server in servers)
        ]
        return self.put("pool", name, servers=listed, **fields)


def get(target: str, *headers: tuple[str, str], came: Came = CAME, method: str = "GET", version: str = "1.1") -> Asked:
    """Give a request."""
    path, _, query = target.partition("?")
    return Asked(came, method, path, query, headers or (("Host", "a.com"),), version)
