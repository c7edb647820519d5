"""Model objects ↔ the Controller's JSON.

References leave as `/api/<type>?name=<name>` and come back as `https://…/api/<type>/<uuid>#<name>`;
nothing else in the project knows either form.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct

from ako.core.base.refs import AviRef
from ako.core.model import AviObject
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
    """Read `https://host/api/pool/pool-1#name`; without `#name` the uuid stands in for the name."""
    if expected is not AviRef or not isinstance(value, str):
        raise NotImplementedError(f"cannot read {value!r} as {expected}")
    path, _, name = value.partition("#")
    segments = path.rstrip("/").rsplit("/", 2)
    return AviRef(segments[-2] if len(segments) > 1 else "", name or segments[-1])


_encoder = msgspec.json.Encoder(enc_hook=_encode_reference)


@cache
def _decoder(of: Any) -> msgspec.json.Decoder[Any]:
    return reader(of, _decode_reference)


def decode(body: bytes, of: type[A]) -> A:
    """Project the Controller's JSON onto the fields we own; raise `msgspec.ValidationError` if it has another shape."""
    decoded: A = _decoder(of).decode(body)
    return decoded


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
    names = zip(desired.__struct_fields__, desired.__struct_encode_fields__, strict=True)
    values = ((encoded, getattr(desired, name)) for name, encoded in names)
    return {name: value for name, value in values if value is not UNSET and value is not None and name != "tenant"}


def encode_new(desired: AviObject, marks: Mapping[str, Any]) -> bytes:
    """Give the body of the request that creates an object; `marks` are fields that say whose it is."""
    fields = {**fields_of(desired), **marks}
    if desired.has_checksum:
        fields["cloud_config_cksum"] = checksum(desired)
    return _encoder.encode(fields)


def encode(value: object) -> bytes:
    """Give any structure of model values as JSON."""
    return _encoder.encode(value)


def checksum(desired: AviObject) -> str:
    """Give the number that people and tools around AKO expect in `cloud_config_cksum`; it proves nothing to us."""
    return str(zlib.crc32(_encoder.encode(fields_of(desired))))


def encoded_name(desired: AviObject, field: str) -> str:
    """Give the name in JSON of a field."""
    return _encoded_names(type(desired))[field]


@cache
def _encoded_names(of: type[AviObject]) -> Mapping[str, str]:
    return dict(zip(of.__struct_fields__, of.__struct_encode_fields__, strict=True))
