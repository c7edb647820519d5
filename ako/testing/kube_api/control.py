"""The control interface over HTTP: for a stand-in that runs in a process of its own.

All paths answer JSON. `POST /_kube/apply` takes a manifest or a list of them, `POST /_kube/faults` a fault
(`{"path": "/api", "method": "GET", "status": 503, "times": 2}`), `DELETE /_kube/faults` ends all faults,
`GET /_kube/requests` lists what was asked, `POST /_kube/compact` forgets history, `POST /_kube/forget-caches` does
what a restart does to watches, `POST /_kube/break-watches` cuts the open watches or, with `{"status": 410}`, ends them
with an ERROR event, `POST /_kube/silence-watches` has them say nothing more; both take a `kind`. `POST /_kube/users`
adds a user (`{"name": "ako", "groups": []}`) and answers with the token, `POST /_kube/token` changes the owner's
(`{"token": "x"}`), `POST /_kube/forbid` refuses a verb on a resource to everybody until `DELETE /_kube/forbid`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ako.testing.kube_api.access import Refusal
from ako.testing.kube_api.errors import ApiError
from ako.testing.kube_api.faults import Effect
from ako.testing.kube_api.resources import Manifest
from ako.testing.kube_api.server import KubeApi
from ako.testing.listener import Request, Response
from ako.typed_json import reader


class _FaultRequest(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    path: str = "/"
    method: str = ""
    status: int | None = None
    message: str | None = None
    retry_after: int | None = None
    drop: str | None = None
    hang: bool | None = None
    silent: bool | None = None
    delay: float | None = None
    watch: bool | None = None
    skip: int | None = None
    times: int | None = None


class _User(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    groups: tuple[str, ...] = ()
    token: str = ""


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    token: str


class _Forbidden(msgspec.Struct, forbid_unknown_fields=True):
    verb: str
    resource: str


class _Watches(msgspec.Struct, forbid_unknown_fields=True):
    kind: str = ""
    status: int | None = None


_decode_user = reader(_User).decode
_decode_token = reader(_Token).decode
_decode_forbidden = reader(_Forbidden).decode
_decode_watches = reader(_Watches).decode
_decode_fault = reader(_FaultRequest).decode
_decode_effect = reader(Effect).decode


class Control:
    """Answers the requests below `/_kube/`."""

    def __init__(self, kube: KubeApi) -> None:
        self._kube = kube
        self._refusals: list[Refusal] = []
        self._commands = {
            ("POST", "apply"): self._apply,
            ("POST", "faults"): self._fault,
            ("DELETE", "faults"): self._clear,
            ("GET", "requests"): self._requests,
            ("POST", "compact"): self._compact,
            ("POST", "forget-caches"): self._forget_caches,
            ("POST", "break-watches"): self._break,
            ("POST", "silence-watches"): self._silence,
            ("POST", "users"): self._add_user,
            ("POST", "token"): self._set_token,
            ("POST", "forbid"): self._forbid,
            ("DELETE", "forbid"): self._allow,
        }

    def attach(self) -> None:
        """Serve the control paths beside the API."""
        for _, name in self._commands:
            self._kube.add_path(f"/_kube/{name}", self.answer)

    def answer(self, request: Request) -> Response:
        """Carry out one command."""
        name = request.path.rpartition("/")[2]
        command = self._commands.get((request.method, name))
        if command is None:
            return _json(405, {"error": f"{request.method} is not a command of {request.path}"})
        try:
            return _json(200, command(request.body))
        except (LookupError, TypeError, ValueError, ApiError) as problem:
            return _json(400, {"error": str(problem)})

    def _apply(self, body: bytes) -> list[Manifest]:
        sent = msgspec.json.decode(body)
        return self._kube.apply(*(sent if isinstance(sent, list) else [sent]))

    def _fault(self, body: bytes) -> Manifest:
        asked = _decode_fault(body)
        given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not None}
        path, method = given.pop("path"), given.pop("method")
        self._kube.fault(path, method, **_decode_effect(msgspec.json.encode(given)))
        return {}

    def _clear(self, _body: bytes) -> Manifest:
        self._kube.clear_faults()
        return {}

    def _requests(self, _body: bytes) -> list[Manifest]:
        return [{**record._asdict(), "body": record.body.decode(errors="replace")} for record in self._kube.requests]

    def _compact(self, _body: bytes) -> Manifest:
        self._kube.compact()
        return {}

    def _forget_caches(self, _body: bytes) -> Manifest:
        self._kube.forget_caches()
        return {}

    def _break(self, body: bytes) -> Manifest:
        asked = _decode_watches(body or b"{}")
        self._kube.break_watches(asked.kind, asked.status)
        return {}

    def _silence(self, body: bytes) -> Manifest:
        self._kube.silence_watches(_decode_watches(body or b"{}").kind)
        return {}

    def _add_user(self, body: bytes) -> Manifest:
        asked = _decode_user(body)
        return {"token": self._kube.add_user(asked.name, asked.groups, asked.token)}

    def _set_token(self, body: bytes) -> Manifest:
        self._kube.set_token(_decode_token(body).token)
        return {}

    def _forbid(self, body: bytes) -> Manifest:
        asked = _decode_forbidden(body)
        self._refusals.append(self._kube.forbid(asked.verb, asked.resource))
        return {}

    def _allow(self, _body: bytes) -> Manifest:
        while self._refusals:
            self._refusals.pop().clear()
        return {}


def _json(status: int, document: Any) -> Response:
    return Response(status, msgspec.json.encode(document) + b"\n")
