"""Model objects ↔ the Controller's JSON.

References leave as `/api/<type>?name=<name>` and come back as `https://…/api/<type>/<uuid>#<name>`;
nothing else in the project writes the one, or reads the other but what tells what a value says (`avi_fields.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import AviObject
from ako.core.model.avi_fields import canonical, ref_of
from ako.core.model.base import encoded_names, optional
from ako.core.model.extra import Fields, modelled
from ako.core.model.json_values import thawed
from ako.typed_json import reader

_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
"""Most names: quoting them would change nothing, and takes ten times as long."""

A = TypeVar("A", bound=AviObject)


class Identity(Struct, frozen=True, kw_only=True):
    """What the Controller knows an object by."""

    uuid: str
    name: str
    last_modified: str = msgspec.field(name="_last_modified", default="")
    created_by: str = ""
    tenant_ref: str = ""

    @property
    def tenant(self) -> str:
        """Give the name of its tenant, in lists that tell names; empty if the answer does not say."""
        return self.tenant_ref.partition("#")[2]


def _encode_reference(value: object) -> str:
    if isinstance(value, AviRef):
        name = value.name if _PLAIN.fullmatch(value.name) else quote(value.name, safe="")
        return f"/api/{value.type}?name={name}"
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


def _decode_reference(expected: type, value: Any) -> AviRef:
    if expected is not AviRef or not isinstance(value, str):
        raise NotImplementedError(f"cannot read {value!r} as {expected}")
    return ref_of(value)


def _encode_reference_as_read(value: object) -> str:
    if isinstance(value, AviRef):
        return f"/api/{value.type}/-#{value.name}"
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


_encoder = msgspec.json.Encoder(enc_hook=_encode_reference)
_encoder_as_read = msgspec.json.Encoder(enc_hook=_encode_reference_as_read)


@cache
def _decoder(of: Any) -> msgspec.json.Decoder[Any]:
    return reader(of, _decode_reference)


def decode(body: bytes, of: type[A]) -> A:
    """Project the Controller's JSON onto the fields we own; raise `msgspec.ValidationError` if it has another shape."""
    decoded: A = _decoder(of).decode(body)
    return decoded


def lent_fields(body: bytes, found: A, fields: Fields) -> A:
    """Give a decoded object with the fields that only plugins set as far as they are declared.

    What says no more than a default is left out, and what nobody declared: it is an operator's, and takes room.
    """
    left, others = _lending(type(found), fields.get(type(found), _NONE))
    if others:
        there = _decoder(dict[str, Any]).decode(body)
        said = ((name, canonical(found.avi_type, name, there.get(name))) for name in others)
        return replace(found, **left, extra=tuple((name, value) for name, value in said if value is not None))
    return replace(found, **left) if left else found


_NONE = frozenset[str]()


@cache
def _lending(of: type[AviObject], declared: frozenset[str]) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Give which fields are left unset, and which others are declared."""
    names = modelled(of)
    left = optional(of) - {names[name] for name in declared if name in names}
    return dict.fromkeys(left, UNSET), sorted(declared - names.keys())


def decode_readable(body: bytes, of: type[A]) -> A:
    """Project like `decode`, but leave out fields that have another shape, as somebody's edit can give them."""
    there: dict[str, msgspec.Raw] = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    readable = {"name": there["name"]}
    for field in of.__struct_encode_fields__:
        if field in there and _is_readable({"name": there["name"], field: there[field]}, of):
            readable[field] = there[field]
    return decode(_encoder.encode(readable), of)


def _is_readable(fields: Mapping[str, msgspec.Raw], of: type[AviObject]) -> bool:
    try:
        decode(_encoder.encode(fields), of)
    except msgspec.ValidationError:
        return False
    return True


def decode_identity(body: bytes) -> Identity:
    """Read uuid, name and version of an object."""
    identity: Identity = _decoder(Identity).decode(body)
    return identity


def fields_of(desired: AviObject) -> dict[str, Any]:
    """Give the fields of a desired object that are ours and present, under their names in JSON."""
    read, names = _fields(type(desired))
    values = zip(names, read(desired), strict=True)
    present = {name: value for name, value in values if value is not UNSET and value is not None}
    if desired.extra:
        present |= {name: thawed(value) for name, value in desired.extra if value is not None}
    return present


@cache
def _fields(of: type[AviObject]) -> tuple[Callable[[AviObject], tuple[Any, ...]], tuple[str, ...]]:
    """Give what reads the fields of the Controller from an object of a type, and their names in JSON."""
    names = {name: encoded for name, encoded in encoded_names(of).items() if name not in {"tenant", "extra"}}
    return attrgetter(*names), tuple(names.values())


def encode_new(desired: AviObject, marks: Mapping[str, Any]) -> bytes:
    """Give the body of the request that creates an object; `marks` are fields that say whose it is."""
    fields = {**fields_of(desired), **marks}
    if desired.has_checksum:
        fields["cloud_config_cksum"] = checksum(desired)
    return _encoder.encode(fields)


def encode(value: object) -> bytes:
    """Give any structure of model values as JSON."""
    return _encoder.encode(value)


def encode_as_read(value: object) -> bytes:
    """Give any structure of model values as JSON that `decode` reads back: references are as the Controller has them.

    Their tenants are left out, as everywhere in JSON.
    """
    return _encoder_as_read.encode(value)


def checksum(desired: AviObject) -> str:
    """Give the number that people and tools around AKO expect in `cloud_config_cksum`; it proves nothing to us."""
    return str(zlib.crc32(_encoder.encode(fields_of(desired))))


def encoded_name(desired: AviObject, field: str) -> str:
    """Give the name in JSON of a field; one that is not modelled is called so already."""
    return encoded_names(type(desired)).get(field, field)
