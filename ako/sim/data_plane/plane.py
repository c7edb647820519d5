"""The data plane as one thing: an event loop in a thread, and the sockets of all virtual services."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.calling import Exchange, closed
from ako.sim.data_plane.datagram_wire import DatagramWire
from ako.sim.data_plane.handshake import begun
from ako.sim.data_plane.http_wire import HttpWire
from ako.sim.data_plane.listening import Place, bound, places
from ako.sim.data_plane.loopback import Loopback
from ako.sim.data_plane.monitor import watch_servers
from ako.sim.data_plane.network_security import turns_away
from ako.sim.data_plane.objects import Objects
from ako.sim.data_plane.stream_wire import serve_stream
from ako.sim.data_plane.traffic_log import TrafficLog
from ako.sim.store import Json, Record, Store
from ako.testing.defects import tell

T = TypeVar("T")
_PAUSE = 0.1
"""Seconds to wait where the system gives no more sockets."""

Key = tuple[str, int, str]
"""Address, port and protocol of a place: what there can be one socket for."""

_MOVES_PLACES = frozenset({"virtualservice", "vsvip", "applicationprofile", "networkprofile"})
"""Types of objects that say where virtual services listen."""


@dataclass(slots=True)
class _Open:
    """A socket that listens for a place; for whom it does can change while it is open."""

    place: Place
    socket: socket.socket
    address: str
    port: int
    datagrams: asyncio.DatagramTransport | None = None


class DataPlane:
    """Forwards what clients send to the virtual services of a store.

    Args:
        calls_servers: call a server at its own address where no stand-in was named for it.
        monitor_seconds: time between two looks at the servers.
    """

    def __init__(self, *, calls_servers: bool = False, monitor_seconds: float = 1.0) -> None:
        self.log = TrafficLog()
        self._monitor_seconds = monitor_seconds
        self._loopback = Loopback()
        self._exchange = Exchange(Objects(Store()), calls_servers=calls_servers)
        self._open: dict[Key, _Open] = {}
        self._turn = asyncio.Lock()
        self._busy: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._is_waking = False
        self._is_watching = self._is_closed = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="data plane", daemon=True)
        self._thread.start()

    def serve(self, store: Store) -> None:
        """Forward for the objects of a store from now on."""
        store.watcher = self.changed  # before anything is read: what is written meanwhile is seen afterwards
        self._done(self._serve(store))

    def changed(self, kind: str) -> None:
        """Hear that an object of a type was written: soon after it, everybody listens where the objects say."""
        if kind in _MOVES_PLACES and not self._is_waking:
            self._is_waking = True
            with contextlib.suppress(RuntimeError):  # it has been stopped meanwhile
                self._loop.call_soon_threadsafe(self._wake)

    def listeners(self) -> list[Json]:
        """Give where virtual services listen, by all that was written before."""
        return self._done(self._listed())

    def name_servers(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """Note where stand-ins of servers listen (None takes one away), and give all of them."""

        async def named() -> dict[str, str]:
            self._exchange.name(changes)
            return self._exchange.stand_ins

        return self._done(named())

    def source_for(self, client: str) -> str:
        """Give the loopback address to come from for whoever is to be taken for a client at an address."""

        async def found() -> str:
            return self._loopback.standing_for(client)

        return self._done(found())

    def stop(self) -> None:
        """Close everything."""
        self._done(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        future: concurrent.futures.Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()

    # ---- in the loop ---------------------------------------------------------------------------------------------

    async def _serve(self, store: Store) -> None:
        self._exchange.serve(Objects(store))
        if not self._is_watching:
            self._is_watching = True
            self._kept(asyncio.create_task(watch_servers(self._exchange, self._monitor_seconds)))
        await self._reconcile()

    def _wake(self) -> None:
        self._is_waking = False
        if self._is_closed:
            return
        self._kept(asyncio.create_task(self._reconcile()))

    def _kept(self, task: asyncio.Task[None]) -> None:
        """Hold a task until it has ended: the loop itself does not."""
        self._busy.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        if not task.cancelled() and (defect := task.exception()) is not None:
            tell(defect)

    async def _listed(self) -> list[Json]:
        await self._reconcile()
        rows = []
        for opened in self._open.values():
            service = self._exchange.objects.virtual_service(opened.place.service)
            if service is not None:
                rows.append(_row(opened, service, self._exchange.objects.names(service)))
        return rows

    async def _reconcile(self) -> None:
        """Listen where the objects say, and nowhere else."""
        async with self._turn:
            with self._exchange.objects.lock:
                wanted = {_key(place): place for place in places(self._exchange.objects)}
            for key in self._open.keys() - wanted.keys():
                self._shut(self._open.pop(key))
            for key, place in wanted.items():
                if key in self._open:
                    # Another virtual service, or another way to speak, on the same socket: nobody is turned away.
                    self._open[key].place = place
                else:
                    self._open[key] = await self._listen(place)

    async def _listen(self, place: Place) -> _Open:
        made = bound(place, self._loopback)
        address, port = made.getsockname()[:2]
        opened = _Open(place, made, address, port)
        if place.protocol == "UDP":
            wire = DatagramWire(self._exchange, self.log, self._loopback, lambda: opened.place)
            opened.datagrams, _ = await self._loop.create_datagram_endpoint(lambda: wire, sock=made)
        else:
            self._loop.add_reader(made, self._accept, opened)
        return opened

    def _accept(self, opened: _Open) -> None:
        try:
            accepted, peer = opened.socket.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):  # the client has gone again
            return
        except OSError:  # no file descriptor is left: whoever waits is asked in a moment
            self._loop.remove_reader(opened.socket)
            self._loop.call_later(_PAUSE, self._accept_again, opened)
            return
        accepted.settimeout(0)
        place = opened.place
        came = Came(self._loopback.meant_by(peer[0]), place.vip, place.port, is_tls=place.is_tls)
        self._kept(asyncio.create_task(self._connection(place, accepted, came)))

    def _accept_again(self, opened: _Open) -> None:
        if opened.socket.fileno() >= 0:
            self._loop.add_reader(opened.socket, self._accept, opened)

    def _shut(self, opened: _Open) -> None:
        if opened.datagrams is not None:
            opened.datagrams.close()
        else:
            self._loop.remove_reader(opened.socket)
            opened.socket.close()

    async def _connection(self, place: Place, accepted: socket.socket, came: Came) -> None:
        service = self._exchange.objects.virtual_service(place.service)
        if service is None or self._turns_away(service, came):
            accepted.close()
            return
        try:
            client, came, uuid = await begun(self._exchange, accepted, came, service)
        except OSError:  # also ssl.SSLError
            self._note(service, came, "TLS failed")
            return
        try:
            if place.is_http:
                await HttpWire(self._exchange, self.log, came, client).serve(uuid)
            else:
                await serve_stream(self._exchange, self.log, came, service, client)
        except (OSError, EOFError):
            client[1].transport.abort()  # it has gone
        except BaseException:  # stopped, or a defect: nobody is left waiting, and whoever reads tasks is told
            client[1].transport.abort()
            raise
        finally:
            await closed(client[1])

    def _turns_away(self, service: Record, came: Came) -> bool:
        why = turns_away(self._exchange.objects, service, came)
        if why is not None:
            self._note(service, came, why)
        return why is not None

    def _note(self, service: Record, came: Came, why: str) -> None:
        self.log.add(virtualservice=service.name, client=came.client, port=came.port, rule=[why],
                     pool=None, server=None, status=0)  # fmt: skip

    async def _close(self) -> None:
        self._is_closed = True
        for opened in self._open.values():
            self._shut(opened)
        self._open.clear()
        await asyncio.sleep(0)  # a connection that has not begun would leave its socket open
        while tasks := list(self._busy):  # one that reconciles may have begun another
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)  # they are taken out of the set
        await self._loop.shutdown_default_executor()


def _key(place: Place) -> Key:
    return place.vip, place.port, place.protocol


def _row(opened: _Open, service: Record, names: list[str]) -> Json:
    return {
        "virtualservice": service.name,
        "vip": opened.place.vip,
        "port": opened.place.port,
        "protocol": opened.place.protocol,
        "address": opened.address,
        "listening_port": opened.port,
        "names": names,
    }
