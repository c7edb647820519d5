"""HTTP/1.1 between clients and servers, and what is tunnelled after an upgrade; `h11` speaks it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import replace

import h11
from h11._headers import Headers

from ako.sim.data_plane.asked import Asked, Came, Header
from ako.sim.data_plane.calling import Exchange, Reached, Streams, closed, tunnel, written
from ako.sim.data_plane.deciding import decide
from ako.sim.data_plane.dialect import NO_POOL, NO_SERVER, is_asked_again
from ako.sim.data_plane.outcomes import Balance, Close, Decided, Respond
from ako.sim.data_plane.policies import judge_response
from ako.sim.data_plane.traffic_log import TrafficLog
from ako.sim.store import Record

_CHUNK = 65536
_MAX_BODY = 64 << 20
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer"})
_REASONS = {404: b"Not Found", 500: b"Internal Error", 501: b"Not Implemented", 503: b"Service Unavailable"}


class LostError(Exception):
    """The client, or the server in the middle of its answer, has left."""


class HttpWire:
    """One connection of a client: request after request, each as the objects are when it comes."""

    def __init__(self, exchange: Exchange, log: TrafficLog, came: Came, client: Streams) -> None:
        self._exchange = exchange
        self._log = log
        self._came = came
        self._reader, self._writer = client
        self._client = h11.Connection(h11.SERVER)

    async def serve(self, service: str) -> None:
        """Answer requests at a virtual service, by its uuid, until the client or the virtual service has gone."""
        while await self._one(service):
            if self._client.our_state is not h11.DONE or self._client.their_state is not h11.DONE:
                return
            self._client.start_next_cycle()

    async def _one(self, uuid: str) -> bool:
        """Answer one request; give whether another may come."""
        try:
            event = await self._next_event()
            if not isinstance(event, h11.Request):
                return False
            body = await self._body()
        except h11.RemoteProtocolError as wrong:
            if self._client.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._respond(Respond(wrong.error_status_hint))
            return False
        service = self._exchange.objects.virtual_service(uuid)
        if service is None:
            return False
        decided = decide(self._exchange.objects, service, _asked(event, self._came))
        if isinstance(decided.outcome, Close):
            self._note(service, decided, 0)
            return False
        if isinstance(decided.outcome, Respond):
            await self._respond(decided.outcome)
            self._note(service, decided, decided.outcome.status)
            return True
        return await self._balanced(service, decided, decided.outcome, body)

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            event = self._client.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._client.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._client.receive_data(await self._reader.read(_CHUNK))

    async def _body(self) -> bytes:
        parts: list[bytes] = []
        while isinstance(event := await self._next_event(), h11.Data):
            parts.append(bytes(event.data))
            if sum(map(len, parts)) > _MAX_BODY:
                raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)
        return b"".join(parts)

    async def _balanced(self, service: Record, decided: Decided, wanted: Balance, body: bytes) -> bool:
        """Let a server answer; give whether another request may come."""
        asked = self._forwarded(service, decided.asked)
        reached = await self._exchange.reach(wanted, self._came.client, asked)
        if reached is None:
            status = NO_SERVER if self._exchange.balancer.has_place(wanted) else NO_POOL
            self._note(service, decided, status)
            await self._respond(Respond(status))
            return True
        try:
            return await self._exchanged(service, replace(decided, asked=asked), reached, body)
        finally:
            await closed(reached.writer)

    async def _exchanged(self, service: Record, decided: Decided, reached: Reached, body: bytes) -> bool:
        server = h11.Connection(h11.CLIENT)
        asked = decided.asked
        request = h11.Request(
            method=asked.method, target=asked.target, headers=_sent(asked.headers, body, is_upgrade=_upgrades(asked))
        )
        try:
            reached.writer.write(server.send(request) or b"")
            reached.writer.write((server.send(h11.Data(data=body)) or b"") if body else b"")
            reached.writer.write(server.send(h11.EndOfMessage()) or b"")
            await reached.writer.drain()
            answer = await _answer(server, reached.reader)
        except (OSError, ssl.SSLError, h11.RemoteProtocolError, LostError):
            if is_asked_again(was_sent=True):  # the choice says no: it may have been carried out
                raise
            self._note(service, decided, NO_SERVER, reached)
            await self._respond(Respond(NO_SERVER))
            return True
        self._note(service, decided, answer.status_code, reached)
        if isinstance(answer, h11.InformationalResponse):
            await self._upgraded(answer, server, reached)
            return False
        headers = judge_response(self._exchange.objects, service, asked, answer.status_code, _headers(answer.headers))
        await self._send(h11.Response(status_code=answer.status_code, headers=_kept(headers), reason=answer.reason))
        return await self._streamed(server, reached)

    async def _streamed(self, server: h11.Connection, reached: Reached) -> bool:
        """Hand the body of an answer on as it comes."""
        while True:
            event = server.next_event()
            if event is h11.NEED_DATA:
                server.receive_data(await reached.reader.read(_CHUNK))
            elif isinstance(event, h11.Data):
                await self._send(h11.Data(data=event.data))
            else:
                await self._send(h11.EndOfMessage())
                return True

    async def _upgraded(self, answer: h11.InformationalResponse, server: h11.Connection, reached: Reached) -> None:
        await self._send(h11.InformationalResponse(status_code=101, headers=answer.headers, reason=answer.reason))
        reached.writer.write(self._client.trailing_data[0])
        self._writer.write(server.trailing_data[0])
        await tunnel((self._reader, self._writer), (reached.reader, reached.writer))

    async def _respond(self, outcome: Respond) -> None:
        headers = [*outcome.headers, ("Content-Length", str(len(outcome.body)))]
        reason = _REASONS.get(outcome.status, b"")
        await self._send(h11.Response(status_code=outcome.status, headers=headers, reason=reason))
        if outcome.body:
            await self._send(h11.Data(data=outcome.body))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._client.send(event) or b"")
        await self._writer.drain()

    def _forwarded(self, service: Record, asked: Asked) -> Asked:
        """Give a request as a server gets it: with the address of the client, where the profile says so."""
        profile = self._exchange.objects.data(service.data, "application_profile_ref").get("http_profile", {})
        if not profile.get("xff_enabled"):
            return asked
        known = [*asked.all_of("x-forwarded-for"), self._came.client]
        return asked.with_header(profile.get("xff_alternate_name", "X-Forwarded-For"), ", ".join(known))

    def _note(self, service: Record, decided: Decided, status: int, reached: Reached | None = None) -> None:
        self._log.add(
            virtualservice=service.name,
            client=self._came.client,
            port=self._came.port,
            method=decided.asked.method,
            host=decided.asked.header("host"),
            path=decided.asked.target,
            rule=list(decided.by),
            pool=reached.pool.name if reached else None,
            server=written(reached.server) if reached else None,
            status=status,
        )


def _asked(event: h11.Request, came: Came) -> Asked:
    path, _, query = event.target.decode("latin-1").partition("?")
    headers = tuple(_headers(event.headers))
    return Asked(came, event.method.decode(), path, query, headers, event.http_version.decode())


def _headers(headers: Headers) -> list[Header]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw_items()]


def _kept(headers: Sequence[Header]) -> list[Header]:
    return [one for one in headers if one[0].lower() not in _HOP_BY_HOP]


def _upgrades(asked: Asked) -> bool:
    return "upgrade" in asked.header("connection").lower() and bool(asked.header("upgrade"))


def _sent(headers: Sequence[Header], body: bytes, *, is_upgrade: bool) -> list[Header]:
    """Give the headers of a request that is read whole, and is the only one on its connection to the server."""
    kept = [one for one in _kept(headers) if one[0].lower() not in {"content-length", "expect"}]
    had_body = any(one[0].lower() in {"content-length", "transfer-encoding"} for one in headers)
    length = [("Content-Length", str(len(body)))] if had_body else []
    return [*kept, *length, ("Connection", "Upgrade" if is_upgrade else "close")]


async def _answer(server: h11.Connection, reader: asyncio.StreamReader) -> h11.Response | h11.InformationalResponse:
    """Read the head of an answer; what is told before it (100) is passed over."""
    while True:
        event = server.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(_CHUNK)
            server.receive_data(data)
        elif isinstance(event, h11.Response):
            return event
        elif isinstance(event, h11.InformationalResponse):
            if event.status_code == 101:
                return event
        else:
            raise LostError("the server closed the connection")
