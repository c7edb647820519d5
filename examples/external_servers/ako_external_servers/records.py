"""A Service as this plugin reads it, and what it watches."""

from __future__ import annotations

from msgspec import Struct

from ako import SERVICES, LabelledMetadata, View, WatchedKind

ANNOTATION = "example.org/servers"
"""Names the servers of a Service; with `.<port>` behind it, those of one of its ports, by name or number."""


class AnnotatedService(Struct, frozen=True):
    """A Service, of which only the annotations are read; its ports are read by `ako.wanted_ports`."""

    metadata: LabelledMetadata


class Written(Struct, frozen=True):
    """What an annotation says, and which one it is."""

    annotation: str
    text: str


def written(view: View, namespace: str, name: str) -> tuple[Written, ...]:
    """Give the annotations of a Service that name servers (a query: other annotations wake nobody)."""
    found = view.get(AnnotatedService, namespace, name)
    annotations = (found.metadata.annotations if found else None) or {}
    keys = [key for key in annotations if key == ANNOTATION or key.startswith(f"{ANNOTATION}.")]
    return tuple(Written(key, annotations[key]) for key in sorted(keys))


ANNOTATED_SERVICES = WatchedKind(kind=SERVICES.kind, plural=SERVICES.plural, record=AnnotatedService)
KINDS = (ANNOTATED_SERVICES, SERVICES)
