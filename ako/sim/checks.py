"""Checks of single values: types, ranges and enumerations of scalar fields."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from ako.sim.problems import FieldCheck
from ako.sim.schema import Field, Schema

Check = Callable[[Any], Any]
# Checks a message once all its fields are in.
Finish = Callable[[dict[str, Any]], None]

_LIMITS = {
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_FAMILIES = {
    "ip_address": "V4", "floating_ip": "V4", "subnet": "V4",
    "ip6_address": "V6", "floating_ip6": "V6", "subnet6": "V6",
}  # fmt: skip
_BOOLEANS = {True: True, False: False, "true": True, "false": False, "True": True, "False": False}


def check_of(known: Field, schema: Schema) -> Check:
    """Build the check for one value of a scalar field (one element, if the field repeats)."""
    if known.base == "integer":
        return _integer(known)
    if known.base == "enum":
        return _enum(known, schema.enums[known.target])
    return {"string": _string, "boolean": _boolean, "number": _number, "any": _anything}[known.base](known)


def _string(known: Field) -> Check:
    name = known.name

    def check(value: Any) -> Any:
        if value.__class__ is not str:
            raise FieldCheck(name, f"expected a string, got {value!r}")
        return value

    return check


def _boolean(known: Field) -> Check:
    name = known.name

    def check(value: Any) -> Any:
        if value is True or value is False:
            return value
        # The Controller takes the words for booleans too.
        if value.__class__ is str and value in _BOOLEANS:
            return _BOOLEANS[value]
        raise FieldCheck(name, f"expected a boolean, got {value!r}")

    return check


def _number(known: Field) -> Check:
    name = known.name

    def check(value: Any) -> Any:
        if value.__class__ is int or value.__class__ is float:
            return value
        raise FieldCheck(name, f"expected a number, got {value!r}")

    return check


def _anything(known: Field) -> Check:
    del known
    return lambda value: value


def _enum(known: Field, values: frozenset[str]) -> Check:
    name = known.name
    # Where the documented list is cut off, a value with the common prefix passes.
    prefix = next(iter(values)).split("_")[0] if known.spec.get("enum_open") and values else None

    def check(value: Any) -> Any:
        if value.__class__ is str and (value in values or (prefix is not None and value.startswith(prefix))):
            return value
        raise FieldCheck(name, f"{value!r} is none of {sorted(values)}")

    return check


def _integer(known: Field) -> Check:
    name, spec = known.name, known.spec
    least, most = _LIMITS.get(spec.get("format", "int64"), _LIMITS["int64"])
    least, most = spec.get("min", least), spec.get("max", most)
    allowed = frozenset(int(part) for part in spec["allowed"].split(",")) if "allowed" in spec else None
    special = frozenset(spec.get("special", ()))
    textual = spec.get("format") in {"uint64", "int64"}

    def check(value: Any) -> Any:
        if value.__class__ is not int:
            # 64-bit numbers may come as text, as JSON cannot hold them safely.
            if not (textual and value.__class__ is str and value.lstrip("-").isdigit()):
                raise FieldCheck(name, f"expected an integer, got {value!r}")
            value = int(value)
        if allowed is not None and value not in allowed:
            raise FieldCheck(name, f"{value} is none of {sorted(allowed)}")
        if not least <= value <= most and value not in special:
            raise FieldCheck(name, f"{value} is not in the range {least}-{most}")
        return value

    return check


def check_address(value: dict[str, Any]) -> None:
    """Check that an address is one of its type; names (type DNS) pass."""
    family = {"V4": socket.AF_INET, "V6": socket.AF_INET6}.get(value["type"])
    if family is None:
        return
    try:
        socket.inet_pton(family, value["addr"])
    except (OSError, ValueError):  # ValueError: what cannot even be handed over, such as a null character
        raise FieldCheck("addr", f"{value['addr']!r} is no address of type {value['type']}") from None


def check_prefix(value: dict[str, Any]) -> None:
    """Check that a subnet is one: an address, and no more bits than addresses of its type have."""
    most = {"V4": 32, "V6": 128}.get(value["ip_addr"]["type"])
    if most is None:
        raise FieldCheck("ip_addr", f"{value['ip_addr']['addr']!r} is a name; a subnet needs an address")
    if not 0 <= value["mask"] <= most:
        raise FieldCheck("mask", f"{value['mask']} is not in the range 0-{most}")


def check_range(value: dict[str, Any]) -> None:
    """Check that a range goes from one address to another of the same type."""
    types = [value[end]["type"] for end in ("begin", "end")]
    if types not in (["V4", "V4"], ["V6", "V6"]):
        raise FieldCheck("begin", f"a range needs two addresses of one type, got {types}")


def check_families(value: dict[str, Any]) -> None:
    """Check that every address of a message with fields for both families is in the field of its own."""
    for name, family in _FAMILIES.items():
        given = value.get(name)
        if given is None:
            continue
        address = given.get("ip_addr", given)
        if address["type"] != family:
            raise FieldCheck(name, f"needs an address of type {family}, got {address['addr']!r} of {address['type']}")


def check_subnet(value: dict[str, Any]) -> None:
    """Check that the ranges of a subnet are of the type of its prefix."""
    family = value["prefix"]["ip_addr"]["type"]
    ranges = [*(item["range"] for item in value.get("static_ip_ranges", ())), *value.get("static_ranges", ())]
    for item in ranges:
        if item["begin"]["type"] != family:
            raise FieldCheck("begin", f"{item['begin']['addr']!r} is in a subnet of type {family}")


FINISHES: dict[str, Finish] = {
    "IpAddr": check_address,
    "IpAddrPrefix": check_prefix,
    "IpAddrRange": check_range,
    "Subnet": check_subnet,
    "Vip": check_families,
    "IPNetworkSubnet": check_families,
    "VipPlacementNetwork": check_families,
}
