"""What is not known, and whose it may be."""

from __future__ import annotations

from msgspec import Struct

from ako.core.base.refs import ObjectRef


class Doubt(Struct, frozen=True, order=True):
    """Something that could not be computed and never could: whose it is, and why; anybody's, if that is not said."""

    reason: str
    source: ObjectRef | None = None
    host: str = ""
    tree: str = ""
