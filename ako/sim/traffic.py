"""The data plane behind ``/_sim``: it is there only if asked for, as its libraries are an extra."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ako.sim.options import SimulatorOptions
from ako.sim.problems import method_not_allowed
from ako.sim.store import Store
from ako.testing.listener import Request, Response
from ako.typed_json import reader

if TYPE_CHECKING:
    from ako.sim.data_plane import DataPlane

Route = Callable[[Request, list[str]], Response]


class _Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str


_decode_servers = reader(dict[str, str | None]).decode
_decode_client = reader(_Client).decode


def forwarding(options: SimulatorOptions, store: Store) -> DataPlane:
    """Start a data plane for the objects of a store.

    Raises:
        ValueError: where its libraries are not installed.
    """
    try:
        from ako.sim.data_plane import DataPlane  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as missing:
        raise ValueError(f"The data plane needs {missing.name}: install ako[sim]") from None
    plane = DataPlane(calls_servers=options.dial_servers)
    plane.serve(store)
    return plane


def traffic_routes(plane: DataPlane) -> dict[str, Route]:
    """Give what is asked of a data plane below ``/_sim``."""

    def listeners(request: Request, rest: list[str]) -> Response:
        del request, rest
        return _json(plane.listeners())

    def servers(request: Request, rest: list[str]) -> Response:
        del rest
        return _json(plane.name_servers(_decode_servers(request.body) if request.method == "PUT" else {}))

    def clients(request: Request, rest: list[str]) -> Response:
        del rest
        if request.method != "POST":
            raise method_not_allowed(request.method)
        return _json({"source": plane.source_for(_decode_client(request.body).address)}, 201)

    def traffic(request: Request, rest: list[str]) -> Response:
        del rest
        return _json(plane.log.since(int(request.query.get("since", "0") or 0)))

    return {"listeners": listeners, "servers": servers, "clients": clients, "traffic": traffic}


def _json(value: object, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value))
