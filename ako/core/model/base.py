"""What every Avi object we write has in common.

A model type holds exactly the fields we own, under their Avi names, so that comparing desired with observed *is* the
difference. In a desired object `UNSET` means "not ours, leave it", `None` means "ours, and absent": as the Controller
has it where nobody says anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any, ClassVar, get_args, get_type_hints

from msgspec import UNSET, Struct, UnsetType

from ako.core.base.refs import AviRef
from ako.core.model.json_values import Json, thawed


class KeyValues(Struct, frozen=True):
    """A marker on an object.

    Attributes:
        key: such as `clustername`.
        values: its values.
    """

    key: str
    values: tuple[str, ...] = ()


class AviObject(Struct, frozen=True, kw_only=True):
    """One object on the Avi Controller.

    Attributes:
        avi_type: the object type in URLs, such as `pool`.
        created_from: fields that can be given at creation only; they are never compared.
        write_only: fields that the Controller never gives back.
        has_checksum: the type has a `cloud_config_cksum`.
        lendable: fields that may be left to an operator, and that the core sets on what is for ports of a Service.
        name: of the object; ours begins with `site.names.prefix`.
        markers: labels for people and roles; only a VsVip has some of ours, beside the mark of the cluster.
        tenant: where it is, as in `AviRef`; no field on the Controller.
        extra: fields that are not modelled: pairs of the name on the Controller and a value, as `extra` makes
            them of a mapping; a value None is ours, and absent.
    """

    avi_type: ClassVar[str]
    created_from: ClassVar[frozenset[str]] = frozenset()
    write_only: ClassVar[frozenset[str]] = frozenset()
    has_checksum: ClassVar[bool] = False
    lendable: ClassVar[frozenset[str]] = frozenset()

    name: str
    markers: tuple[KeyValues, ...] | UnsetType = UNSET
    tenant: str = ""
    extra: tuple[tuple[str, Json], ...] = ()

    @property
    def ref(self) -> AviRef:
        """Give the identity of the object."""
        return AviRef(self.avi_type, self.name, self.tenant)

    @property
    def extra_fields(self) -> dict[str, Any]:
        """Give `extra` as plain dictionaries and lists; references in it stay `AviRef`s."""
        return {name: thawed(value) for name, value in self.extra}

    def references(self) -> Iterator[AviRef]:
        """Give every reference to another object, in field order."""
        return in_fields(self, bearing(type(self)))


def in_fields(item: Struct, fields: Iterable[str]) -> Iterator[AviRef]:
    """Give every reference in some fields; most fields that may hold one are not set, and are passed over quickly."""
    for field in fields:
        value = getattr(item, field)
        if value is not UNSET and value:
            yield from references_in(value)


def references_in(value: object) -> Iterator[AviRef]:
    """Give every reference in a value of a model, however deep."""
    if isinstance(value, AviRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from references_in(item)
    elif isinstance(value, Struct):
        yield from in_fields(value, bearing(type(value)))


@cache
def optional(kind: type[AviObject]) -> frozenset[str]:
    """Give the fields that an operator may set, and that only plugins set beside: they may be unset, or absent."""
    hints = get_type_hints(kind)
    both = {UnsetType, NoneType}
    return frozenset(f for f in kind.__struct_fields__ if both <= {*get_args(hints[f])}) - kind.lendable


@cache
def encoded_names(kind: type[AviObject]) -> Mapping[str, str]:
    """Give the names that the Controller has for the fields of a type, by their names in the model."""
    return dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))


@cache
def bearing(kind: type[Struct]) -> tuple[str, ...]:
    """Give the fields of a type that may hold a reference, by their types: long lists of names need no looking into."""
    hints = get_type_hints(kind)
    return tuple(field for field in kind.__struct_fields__ if _may_hold_one(hints[field]))


def _may_hold_one(hint: object) -> bool:
    if arguments := get_args(hint):
        return any(map(_may_hold_one, arguments))
    if not isinstance(hint, type) or hint in {object, Json, tuple, Struct, AviObject}:
        return hint is not Ellipsis
    return hint is AviRef or (issubclass(hint, Struct) and bool(bearing(hint)))


def family_of(address: str) -> str:
    """Tell IPv6 (`V6`) from IPv4 (`V4`) by its colons."""
    return "V6" if ":" in address else "V4"


class IpAddr(Struct, frozen=True, gc=False):
    """An IP address as Avi writes it; there are very many, and none can be part of a cycle.

    Attributes:
        addr: the address; `IpAddr.of` makes one of a text.
        type: `V4` or `V6`.
    """

    addr: str
    type: str = "V4"

    @classmethod
    def of(cls, address: str) -> IpAddr:
        """Give an address with its family."""
        return cls(addr=address, type=family_of(address))


class IpPrefix(Struct, frozen=True):
    """A network.

    Attributes:
        ip_addr: its address.
        mask: its length.
    """

    ip_addr: IpAddr
    mask: int


def is_set(value: object) -> bool:
    """Say whether a field of a desired object is ours."""
    return value is not UNSET
