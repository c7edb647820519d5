"""What is not known, and whose it may be."""

from __future__ import annotations

from msgspec import Struct

from ako.core.base.refs import ObjectRef


class Doubt(Struct, frozen=True, order=True):
    """Something that could not be computed and never could: whose it is, and why.

    With a source alone it is all that this object may own, with a host alone all of that host, with both what the one
    claims of the other, with a tree all that is there of it; without any of them it may be anything.
    """

    reason: str
    source: ObjectRef | None = None
    host: str = ""
    tree: str = ""
