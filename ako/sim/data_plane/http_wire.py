"""HTTP/1.1 between clients and servers, and what is tunnelled after an upgrade; `h11` speaks it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace

import h11

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.calling import Exchange, Reached, Streams, closed, tunnel, written
from ako.sim.data_plane.deciding import decide
from ako.sim.data_plane.dialect import NO_POOL, NO_SERVER, SERVER_BROKE, UNSENDABLE_MESSAGE
from ako.sim.data_plane.http_messages import (
    UNSENDABLE,
    asked_from,
    body_of,
    forwarded,
    headers_from,
    request_for,
    response_for,
    without_hops,
)
from ako.sim.data_plane.objects import NotModelledError
from ako.sim.data_plane.outcomes import Balance, Close, Decided, Respond, unknown
from ako.sim.data_plane.policies import judge_response
from ako.sim.data_plane.traffic_log import TrafficLog
from ako.sim.store import Record

_CHUNK = 65536
_MAX_BODY = 64 << 20


class LostError(Exception):
    """A server has left before its answer was whole."""


_BROKEN = (OSError, ssl.SSLError, h11.RemoteProtocolError, LostError)


class HttpWire:
    """One connection of a client: request after request, each as the objects are when it comes."""

    def __init__(self, exchange: Exchange, log: TrafficLog, came: Came, client: Streams) -> None:
        self._exchange = exchange
        self._log = log
        self._came = came
        self._reader, self._writer = client
        self._client = h11.Connection(h11.SERVER)
        self._method = ""

    async def serve(self, service: str) -> None:
        """Answer requests at a virtual service, by its uuid, until the client or the virtual service has gone.

        Raises:
            OSError: where the client has gone in the middle of an answer.
        """
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
            self._method = event.method.decode("ascii")
            body = await self._body()
        except h11.RemoteProtocolError as wrong:
            if self._client.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._respond(Respond(wrong.error_status_hint))
            return False
        service = self._exchange.objects.virtual_service(uuid)
        if service is None or not service.data.get("enabled", True):
            return False
        asked = asked_from(event, self._came)
        if asked.method == "CONNECT":  # a load balancer is no proxy for whoever wants to go elsewhere
            return await self._local(service, Decided(Respond(405), asked))
        decided = decide(self._exchange.objects, service, asked)
        if isinstance(decided.outcome, Close):
            self._note(service, decided, 0)
            return False
        if isinstance(decided.outcome, Balance):
            return await self._balanced(service, decided, decided.outcome, body)
        return await self._local(service, decided)

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            event = self._client.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._client.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))
            self._client.receive_data(await self._reader.read(_CHUNK))

    async def _body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > _MAX_BODY:
                raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)
        return bytes(body)

    async def _balanced(self, service: Record, decided: Decided, wanted: Balance, body: bytes) -> bool:
        """Let a server answer; give whether another request may come."""
        profile = self._exchange.objects.data(service.data, "application_profile_ref").get("http_profile", {})
        decided = replace(decided, asked=forwarded(profile, decided.asked))
        try:
            request = request_for(decided.asked, body)
            reached = await self._exchange.reach(wanted, self._came.client, decided.asked)
        except (NotModelledError, *UNSENDABLE) as problem:
            return await self._given_up(service, decided, problem)
        if reached is None:
            status = NO_SERVER if self._exchange.balancer.has_place(wanted) else NO_POOL
            return await self._local(service, replace(decided, outcome=Respond(status)))
        try:
            return await self._exchanged(service, decided, reached, request, body)
        finally:
            await closed(reached.writer)

    async def _exchanged(
        self, service: Record, decided: Decided, reached: Reached, request: h11.Request, body: bytes
    ) -> bool:
        server = h11.Connection(h11.CLIENT)
        events = (request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())
        try:
            # Not waited for: a server may begin to answer before it has read all, and wait in turn until it is heard.
            reached.writer.writelines([server.send(event) or b"" for event in events])
            answer = await _answer(server, reached.reader)
        except _BROKEN:
            return await self._local(service, replace(decided, outcome=Respond(SERVER_BROKE)), reached)
        if isinstance(answer, h11.InformationalResponse):
            self._note(service, decided, answer.status_code, reached)
            await self._upgraded(answer, server, reached)
            return False
        try:
            headers = judge_response(
                self._exchange.objects, service, decided.asked, answer.status_code, headers_from(answer.headers)
            )
            response = response_for(answer.status_code, without_hops(headers), bytes(answer.reason))
        except (NotModelledError, *UNSENDABLE) as problem:
            return await self._given_up(service, decided, problem, reached)
        self._note(service, decided, answer.status_code, reached)
        await self._send(response)
        return await self._streamed(server, reached)

    async def _streamed(self, server: h11.Connection, reached: Reached) -> bool:
        """Hand the body of an answer on as it comes; the client hears of it where the server breaks off."""
        while True:
            try:
                event = server.next_event()
                if event is h11.NEED_DATA:
                    server.receive_data(await reached.reader.read(_CHUNK))
                    continue
            except _BROKEN:
                self._writer.transport.abort()
                return False
            if isinstance(event, h11.Data):
                await self._send(h11.Data(data=event.data))
            else:
                await self._send(h11.EndOfMessage())
                return True

    async def _upgraded(self, answer: h11.InformationalResponse, server: h11.Connection, reached: Reached) -> None:
        await self._send(h11.InformationalResponse(status_code=101, headers=answer.headers, reason=answer.reason))
        reached.writer.write(self._client.trailing_data[0])
        self._writer.write(server.trailing_data[0])
        await tunnel((self._reader, self._writer), (reached.reader, reached.writer))

    async def _given_up(
        self, service: Record, decided: Decided, problem: Exception, reached: Reached | None = None
    ) -> bool:
        """Answer where something is not known here, or what was made of the message cannot be sent."""
        unsendable = Respond(UNSENDABLE_MESSAGE, body=f"This cannot be sent: {problem}\n".encode())
        outcome = unknown(problem) if isinstance(problem, NotModelledError) else unsendable
        return await self._local(service, replace(decided, outcome=outcome, by=(*decided.by, str(problem))), reached)

    async def _local(self, service: Record, decided: Decided, reached: Reached | None = None) -> bool:
        """Answer without a server; give whether another request may come."""
        outcome = decided.outcome
        if not isinstance(outcome, Respond):
            return False
        try:
            response_for(outcome.status, outcome.headers)
        except UNSENDABLE as problem:
            outcome = Respond(UNSENDABLE_MESSAGE)
            decided = replace(decided, by=(*decided.by, f"cannot be sent: {problem}"))
        self._note(service, decided, outcome.status, reached)
        await self._respond(outcome)
        return True

    async def _respond(self, outcome: Respond) -> None:
        body = body_of(self._method, outcome.status, outcome.body)
        length = [] if outcome.status == 204 else [("Content-Length", str(len(outcome.body)))]
        await self._send(response_for(outcome.status, [*outcome.headers, *length]))
        if body:
            await self._send(h11.Data(data=body))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._client.send(event) or b"")
        await self._writer.drain()

    def _note(self, service: Record, decided: Decided, status: int, reached: Reached | None = None) -> None:
        """Keep a row for the log: before the client has its answer, so that who has it finds the row."""
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


async def _answer(server: h11.Connection, reader: asyncio.StreamReader) -> h11.Response | h11.InformationalResponse:
    """Read the head of an answer; what is told before it (100) is passed over."""
    while True:
        event = server.next_event()
        if event is h11.NEED_DATA:
            server.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            return event
        elif isinstance(event, h11.InformationalResponse):
            if event.status_code == 101:
                return event
        else:
            raise LostError("the server closed the connection")
