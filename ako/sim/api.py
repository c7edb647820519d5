"""The HTTP face of the Controller: authentication, routing, and the answer to each request of the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from ako.sim.controller import Controller
from ako.sim.journal import Exchange
from ako.sim.macro import Macro
from ako.sim.problems import ApiError, method_not_allowed, not_found, refuse
from ako.sim.queries import flag
from ako.sim.rendering import View, runtime_of
from ako.sim.schema import Kind, Version
from ako.sim.sessions import cookies_of
from ako.sim.store import Json, Record, target_of
from ako.sim.writes import Scope
from ako.testing.listener import Request, Response

_SLUG = re.compile(r"[A-Za-z0-9._~:-]{1,128}\Z")
_HOURS = re.compile(r"[0-9]{1,6}\Z")
_SINGLETONS = {"cluster": "cluster", "cluster/runtime": "cluster_runtime", "systemconfiguration": "systemconfiguration"}
_OPEN = frozenset({"initial-data", "cluster/status"})
_INVENTORY = "-inventory"
# What becomes of a body that is no JSON, is not in UTF-8, or is nested too deeply.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Api:
    """Answers the requests below ``/api``, ``/login`` and ``/logout``."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._macro = Macro(controller.schema, controller.store, controller.writer)
        self._reads: dict[str, Callable[[Request], Json]] = {
            "initial-data": lambda _: {"version": controller.singletons.version_document(), "user_initialized": True},
            "cluster/status": lambda _: dict(controller.singletons.read("cluster_runtime")["cluster_state"]),
            "cluster/version": lambda _: controller.singletons.version_document(),
            "ipamdnsproviderprofiledomainlist": self._domains,
        }

    def route(self, exchange: Exchange) -> None:
        """Note which object a request is about, before anything is checked."""
        request = exchange.request
        parts = _parts(request.path)
        if request.body and request.headers.get("content-type", "").startswith("application/json"):
            try:
                exchange.body = msgspec.json.decode(request.body)
            except _UNREADABLE as problem:
                exchange.body = problem
        if parts[:1] != ["api"] or len(parts) < 2:
            return
        if parts[1] == "macro":
            kind = self._controller.schema.by_model.get(_text(exchange.body, "model_name"))
            data = exchange.body.get("data") if isinstance(exchange.body, dict) else None
            exchange.kind = kind.name if kind else "macro"
            exchange.name, exchange.uuid = _text(data, "name"), _text(data, "uuid")
            return
        name = parts[1].removesuffix(_INVENTORY)
        if name not in self._controller.schema.kinds:
            return
        exchange.kind = name
        if len(parts) > 2:
            exchange.uuid = parts[2]
            record = self._controller.store.get(name, parts[2])
            exchange.name = record.name if record else ""
        else:
            exchange.name = _text(exchange.body, "name") or request.query.get("name", "")

    def answer(self, exchange: Exchange) -> Response:
        """Answer a request."""
        request = exchange.request
        headers = []
        try:
            parts = _parts(request.path)
            if parts == ["login"]:
                return self._log_in(exchange)
            if parts == ["logout"]:
                return self._log_out(request)
            if parts[:1] != ["api"]:
                raise refuse(404, f"There is nothing at {request.path}")
            version_header = request.headers.get("x-avi-version")
            echoed = (version_header or "16.4.2").replace(".", "_")
            headers.append(("AVI_API_VERSION", echoed))
            response = self._api(exchange, "/".join(parts[1:]))
        except ApiError as problem:
            response = _error(problem)
        response.headers.extend(headers)
        return response

    def _log_in(self, exchange: Exchange) -> Response:
        request = exchange.request
        if request.method != "POST":
            raise method_not_allowed(request.method)
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        given = dict(parse_qsl(request.body.decode("utf-8", "replace"))) if form else exchange.body
        session = self._controller.sessions.log_in(given if isinstance(given, dict) else {})
        singletons = self._controller.singletons
        system = singletons.read("systemconfiguration")
        version = {"version": singletons.version_document()}
        body = {"user_initialized": True, **version, **self._who(request.base)}
        body["system_config"] = {
            "url": "/api/systemconfiguration",
            **{
                name: system[name]
                for name in ("uuid", "default_license_tier", "global_tenant_config")
                if name in system
            },
        }
        headers = [*cookies_of(session, secure=request.secure), ("AVI_API_VERSION", "16_4_2")]
        return Response(200, msgspec.json.encode(body), headers=headers)

    def _who(self, base: str) -> Json:
        name = self._controller.options.username
        tenants = [
            {"url": f"{base}/api/tenant/{record.uuid}", "uuid": record.uuid, "name": record.name, "local": True}
            for record in self._controller.store.all_of("tenant")
        ]
        return {
            "user": {
                "uuid": "user-1",
                "name": name,
                "username": name,
                "full_name": "System Administrator",
                "email": "",
                "is_superuser": True,
                "local": True,
                "default_tenant_ref": f"{base}/api/tenant/admin",
            },
            "tenants": tenants,
            "controller": {"api_idle_timeout": 15},
            "session_cookie_name": "avi-sessionid",
        }

    def _log_out(self, request: Request) -> Response:
        self._controller.sessions.authenticate(request)
        self._controller.sessions.log_out(request)
        return Response(200, b"{}")

    def _api(self, exchange: Exchange, route: str) -> Response:
        request, controller = exchange.request, self._controller
        if route in _OPEN and request.method == "GET":
            return _json(self._reads[route](request))
        controller.sessions.authenticate(request)
        version = controller.api_version(request.headers.get("x-avi-version"))
        tenant = controller.tenant(request.headers, request.method)
        if isinstance(exchange.body, _UNREADABLE):
            raise refuse(400, f"JSON parse error - {exchange.body}")
        if route in self._reads:
            if request.method != "GET":
                raise method_not_allowed(request.method)
            return _json(self._reads[route](request))
        if route in _SINGLETONS:
            return self._singleton(exchange, _SINGLETONS[route], tenant, version)
        if route == "user-token" or route.startswith("user-token/"):
            return self._user_token(exchange, route.partition("/")[2])
        if route == "macro":
            return self._answer_macro(exchange, Scope(tenant, controller.validator(version)), version)
        return self._object(exchange, route.split("/"), tenant, version)

    def _object(self, exchange: Exchange, parts: list[str], tenant: str, version: Version) -> Response:
        request = exchange.request
        name, *rest = parts
        inventory = name.endswith(_INVENTORY)
        kind = self._controller.schema.kinds.get(name.removesuffix(_INVENTORY))
        if kind is None or len(rest) > 3:
            raise refuse(404, f"There is nothing at {request.path}")
        if request.method not in (("GET",) if inventory else kind.methods):
            raise method_not_allowed(request.method)
        if request.method == "GET":
            return self._read(exchange, kind, rest, (tenant, version, inventory))
        if (request.method == "POST") == bool(rest) or len(rest) > 1:
            raise method_not_allowed(request.method)
        return self._write(exchange, kind, Scope(tenant, self._controller.validator(version)), version)

    def _write(self, exchange: Exchange, kind: Kind, scope: Scope, version: Version) -> Response:
        request, writer = exchange.request, self._controller.writer
        if request.method == "DELETE":
            exchange.name = writer.delete(kind, exchange.uuid, scope).name
            return Response(204)
        if not isinstance(exchange.body, dict):
            raise refuse(400, f"{kind.model} must be a JSON object")
        headers = []
        if request.method == "POST":
            slug = request.headers.get("slug", "")
            if slug and not _SLUG.match(slug):
                raise refuse(400, f"Slug {slug!r} is no uuid")
            record = writer.create(kind, exchange.body, scope, slug)
            exchange.uuid = record.uuid
            headers = [("Location", f"{request.base}/api/{kind.name}/{record.uuid}#{record.name}")]
        elif request.method == "PUT":
            record = writer.replace(kind, exchange.uuid, exchange.body, scope)
        else:
            record = writer.patch(kind, exchange.uuid, exchange.body, scope)
        view = View(request.base, version, with_names=True, written=True)
        body = self._controller.renderer.one(record, view)
        return Response(201 if request.method == "POST" else 200, body, headers=headers)

    def _read(self, exchange: Exchange, kind: Kind, rest: list[str], how: tuple[str, Version, bool]) -> Response:
        tenant, version, inventory = how
        request = exchange.request
        view = _view(request, version)
        if not rest:
            return self._list(request, kind, tenant, (view, inventory))
        record = self._controller.store.get(kind.name, rest[0])
        seen = record is not None and (tenant == "*" or self._controller.writer.resolver.visible(record, tenant))
        if record is None or not seen:
            raise not_found(kind.model)
        if rest[1:2] == ["runtime"]:
            return _json(runtime_of(record))
        if len(rest) > 1:
            raise refuse(404, f"There is nothing at {request.path}")
        return Response(200, self._inventory_entry(record, view) if inventory else self._render(record, view))

    def _render(self, record: Record, view: View) -> bytes:
        return self._controller.renderer.one(record, view)

    def _inventory_entry(self, record: Record, view: View) -> bytes:
        runtime = msgspec.json.encode(runtime_of(record))
        uuid = msgspec.json.encode(record.uuid)
        return b'{"uuid":%s,"config":%s,"runtime":%s,"health_score":{"health_score":100}}' % (
            uuid,
            self._render(record, view),
            runtime,
        )

    def _list(self, request: Request, kind: Kind, tenant: str, how: tuple[View, bool]) -> Response:
        view, inventory = how
        page = self._controller.queries.page(kind, request.query, tenant)
        render = self._inventory_entry if inventory else self._render
        entries = b",".join([render(record, view) for record in page.records])
        head = b'{"count":%d,' % page.count
        if page.next_query is not None:
            url = f"{request.base}/api/{kind.name}{_INVENTORY if inventory else ''}?{page.next_query}"
            head += b'"next":%s,' % msgspec.json.encode(url)
        return Response(200, head + b'"results":[' + entries + b"]}")

    def _answer_macro(self, exchange: Exchange, scope: Scope, version: Version) -> Response:
        request = exchange.request
        if request.method == "DELETE":
            self._macro.delete(exchange.body, scope)
            return Response(204)
        if request.method not in {"POST", "PUT"}:
            raise method_not_allowed(request.method)
        records = self._macro.write(exchange.body, scope)
        exchange.uuid = records[-1].uuid
        view = View(request.base, version, with_names=True, written=True)
        body = b"[" + b",".join(self._render(record, view) for record in records) + b"]"
        return Response(201 if request.method == "POST" else 200, body)

    def _singleton(self, exchange: Exchange, name: str, tenant: str, version: Version) -> Response:
        request, singletons = exchange.request, self._controller.singletons
        kind = self._controller.schema.kinds.get(name)
        if request.method not in (kind.methods if kind else ("GET",)):
            raise method_not_allowed(request.method)
        if request.method == "GET":
            document = singletons.read(name)
        else:
            if not isinstance(exchange.body, dict):
                raise refuse(400, f"{name} must be a JSON object")
            scope = Scope(tenant, self._controller.validator(version))
            checked = partial(self._controller.writer.checked_cluster, scope=scope) if name == "cluster" else dict
            document = singletons.write(name, request.method, exchange.body, checked)
            self._controller.note_system_configuration()
        encoded = msgspec.json.encode(document)
        return Response(200, encoded.replace(b'"\\u0001', b'"' + request.base.encode() + b"/api/"))

    def _user_token(self, exchange: Exchange, uuid: str) -> Response:
        method, sessions = exchange.request.method, self._controller.sessions
        if method == "GET" and not uuid:
            tokens = sessions.tokens()
            return _json({"count": len(tokens), "results": tokens})
        if method == "POST" and not uuid:
            hours = (exchange.body if isinstance(exchange.body, dict) else {}).get("hours", 0)
            if not _HOURS.match(str(hours)):
                raise refuse(400, f"hours must be a number of at most six digits, got {hours!r}")
            return Response(201, msgspec.json.encode(sessions.issue_token(int(hours))))
        if method == "DELETE" and uuid:
            if not sessions.revoke_token(uuid):
                raise refuse(404, "Token object not found!")
            return Response(204)
        raise method_not_allowed(method)

    def _domains(self, request: Request) -> Json:
        cloud = self._controller.store.get("cloud", request.query.get("cloud_uuid", ""))
        if cloud is None:
            raise not_found("Cloud")
        reference = cloud.data.get("dns_provider_ref")
        profile = self._controller.store.get("ipamdnsproviderprofile", target_of(reference)) if reference else None
        internal = profile.data.get("internal_profile", {}) if profile else {}
        return {"domains": [domain["domain_name"] for domain in internal.get("dns_service_domain", ())]}


def _parts(path: str) -> list[str]:
    """Split a path; doubled and trailing slashes do not count."""
    return [part for part in path.split("/") if part]


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""


def _view(request: Request, version: Version) -> View:
    query = request.query
    wanted = None
    if query.get("fields"):
        wanted = frozenset(query["fields"].split(",")) | {"url", "uuid", "name"}
    return View(
        request.base,
        version,
        with_names=flag(query, "include_name"),
        skip_default=flag(query, "skip_default"),
        fields=wanted,
        runtime=query.get("join_subresources") == "runtime",
    )


def _json(value: Any) -> Response:
    return Response(200, msgspec.json.encode(value))


def _error(problem: ApiError) -> Response:
    # The text about CSRF tokens really comes bare, although it is called JSON.
    body = problem.body.encode() if isinstance(problem.body, str) else msgspec.json.encode(problem.body)
    return Response(problem.status, body)
