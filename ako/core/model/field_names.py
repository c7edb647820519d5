"""The names of the fields of Avi objects, as the Controller's JSON has them."""

from __future__ import annotations

from ako.core.model.base import AviObject


def field_names(of: type[AviObject]) -> frozenset[str]:
    """Give the fields of a type that may be set, the name and what says whose an object is included."""
    return frozenset(of.__struct_encode_fields__) - {"tenant"}
