"""The Avi Controller as the demonstration sees it: what it holds, what was written to it, and how to break it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import requests
from msgspec import Struct

from ako.cli.topology import Route, topology
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.model.names import Names
from ako.core.observe.reader import observe_all
from ako.core.settings import Settings
from ako.sim.schema import load_schema

_PATIENCE = 10
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_PLANNED = re.compile(r" *[+~-] (create|update|delete) (\S+) ([^:]+)(?:: .*)?")


class Step(Struct, frozen=True, order=True):
    """One change of one Avi object, planned or carried out."""

    verb: str
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.verb} {self.type} {self.name}"


class Writes(Struct, frozen=True):
    """What clients wrote: the steps in the order in which they were asked for, the failures, and how long it took."""

    steps: tuple[Step, ...] = ()
    failures: tuple[str, ...] = ()
    first: float = 0.0
    last: float = 0.0

    @property
    def seconds(self) -> float:
        """Give the time from the first request to the last answer."""
        return self.last - self.first


def planned_steps(lines: tuple[str, ...]) -> frozenset[Step]:
    """Read the steps off what `ako plan` prints."""
    return frozenset(Step(*match.groups()) for line in lines if (match := _PLANNED.fullmatch(line)))


class AviSide:
    """Reads through the API with a session of its own, and looks behind it through the simulator's control interface.

    Args:
        url: of the simulator.
        settings: those the controller runs with.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._names = Names(settings.ako_settings.cluster_name)
        self._cloud = settings.controller_settings.cloud_name
        login = settings.credentials
        self._session = AviSession(
            AviEndpoint(url=url, username=login.username, password=login.password.get_secret_value())
        )
        self._pool = ThreadPoolExecutor(4, "demo")
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        self._session.close()
        self._http.close()

    def objects(self) -> Mapping[AviRef, AviObject]:
        """Give every object of ours."""
        seen = observe_all(self._session, self._names, self._cloud, self._pool)
        return {ref: found.object for ref, found in seen.items() if ref.name.startswith(self._names.prefix)}

    def routes(self) -> tuple[Route, ...]:
        """Give what is served."""
        return topology(self.objects().values())

    def everything(self) -> Mapping[tuple[str, str], Any]:
        """Give every object there is, whoever it belongs to, by type and uuid.

        Left out are the times of last changes, and empty lists, which mean the same as none.
        """
        found = (
            (kind, item) for kind in sorted(load_schema().kinds) for item in self._control("GET", f"objects/{kind}")
        )
        return {
            (kind, item["uuid"]): {name: part for name, part in item.items() if part != [] and name != "_last_modified"}
            for kind, item in found
        }

    def mark(self) -> int:
        """Give the number that the next request will have."""
        return int(self._control("GET", "requests")["next"])

    def writes(self, since: int) -> Writes:
        """Give what was written from a mark on."""
        log = self._control("GET", f"requests?since={since}")["requests"]
        entries = [entry for entry in log if entry["is_write"]]
        failed = [entry for entry in entries if entry["status"] >= 400 or not entry["status"]]
        return Writes(
            tuple(Step(_VERBS[entry["method"]], entry["type"], entry["name"]) for entry in entries),
            tuple(f"{entry['method']} {entry['path']} ({entry['name']}): {entry['status']}" for entry in failed),
            min((entry["time"] for entry in entries), default=0.0),
            max((entry["time"] + entry["duration_ms"] / 1000 for entry in entries), default=0.0),
        )

    def break_field(self, ref: AviRef, field: str, value: object) -> None:
        """Change a field of an object past the controller."""
        self._control("PATCH", f"objects/{ref.type}/{quote(ref.name)}", {field: value})

    def break_object(self, ref: AviRef) -> None:
        """Delete an object past the controller."""
        self._control("DELETE", f"objects/{ref.type}/{quote(ref.name)}?force=true")

    def _control(self, method: str, path: str, body: object = None) -> Any:
        with self._http.request(method, f"{self._url}/_sim/{path}", json=body, timeout=_PATIENCE) as answer:
            answer.raise_for_status()
            return answer.json() if answer.content else None
