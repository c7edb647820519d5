"""A simulator that forwards, with a stand-in for each server of its pools, and somebody who asks."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any

import requests
import trustme

from ako.sim import Simulator, SimulatorOptions
from ako.testing.echo import Echo, EchoServers
from tests.traffic.asking import Answer, Asked
from tests.traffic.reading import Thing, spec
from tests.traffic.visitor import Visitor
from tests.waiting import PATIENCE

Controller = Mapping[str, Sequence[Mapping[str, Any]]]
"""Objects of a Controller by their types."""

L4_SCRIPT = "VS_DATASCRIPT_EVT_L4_REQUEST"
SERVER_NAME = "any.server.example"


class TrafficStage:
    """Asks through the objects that a simulator holds, or is given; entered, it serves.

    Servers over TLS show a certificate of `authority`, whatever they are asked for.
    """

    def __init__(self, simulator: Simulator | None = None) -> None:
        self.simulator = simulator or Simulator(SimulatorOptions(data_plane=True, version="30.2.1"))
        self.authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(SERVER_NAME, key_type=trustme.KeyType.ECDSA).configure_cert(self._tls)
        self._servers: dict[str, str] = {}
        self._open = ExitStack()
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> TrafficStage:
        self._open.enter_context(self.simulator)
        self.echoes = self._open.enter_context(EchoServers())
        self.visitor = self._open.enter_context(Visitor(self.simulator.url))
        self._open.enter_context(self._http)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def hold(self, controller: Controller) -> None:
        """Hold the objects of another Controller instead, with stand-ins for their servers."""
        self._control("PUT", "state", controller)
        self.stand_in()

    def reset(self) -> None:
        """Have the Controller start afresh."""
        self._control("POST", "reset")

    def held(self) -> Controller:
        """Give all objects that the simulator holds, private keys included."""
        found: Controller = self._control("GET", "state").json()
        return found

    def stand_in(self, *, gone: Iterable[str] = ()) -> None:
        """Stand in for all servers that pools name now; `gone` are left out: nobody answers there."""
        wanted = dict(speaking(self.held()))
        for server in [server for server, speaks in self._servers.items() if wanted.get(server, speaks) != speaks]:
            self._leave(server)
        for server in set(gone) & self._servers.keys():
            self._leave(server)
        new = {server: speaks for server, speaks in wanted.items() if server not in {*self._servers, *gone}}
        self.echoes.add(*(self._echo(server, speaks) for server, speaks in new.items()))
        self._servers |= new
        self._control("PUT", "servers", self.echoes.addresses)

    def ask(self, asked: Asked) -> Answer:
        """Ask once."""
        return self.visitor.ask(asked)

    def traffic(self, since: int = 0) -> list[dict[str, Any]]:
        """Give what the data plane says of the requests since one."""
        rows: list[dict[str, Any]] = self._control("GET", f"traffic?since={since}").json()["traffic"]
        return rows

    def _leave(self, server: str) -> None:
        self.echoes.remove(server)
        del self._servers[server]
        self._control("PUT", "servers", {server: None})

    def _echo(self, server: str, speaks: str) -> Echo:
        if speaks == "UDP":
            return Echo(server, protocol="UDP")
        if speaks == "TCP":
            return Echo(server, protocol="TCP")
        return Echo(server, tls=self._tls if speaks == "TLS" else None)

    def _control(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = self._http.request(method, f"{self.simulator.url}/_sim/{path}", json=body, timeout=PATIENCE)
        assert answer.ok, (path, answer.text)
        return answer


def speaking(controller: Controller) -> Iterator[tuple[str, str]]:
    """Give each server of the pools with what it has to speak: HTTP, TLS (HTTP over it), TCP or UDP."""
    l4 = dict(_l4_pools(controller))
    for pool in controller.get("pool", ()):
        speaks = "TLS" if "ssl_profile_ref" in pool else l4.get(pool["uuid"], "HTTP")
        for server in pool.get("servers", ()):
            yield f"{server['ip']['addr']}:{server.get('port') or pool.get('default_server_port')}", speaks


def _l4_pools(controller: Controller) -> Iterator[tuple[str, str]]:
    """Give the pools of layer 4 by their uuids: those behind rules, and those that a script picks by server name."""
    groups = {item["uuid"]: item for item in controller.get("poolgroup", ())}
    for policy in controller.get("l4policyset", ()):
        for rule in policy.get("l4_connection_policy", {}).get("rules", ()):
            protocol = rule.get("match", {}).get("protocol", {}).get("protocol", "PROTOCOL_TCP")
            chosen = rule["action"]["select_pool"].get("pool_ref")
            if chosen:
                yield _uuid(chosen), protocol.removeprefix("PROTOCOL_")
    for scripts in controller.get("vsdatascriptset", ()):
        if any(script["evt"] == L4_SCRIPT for script in scripts.get("datascript", ())):
            for group in scripts.get("pool_group_refs", ()):
                for member in groups[_uuid(group)].get("members", ()):
                    yield _uuid(member["pool_ref"]), "TLS"


def with_authority(controller: Controller, authority: trustme.CA) -> Controller:
    """Give the objects with our authority in all PKI profiles: of theirs nobody has a key to make servers with."""
    pem = authority.cert_pem.bytes().decode()
    changed = [
        {**profile, "ca_certs": [{**one, "certificate": pem} for one in profile.get("ca_certs", ())]}
        for profile in controller.get("pkiprofile", ())
    ]
    return {**controller, "pkiprofile": changed}


def with_destination(cluster: Iterable[Thing], authority: trustme.CA) -> list[Thing]:
    """Give the objects with our authority as the destination CA of all Routes that name one."""
    pem = authority.cert_pem.bytes().decode()
    return [_trusting(thing, pem) if thing["kind"] == "Route" else thing for thing in cluster]


def _trusting(route: Thing, pem: str) -> Thing:
    tls = spec(route).get("tls") or {}
    if not tls.get("destinationCACertificate"):
        return route
    return {**route, "spec": {**spec(route), "tls": {**tls, "destinationCACertificate": pem}}}


def at_address(asked: Asked, address: str) -> Asked:
    """Ask the same at an address, whatever DNS says; the name stays in the Host header and in the client hello."""
    headers = asked.headers if any(name.lower() == "host" for name, _ in asked.headers) else (
        ("Host", asked.to), *asked.headers
    )  # fmt: skip
    return replace(asked, to=address, headers=headers, sni=asked.to if asked.sni is None else asked.sni)


def _uuid(reference: str) -> str:
    return reference.partition("#")[0].rpartition("/")[2]
