"""The control interface over HTTP: for a stand-in that runs in a process of its own.

All paths answer JSON. `POST /_kube/apply` takes a manifest or a list of them, `POST /_kube/faults` a fault
(`{"path": "/api", "method": "GET", "status": 503, "times": 2}`), `DELETE /_kube/faults` ends all faults,
`GET /_kube/requests` lists what was asked, `POST /_kube/compact` forgets history, `POST /_kube/break-watches` cuts
the open watches.
"""

from __future__ import annotations

from typing import Any

import msgspec

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
    delay: float | None = None
    watch: bool | None = None
    times: int | None = None


_decode_fault = reader(_FaultRequest).decode
_decode_effect = reader(Effect).decode


class Control:
    """Answers the requests below `/_kube/`."""

    def __init__(self, kube: KubeApi) -> None:
        self._kube = kube
        self._commands = {
            ("POST", "apply"): self._apply,
            ("POST", "faults"): self._fault,
            ("DELETE", "faults"): self._clear,
            ("GET", "requests"): self._requests,
            ("POST", "compact"): self._compact,
            ("POST", "break-watches"): self._break,
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

    def _break(self, _body: bytes) -> Manifest:
        self._kube.break_watches()
        return {}


def _json(status: int, document: Any) -> Response:
    return Response(status, msgspec.json.encode(document) + b"\n")
