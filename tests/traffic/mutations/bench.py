"""A data plane over objects that can be changed at once, with stand-ins for all servers, and somebody who asks."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType

import msgspec
import trustme

from ako.sim import SimulatorOptions
from ako.sim.controller import Controller
from ako.sim.data_plane import DataPlane
from ako.sim.schema import load_schema
from ako.sim.store import Record
from ako.testing.echo import Echo, EchoServers
from tests.traffic.asking import Answer, Asked
from tests.traffic.conversing import converse
from tests.traffic.mutations.changes import Pair
from tests.traffic.mutations.tracing import Tracer, traced
from tests.traffic.stage import SERVER_NAME, speaking, with_authority
from tests.traffic.stage import Controller as Objects
from tests.traffic.visitor import Listening, vips_of

PATIENCE = 3.0
"""Seconds without an answer, after which a client of a wrong object gives up; a right one answers in milliseconds."""
NEVER = 86_400.0
_EC = trustme.KeyType.ECDSA


class Bench:
    """Holds a state, lets it be wrong for a while, and asks."""

    def __init__(self) -> None:
        self.authority = trustme.CA(key_type=_EC)
        self._others = trustme.CA(key_type=_EC)
        stranger = self._others.issue_cert("stranger.example", key_type=_EC)
        chain = "".join(blob.bytes().decode() for blob in stranger.cert_chain_pems[:1])
        self.stranger = Pair(chain, stranger.private_key_pem.bytes().decode())
        self.controller = Controller(load_schema(), SimulatorOptions(version="30.2.1"))
        self.tracer = Tracer()
        self._open = ExitStack()
        self._speaks: dict[str, str] = {}
        self._sources: dict[str, str] = {}

    def __enter__(self) -> Bench:
        # Whatever the monitor would find out is found out by calling, at the moment that a question chooses.
        self.plane = DataPlane(monitor_seconds=NEVER)
        self._open.callback(self.plane.stop)
        self._echoes = self._open.enter_context(EchoServers())
        self._impostors = self._open.enter_context(EchoServers())
        self.plane.serve(self.controller.store)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    # ---- what is held --------------------------------------------------------------------------------------------

    def hold(self, objects: Objects) -> None:
        """Hold the objects of a Controller, with stand-ins for their servers."""
        objects = _without_copies(with_authority(objects, self.authority))
        self.controller.take_over({kind: [dict(one) for one in listed] for kind, listed in objects.items()})
        self.records: Sequence[Record] = self.controller.store.records()
        self._echoes.remove(*self._speaks)
        self._impostors.remove(*(server for server, speaks in self._speaks.items() if speaks == "TLS"))
        self._speaks = dict(speaking(objects))
        self._echoes.add(*(self._echo(server, self.authority) for server in self._speaks))
        self._impostors.add(*(self._echo(server, self._others) for server in self.servers_over_tls()))
        self.start_afresh()
        self._first_listeners = self.listeners()

    def watch(self) -> None:
        """Have the tracer told what is read of the objects."""
        self._put(replace(one, data=traced(one.data, self.tracer, (one.uuid, ()))) for one in self.records)

    def unwatch(self) -> None:
        """Hold the objects again that tell nobody."""
        self._put(self.records)

    @contextmanager
    def wrong(self, changed: Mapping[str, Record | None]) -> Iterator[None]:
        """Let objects be others for a while."""
        store = self.controller.store
        before = {one.uuid: one for one in self.records}
        with store.lock:
            for uuid, record in changed.items():
                if record is None:
                    store.remove(before[uuid])
            self._put(_stamped(one, store.next_stamp()) for one in changed.values() if one is not None)
        try:
            yield
        finally:
            with store.lock:
                if None in changed.values():  # they have an order, by age
                    for record in store.records():
                        store.remove(record)
                    self._put(self.records)
                else:
                    self._put(before[uuid] for uuid in changed)

    def _put(self, records: Iterable[Record]) -> None:
        store = self.controller.store
        with store.lock:
            for record in records:
                store.put(record)

    # ---- the servers ---------------------------------------------------------------------------------------------

    def servers(self) -> list[str]:
        """Name all servers."""
        return list(self._speaks)

    def servers_over_tls(self) -> list[str]:
        """Name the servers that are called over TLS."""
        return [server for server, speaks in self._speaks.items() if speaks == "TLS"]

    @contextmanager
    def gone(self, servers: Iterable[str]) -> Iterator[None]:
        """Let nobody answer at some servers."""
        self.plane.name_servers(dict.fromkeys(set(servers) & self._speaks.keys()))
        try:
            yield
        finally:
            self.start_afresh()

    @contextmanager
    def impostors(self) -> Iterator[None]:
        """Let others answer over TLS in the place of the servers: with certificates of an authority of their own."""
        self.plane.name_servers(dict(self._impostors.addresses))
        try:
            yield
        finally:
            self.start_afresh()

    def start_afresh(self) -> None:
        """Forget whose turn it is, who is down, and who was where."""
        self.plane.name_servers(dict(self._echoes.addresses))
        self.forget()

    def forget(self) -> None:
        """Forget whose turn it is, who was found to be down, and who was where."""
        self.plane.serve(self.controller.store)

    def _echo(self, server: str, authority: trustme.CA) -> Echo:
        speaks = self._speaks[server]
        if speaks in {"UDP", "TCP"}:
            return Echo(server, protocol="UDP" if speaks == "UDP" else "TCP")
        if speaks == "HTTP":
            return Echo(server)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(SERVER_NAME, key_type=_EC).configure_cert(context)
        return Echo(server, tls=context)

    def let_it_read(self) -> None:
        """Wait until the data plane has read what was sent before: it looks at its sockets between two such calls."""
        for _ in range(3):
            self.plane.name_servers({})

    # ---- the clients ---------------------------------------------------------------------------------------------

    def listeners(self) -> list[Listening]:
        """Give who listens."""
        return msgspec.convert(self.plane.listeners(), list[Listening])

    def place(self, asked: Asked) -> Listening | Answer:
        """Give who listens for a request, or what its client gets where nobody does."""
        listeners = self.listeners()
        vips = vips_of(asked.to, listeners)
        if not vips:
            return Answer(unknown_host=True)
        wanted = ("UDP" if asked.scheme == "udp" else "TCP", asked.asked_port)
        found = [one for one in listeners if one.vip in vips and (one.protocol, one.port) == wanted]
        return found[0] if found else Answer(closed=True, why=f"nobody listens on {wanted}")

    def other_names(self, known: Set[str], asked: Asked) -> list[str]:
        """Give the names of the address that a request goes to which the state had, and which are not known."""
        vips = vips_of(asked.to, self._first_listeners)
        names = {name for one in self._first_listeners if one.vip in vips for name in one.names}
        return sorted(names - known)

    def ask(self, asked: Asked) -> Answer:
        """Ask once; like `Visitor.ask`."""
        place = self.place(asked)
        if isinstance(place, Answer):
            return place
        if asked.client and asked.client not in self._sources:
            self._sources[asked.client] = self.plane.source_for(asked.client)
        source = self._sources.get(asked.client, "")
        patient = replace(asked, may_be_silent=asked.scheme == "udp")
        return converse(patient, (place.address, place.listening_port), source, PATIENCE)


def _without_copies(objects: Objects) -> Objects:
    """Leave out the end of a range of ports where it is the port: the Controller fills that in, of the port itself."""
    changed = [
        {
            **service,
            "services": [
                {name: value for name, value in one.items() if name != "port_range_end" or value != one["port"]}
                for one in service.get("services", ())
            ],
        }
        for service in objects.get("virtualservice", ())
    ]
    return {**objects, "virtualservice": changed}


def _stamped(record: Record, stamp: str) -> Record:
    return replace(record, data={**record.data, "_last_modified": stamp})
