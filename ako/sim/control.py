"""The control interface below ``/_sim``: what tests use to look behind the API, to change things and to break them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from ako.sim.controller import Backup, Controller
from ako.sim.faults import Faults, Milliseconds, decode_fault
from ako.sim.journal import Journal
from ako.sim.options import Baseline
from ako.sim.problems import ApiError, method_not_allowed, not_found, refuse
from ako.sim.references import ADMIN
from ako.sim.rendering import View
from ako.sim.schema import Kind
from ako.sim.store import Json, Record, mark
from ako.sim.writes import Scope
from ako.testing.listener import Request, Response
from ako.typed_json import reader

PREFIX = "/_sim"


_Limit = Annotated[int, msgspec.Meta(ge=0)]


class _Latency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ms: Milliseconds


_decode_latency = reader(_Latency).decode
_decode_state = reader(dict[str, list[Json]]).decode
_decode_limits = reader(dict[str, _Limit]).decode


class Control:
    """Answers the requests below ``/_sim``; nobody has to log in for them."""

    def __init__(self, controller: Controller, journal: Journal, faults: Faults) -> None:
        self.controller = controller
        self.latency_ms = controller.options.latency_ms
        self.on_unreachable: Callable[[], None] = lambda: None
        self._journal = journal
        self._faults = faults
        self.routes: dict[str, Callable[[Request, list[str]], Response]] = {
            "health": self._health,
            "requests": self._requests,
            "faults": self._fault,
            "latency": self._latency,
            "limits": self._limits,
            "objects": self._objects,
            "singletons": self._singletons,
            "sessions": self._sessions,
            "backups": self._backup,
            "state": self._state,
            "reset": self._reset,
        }
        self._backups: list[Backup] = []

    def answer(self, request: Request) -> Response:
        """Answer a request."""
        parts = [part for part in request.path.split("/") if part][1:]
        try:
            handler = self.routes.get(parts[0]) if parts else None
            if handler is None:
                raise refuse(404, f"{PREFIX} has {sorted(self.routes)}")
            return handler(request, parts[1:])
        except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as problem:
            return _json({"error": str(problem)}, 400)
        except ApiError as problem:
            return _json(problem.body, problem.status)

    def _health(self, request: Request, rest: list[str]) -> Response:
        del request, rest
        return _json({"status": "ok", "objects": self.controller.store.count()})

    def _requests(self, request: Request, rest: list[str]) -> Response:
        del rest
        if request.method == "DELETE":
            self._journal.clear()
            return Response(204)
        return _json(self._journal.since(int(request.query.get("since", "0") or 0)))

    def _fault(self, request: Request, rest: list[str]) -> Response:
        if request.method == "GET":
            return _json({"faults": self._faults.listed()})
        if request.method == "DELETE":
            if not self._faults.remove(int(rest[0]) if rest else None):
                raise refuse(404, f"There is no fault {rest[0]}")
            return Response(204)
        fault = decode_fault(request.body)
        number = self._faults.add(fault)
        if fault.unreachable:
            self.on_unreachable()
        return _json({"id": number}, 201)

    def _latency(self, request: Request, rest: list[str]) -> Response:
        del rest
        if request.method == "PUT":
            self.latency_ms = _decode_latency(request.body).ms
        return _json({"ms": self.latency_ms})

    def _limits(self, request: Request, rest: list[str]) -> Response:
        """Tighten the length of top-level lists, by field name."""
        del rest
        limits = _decode_limits(request.body)
        self.controller.writer.limits = {**self.controller.writer.limits, **limits}
        return _json(self.controller.writer.limits)

    def _singletons(self, request: Request, rest: list[str]) -> Response:
        name = rest[0] if rest else ""
        if name not in {"cluster", "cluster_runtime", "systemconfiguration"}:
            raise refuse(404, f"There is no singleton {name!r}")
        if request.method == "PUT":
            self.controller.singletons.merge(name, _object(request))
            self.controller.note_system_configuration()
        return _json(self.controller.singletons.read(name))

    def _sessions(self, request: Request, rest: list[str]) -> Response:
        sessions = self.controller.sessions
        actions = {"expire": sessions.expire_all, "change-csrf": sessions.change_csrf_tokens}
        if request.method != "POST" or len(rest) != 1 or rest[0] not in actions:
            raise refuse(404, f"There is only POST {' and '.join(f'{PREFIX}/sessions/{name}' for name in actions)}")
        actions[rest[0]]()
        return Response(204)

    def _backup(self, request: Request, rest: list[str]) -> Response:
        """Keep the configuration as it is now, or put back what was kept, by its number."""
        if request.method != "POST":
            raise method_not_allowed(request.method)
        if not rest:
            self._backups.append(self.controller.backup())
            return _json({"id": len(self._backups)}, 201)
        if rest[0] not in map(str, range(1, len(self._backups) + 1)):
            raise refuse(404, f"There is no backup {rest[0]}")
        self.controller.restore(self._backups[int(rest[0]) - 1])
        return Response(204)

    def _state(self, request: Request, rest: list[str]) -> Response:
        """Give all objects by type, private keys included, or hold the given ones instead."""
        del rest
        if request.method == "PUT":
            self.controller.take_over(_decode_state(request.body))
            return Response(204)
        if request.method != "GET":
            raise method_not_allowed(request.method)
        kinds = self.controller.schema.kinds
        shown = {kind: [self._shown(record) for record in self.controller.store.all_of(kind)] for kind in kinds}
        return _json({kind: objects for kind, objects in shown.items() if objects})

    def _reset(self, request: Request, rest: list[str]) -> Response:
        """Start afresh, with the baseline of the body if there is one."""
        del rest
        if request.method != "POST":
            raise method_not_allowed(request.method)
        options = self.controller.options
        if request.body:
            options = dataclasses.replace(options, baseline=Baseline.of(msgspec.json.decode(request.body)))
        self.controller = Controller(self.controller.schema, options)
        self.latency_ms = options.latency_ms
        self._backups.clear()
        self._faults.remove(None)
        self._journal.clear()
        return Response(204)

    def _objects(self, request: Request, rest: list[str]) -> Response:
        kind = self.controller.schema.kinds.get(rest[0] if rest else "")
        if kind is None:
            raise refuse(404, f"There is no object type {rest[:1]}")
        if request.method == "GET" and len(rest) == 1:
            return _json([self._shown(record) for record in self.controller.store.all_of(kind.name)])
        if request.method == "POST" and len(rest) == 1:
            record = self.controller.writer.create(kind, _object(request), self._scope(request))
            return _json(self._shown(record), 201)
        if len(rest) < 2:
            raise method_not_allowed(request.method)
        record = self._named(kind, "/".join(rest[1:]), request)
        scope = Scope(record.tenant, self._scope(request).validator)
        if request.method == "GET":
            return _json(self._shown(record))
        if request.method == "PATCH":
            return _json(self._shown(self._set(kind, record, _object(request), scope)))
        if request.method != "DELETE":
            raise method_not_allowed(request.method)
        if request.query.get("force") == "true":
            self._force_delete(record)
        else:
            self.controller.writer.delete(kind, record.uuid, scope)
        return Response(204)

    def _set(self, kind: Kind, record: Record, fields: Json, scope: Scope) -> Record:
        """Set fields; null takes a field away."""
        operations = {
            "replace": {name: value for name, value in fields.items() if value is not None},
            "delete": {name: value for name, value in fields.items() if value is None},
        }
        body = {name: part for name, part in operations.items() if part}
        return self.controller.writer.patch(kind, record.uuid, body, scope) if body else record

    def _scope(self, request: Request) -> Scope:
        tenant = self.controller.tenant({"x-avi-tenant": request.query.get("tenant", ADMIN)}, "POST")
        return Scope(tenant, self.controller.validator(self.controller.version))

    def _named(self, kind: Kind, name: str, request: Request) -> Record:
        """Return the object of a name (or uuid) in the tenant given, else in admin, else in any."""
        by_uuid = self.controller.store.get(kind.name, name)
        if by_uuid is not None:
            return by_uuid
        tenant = self._scope(request).tenant
        found = self.controller.store.named(kind.name, name)
        if "tenant" in request.query:
            found = [record for record in found if record.tenant == tenant]
        if not found:
            raise not_found(kind.model)
        return min(found, key=lambda record: record.tenant != tenant)

    def _shown(self, record: Record) -> Json:
        """Return all there is of an object, the private key included."""
        view = View("", self.controller.version, with_names=True)
        shown: Json = msgspec.json.decode(self.controller.renderer.one(record, view))
        if record.secret:
            shown["key"] = record.secret
        return shown

    def _force_delete(self, record: Record) -> None:
        controller = self.controller
        reference = mark(record.kind, record.uuid)
        with controller.store.lock:
            for referrer in controller.store.referrers(record.uuid):
                data = {
                    name: left
                    for name, value in referrer.data.items()
                    if (left := _without(value, reference)) is not None
                }
                data["_last_modified"] = controller.store.next_stamp()
                controller.store.put(
                    Record(
                        kind=referrer.kind,
                        uuid=referrer.uuid,
                        name=referrer.name,
                        tenant=referrer.tenant,
                        cloud=referrer.cloud,
                        data=data,
                        system=referrer.system,
                        secret=referrer.secret,
                    )
                )
            controller.writer.discard(record)


def _without(value: Any, reference: str) -> Any:
    """Return a value without a reference: list entries that hold it directly go as a whole."""
    if isinstance(value, str):
        return None if value == reference else value
    if isinstance(value, list):
        kept = [item for item in value if not (isinstance(item, dict) and reference in item.values())]
        return [left for item in kept if (left := _without(item, reference)) is not None]
    if isinstance(value, dict):
        return {name: left for name, item in value.items() if (left := _without(item, reference)) is not None}
    return value


def _object(request: Request) -> Json:
    value = msgspec.json.decode(request.body)
    if not isinstance(value, dict):
        raise refuse(400, f"An object is needed, got {type(value).__name__}")
    return value


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value))
