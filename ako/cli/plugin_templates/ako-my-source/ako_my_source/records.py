"""A MySource as this plugin reads it: only fields that are used, so that no other wakes anything."""

from __future__ import annotations

from msgspec import Struct

from ako import SECRETS, Kind, Metadata, WatchedKind


class MySourceSpec(Struct, frozen=True, rename="camel"):
    """What a MySource asks for."""

    host: str
    service: str
    port: int
    paths: tuple[str, ...] | None = None
    tls_secret: str | None = None


class MySource(Struct, frozen=True):
    """A MySource without its status."""

    metadata: Metadata
    spec: MySourceSpec


class Told(Struct, frozen=True):
    """What its status says."""

    served: bool | None = None
    address: str | None = None
    reason: str | None = None


class MySourceStatus(Struct, frozen=True):
    """A MySource as a status record: only its status."""

    status: Told | None = None


KINDS = (
    WatchedKind(
        kind=Kind("example.org", "v1", "MySource"),
        plural="mysources",
        record=MySource,
        status=MySourceStatus,
        is_source=True,
        is_optional=True,
    ),
    SECRETS,
)
