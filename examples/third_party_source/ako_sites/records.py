"""A Site as this plugin reads it, and what it watches: only fields that are used, so that no other wakes anything."""

from __future__ import annotations

from msgspec import Struct

from ako import SECRETS, Kind, Metadata, WatchedKind


class SiteSpec(Struct, frozen=True, rename="camel"):
    """What a Site asks for."""

    host: str
    service: str
    port: int
    paths: tuple[str, ...] | None = None
    tls_secret: str | None = None


class Site(Struct, frozen=True):
    """A Site without its status."""

    metadata: Metadata
    spec: SiteSpec


class Served(Struct, frozen=True):
    """What a Site's status says."""

    served: bool | None = None
    address: str | None = None
    reason: str | None = None


class SiteStatus(Struct, frozen=True):
    """A Site as a status record: only its status."""

    status: Served | None = None


KINDS = (
    WatchedKind(
        kind=Kind("sites.example.org", "v1", "Site"),
        plural="sites",
        record=Site,
        status=SiteStatus,
        is_source=True,
        is_optional=True,
        access=("sites/status:patch",),
    ),
    SECRETS,
)
