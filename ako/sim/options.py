"""What a simulator can be told before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ako.typed_json import reader

Json = dict[str, Any]


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs from the usual start: fields are merged into the objects of that name, or create them.

    The names are those of the default objects; ``"ipam_provider_ref": null`` takes a field away.
    """

    cloud: Json = msgspec.field(default_factory=dict)
    clouds: list[Json] = msgspec.field(default_factory=list)
    serviceenginegroups: list[Json] = msgspec.field(default_factory=list)
    vrfcontexts: list[Json] = msgspec.field(default_factory=list)
    networks: list[Json] = msgspec.field(default_factory=list)
    tenants: list[Json] = msgspec.field(default_factory=list)
    dns_domains: list[str] | None = None
    cluster_runtime: Json = msgspec.field(default_factory=dict)
    systemconfiguration: Json = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, value: object) -> Baseline:
        """Build a baseline from plain data; ValueError names what is wrong."""
        return _decode_baseline(msgspec.json.encode(value))

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read a baseline from a JSON file."""
        return _decode_baseline(path.read_bytes())


_decode_baseline = reader(Baseline).decode


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """How a simulator listens and what it pretends to be.

    With `data_plane` it forwards requests too: to the stand-ins named for servers, and, with `dial_servers`, to the
    servers themselves where there is none.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    version: str = "20.1.5"
    username: str = "admin"
    password: str = "admin"  # noqa: S105 - the factory setting of a test double
    latency_ms: float = 0
    lenient: bool = False
    baseline: Baseline | None = None
    data_plane: bool = False
    dial_servers: bool = False
