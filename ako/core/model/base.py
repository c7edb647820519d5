"""What every Avi object we write has in common.

A model type holds exactly the fields we own, under their Avi names, so that comparing desired with observed *is* the
difference. In a desired object `UNSET` means "not ours, leave it", `None` means "ours, and absent".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import ClassVar, get_args, get_type_hints

from msgspec import UNSET, Struct, UnsetType

from ako.core.base.refs import AviRef


class KeyValues(Struct, frozen=True):
    """A marker on an object."""

    key: str
    values: tuple[str, ...] = ()


class AviObject(Struct, frozen=True, kw_only=True):
    """One object on the Avi Controller.

    Attributes:
        avi_type: the object type in URLs, such as `pool`.
        created_from: fields that can be given at creation only; they are never compared.
        write_only: fields that the Controller never gives back.
        has_checksum: the type has a `cloud_config_cksum`.
        markers: labels for people and roles; only a VsVip has some of ours, beside the mark of the cluster.
        tenant: where it is, as in `AviRef`; no field on the Controller.
    """

    avi_type: ClassVar[str]
    created_from: ClassVar[frozenset[str]] = frozenset()
    write_only: ClassVar[frozenset[str]] = frozenset()
    has_checksum: ClassVar[bool] = False

    name: str
    markers: tuple[KeyValues, ...] | UnsetType = UNSET
    tenant: str = ""

    @property
    def ref(self) -> AviRef:
        """Give the identity of the object."""
        return AviRef(self.avi_type, self.name, self.tenant)

    def references(self) -> Iterator[AviRef]:
        """Give every reference to another object, in field order."""
        for field in bearing(type(self)):
            yield from references_in(getattr(self, field))


def references_in(value: object) -> Iterator[AviRef]:
    """Give every reference in a value of a model, however deep."""
    if isinstance(value, AviRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from references_in(item)
    elif isinstance(value, Struct):
        for field in bearing(type(value)):
            yield from references_in(getattr(value, field))


@cache
def bearing(kind: type[Struct]) -> tuple[str, ...]:
    """Give the fields of a type that may hold a reference, by their types: long lists of names need no looking into."""
    hints = get_type_hints(kind)
    return tuple(field for field in kind.__struct_fields__ if _may_hold_one(hints[field]))


def _may_hold_one(hint: object) -> bool:
    if arguments := get_args(hint):
        return any(map(_may_hold_one, arguments))
    if not isinstance(hint, type) or hint in {object, tuple, Struct, AviObject}:
        return hint is not Ellipsis
    return hint is AviRef or (issubclass(hint, Struct) and bool(bearing(hint)))


def family_of(address: str) -> str:
    """Tell IPv6 (`V6`) from IPv4 (`V4`) by its colons."""
    return "V6" if ":" in address else "V4"


class IpAddr(Struct, frozen=True, gc=False):
    """An IP address as Avi writes it; there are very many, and none can be part of a cycle."""

    addr: str
    type: str = "V4"

    @classmethod
    def of(cls, address: str) -> IpAddr:
        """Give an address with its family."""
        return cls(addr=address, type=family_of(address))


class IpPrefix(Struct, frozen=True):
    """A network address with its mask length."""

    ip_addr: IpAddr
    mask: int


def is_set(value: object) -> bool:
    """Say whether a field of a desired object is ours."""
    return value is not UNSET
