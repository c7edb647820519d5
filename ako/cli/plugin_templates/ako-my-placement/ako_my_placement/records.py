"""A Service as this plugin reads it: its annotations; a change of anything else in it wakes nothing."""

from __future__ import annotations

from msgspec import Struct

from ako import Kind, LabelledMetadata, WatchedKind

SERVERS = "my-placement.example.org/servers"
"""The annotation: `<address>:<port>`, several with commas between them."""


class Annotated(Struct, frozen=True):
    """A Service without its spec."""

    metadata: LabelledMetadata


KINDS = (WatchedKind(kind=Kind("", "v1", "Service"), plural="services", record=Annotated),)
