"""What an expectation may look at: the Avi Controller, the cluster, the requests made, the log, readiness."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.scenarios.avi_view import AviView
from tests.scenarios.scenario import JsonObject
from tests.scenarios.visits import Clients

VIP = "$vip:"


@dataclass(frozen=True, slots=True)
class AviRequest:
    """One request that the Avi Controller received; `model` is the object type that it reads or writes."""

    number: int
    method: str
    path: str
    model: str
    name: str
    status: int
    is_write: bool

    def __str__(self) -> str:
        return f"#{self.number} {self.method} {self.path} {self.model} {self.name} -> {self.status}"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request to the Avi Controller said; the body is JSON, or a text that is none, or None."""

    method: str
    path: str
    body: Any = None

    @property
    def model(self) -> str:
        """Give the object type that the path names, if any."""
        _, _, rest = self.path.partition("/api/")
        return rest.partition("/")[0].partition("?")[0]


class Cluster(Protocol):
    """What a check reads from Kubernetes."""

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Give the object as it is now, or None."""

    def events(self) -> Sequence[JsonObject]:
        """Give all Events."""

    def history(self, kind: str, namespace: str, name: str) -> Sequence[JsonObject]:
        """Give every version that the object had since the last step, ending with the present one."""


def nobody() -> Clients:
    """Have no clients."""
    raise LookupError("nobody can ask: the Controller of this scenario forwards no requests")


@dataclass(frozen=True, slots=True)
class World:
    """Everything one evaluation sees, read anew for each."""

    cluster_name: str
    avi: AviView
    cluster: Cluster
    requests: Sequence[AviRequest]
    """Requests since the previous expectation."""
    requests_of_this_run: Sequence[AviRequest]
    """Requests since the previous expectation or restart, whichever is later."""
    log_lines: Callable[[], Sequence[str]]
    ready: Callable[[], bool | None]
    """What the readiness endpoint says; None if it does not answer."""
    sent: Callable[[], Sequence[Sent]] = tuple
    """What all requests said so far."""
    clients: Callable[[], Clients] = nobody
    """Gives who asks, with a stand-in behind each server that a pool names now."""
    remembered: MutableMapping[tuple[str, str], str] = field(default_factory=dict)


def with_addresses(value: object, avi: AviView) -> object:
    """Replace every `$vip:<name>` by the address of that VsVip; one without an address stays recognisable."""
    if isinstance(value, str) and value.startswith(VIP):
        name = value.removeprefix(VIP)
        return avi.address_of(name) or f"<address of VsVip {name}, which has none>"
    if isinstance(value, list):
        return [with_addresses(item, avi) for item in value]
    if isinstance(value, dict):
        return {key: with_addresses(item, avi) for key, item in value.items()}
    return value
