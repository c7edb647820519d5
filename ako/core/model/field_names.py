"""The names of the fields of Avi objects, as the Controller's JSON has them."""

from __future__ import annotations

from ako.core.model.avi_fields import fields_of_type
from ako.core.model.base import AviObject


def field_names(of: type[AviObject]) -> frozenset[str]:
    """Give the fields of a type, the name and what says whose an object is included."""
    return frozenset(fields_of_type(of.avi_type))
