"""Whether a value is of a type all the way down, by checkers that are made once from the annotations of the records.

A record's fields are not checked when it is made, so that any of them may hold anything. What is let in is of exactly
the type that is annotated: a subclass may compare, hash or print as it likes. Nothing is asked of a value before its
type is known, so that nothing of its own runs here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct, UnsetType

from ako.core.base.refs import AviRef
from ako.core.hooks.judge.bounds import NEVER_EMPTY, RANGES, WHOLE
from ako.core.hooks.judge.faults import MOST_TEXT, Amount, Wrong
from ako.core.hooks.judge.servers import FEWEST, VALUES, text_of_servers
from ako.core.model import FOREIGN_TYPES, WRITTEN_TYPES, AviObject, PoolServer, StaticRoute
from ako.core.model.json_values import Json, JsonObject

Check = Callable[[Any, Amount], None]
"""Raises `Wrong` if a value is not as it must be; counts what it looks at."""

_INTEGERS = (-(2**63), 2**63 - 1)
"""What JSON of ours can carry."""

_WORDS: Mapping[object, str] = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    NoneType: "None",
    UnsetType: "UNSET",
}


def named(kind: type) -> str:
    """Give the words for a value of a type: `an int`, `a HostClaim`, `None`."""
    if kind is NoneType:
        return "None"
    name = type.__dict__["__name__"].__get__(kind)  # a class may have a __name__ of its own
    short = name if len(name) <= 80 and name.isprintable() else f"{name[:80]!r}"
    return f"{'an' if short[:1].lower() in 'aeiou' else 'a'} {short}"


def not_a(value: object, wanted: str) -> Wrong:
    """Give the fault that a value is of another type than is wanted."""
    return Wrong(f"is {named(type(value))}, not {wanted}")


@cache
def checker_of(hint: Any) -> Check:
    """Give what checks values of an annotated type.

    Raises:
        TypeError: no answer can have this type, as what it allows can change, or can be anything.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return _one_of(arguments)
    if origin is tuple:
        return _each(arguments[0]) if arguments[1:] == (Ellipsis,) else _places(arguments)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is AviObject:
        return _avi_object
    if isinstance(hint, type) and origin is None:
        if issubclass(hint, Enum):
            return _exactly(hint)
        if issubclass(hint, Struct) and hint is not Struct:
            return _record(hint)
        if issubclass(hint, tuple) and hasattr(hint, "_fields"):
            return _named_tuple(hint)
    raise TypeError(f"{hint!r} is no type for an answer")


def kinds_of(hint: Any) -> tuple[type, ...]:
    """Give the types that a value of an annotated type can have."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return tuple(kind for argument in arguments for kind in kinds_of(argument))
    if hint is AviObject:
        return _KNOWN
    return () if hint is Json else (NoneType if hint is None else origin or hint,)


def words_for(hint: Any) -> str:
    """Give the words for what a value must be."""
    if get_origin(hint) in {Union, UnionType}:
        return " or ".join(map(words_for, get_args(hint)))
    if get_origin(hint) is tuple:
        return "a tuple"
    return _WORDS.get(NoneType if hint is None else hint) or named(hint)


def check_text(value: Any, amount: Amount) -> None:
    """Check a text: one that can be written down, which half of a character (a lone surrogate) cannot."""
    if type(value) is not str:
        raise not_a(value, "a text")
    amount.text(len(value) if value.isascii() else written(value))


def written(text: str) -> int:
    """Give how many bytes a text has, written down; raise `Wrong` if it cannot be."""
    if len(text) > MOST_TEXT:
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Wrong("holds half of a character (a lone surrogate), which no text can") from None


def check_integer(value: Any, amount: Amount) -> None:
    """Check a whole number; true is none."""
    if type(value) is not int:
        raise not_a(value, "a number")
    amount.value()
    if not _INTEGERS[0] <= value <= _INTEGERS[1]:
        raise Wrong("is a number of more than 64 bits")


def check_number(value: Any, amount: Amount) -> None:
    """Check a number that may be a fraction."""
    if type(value) is not float:
        check_integer(value, amount)
        return
    amount.value()
    if not math.isfinite(value):
        raise Wrong("is no finite number")


def _check_reference(value: Any, amount: Amount) -> None:
    if type(value) is not AviRef:
        raise not_a(value, "an AviRef")
    for field in AviRef.__slots__:
        if not hasattr(value, field):
            raise Wrong(f"has no {field.lstrip('_')}")
    for field in ("type", "name", "tenant"):
        try:
            check_text(getattr(value, field), amount)
        except Wrong as fault:
            raise fault.below(f".{field}") from None
    if hash(value) != hash((value.type, value.name, value.tenant)):
        raise Wrong("was changed after it was made")


def check_routes(value: Any, amount: Amount) -> None:
    """Check static routes, which may be a list too: they are copied before anybody else sees them."""
    if type(value) not in {list, tuple}:
        raise not_a(value, "a tuple or a list of StaticRoute")
    checker_of(tuple[StaticRoute, ...])(tuple(value), amount)


def _check_json(value: Any, amount: Amount) -> None:
    """Check frozen JSON, in which references may stand."""
    held = type(value)
    if held is tuple or held is JsonObject:
        amount.deeper()
        checker_of(_JSON_LIST if held is tuple else JsonObject)(value, amount)
        amount.higher()
        return
    for kind in _JSON_LEAVES:
        if held is kind:
            known: Any = kind
            checker_of(known)(value, amount)
            return
    raise not_a(value, "frozen JSON, as ako.extra makes it")


_JSON_LIST = tuple[Json, ...]
_JSON_LEAVES: tuple[Any, ...] = (str, int, float, bool, NoneType, AviRef)


def _exactly(kind: type) -> Check:
    words = words_for(kind)

    def check(value: Any, amount: Amount) -> None:
        if type(value) is not kind:
            raise not_a(value, words)
        amount.value()

    return check


_PLAIN: dict[Any, Check] = {
    str: check_text,
    int: check_integer,
    float: check_number,
    bool: _exactly(bool),
    None: _exactly(NoneType),
    NoneType: _exactly(NoneType),
    UnsetType: _exactly(UnsetType),
    AviRef: _check_reference,
    Json: _check_json,
}


def _one_of(hints: Iterable[Any]) -> Check:
    """Give what checks a value of one of several types, each of which is told by its class."""
    hints = tuple(hints)
    words = " or ".join(map(words_for, hints))
    checks = tuple((kind, checker_of(hint)) for hint in hints for kind in kinds_of(hint))

    def check(value: Any, amount: Amount) -> None:
        held = type(value)
        for kind, of_kind in checks:
            if held is kind:
                of_kind(value, amount)
                return
        raise not_a(value, words)

    return check


def _each(hint: Any) -> Check:
    """Give what checks a tuple of any length."""
    later: list[Check] = []

    def check(value: Any, amount: Amount) -> None:
        if type(value) is not tuple:
            raise not_a(value, "a tuple")
        amount.value()
        if not value:
            return
        if hint is PoolServer and len(value) >= FEWEST and (size := text_of_servers(value)) is not None:
            amount.deeper(len(value) * VALUES)
            amount.higher(size)
            return
        if not later:  # a record may hold others of its own type
            later.append(checker_of(hint))
        of_one = later[0]
        index = 0
        try:
            for item in value:
                of_one(item, amount)
                index += 1
        except Wrong as fault:
            raise fault.below(f"[{index}]") from None

    return check


def _places(hints: tuple[Any, ...]) -> Check:
    """Give what checks a tuple of a certain length."""
    checks = tuple(map(checker_of, hints))

    def check(value: Any, amount: Amount) -> None:
        if type(value) is not tuple:
            raise not_a(value, "a tuple")
        _check_places(value, checks, amount, tuple(f"[{index}]" for index in range(len(checks))))

    return check


def _named_tuple(kind: Any) -> Check:
    hints = get_type_hints(kind)
    checks = tuple(checker_of(hints[field]) for field in kind._fields)
    fields = tuple(f".{field}" for field in kind._fields)
    words = words_for(kind)

    def check(value: Any, amount: Amount) -> None:
        if type(value) is not kind:
            raise not_a(value, words)
        _check_places(value, checks, amount, fields)

    return check


def _check_places(value: tuple[Any, ...], checks: tuple[Check, ...], amount: Amount, names: tuple[str, ...]) -> None:
    amount.value()
    if len(value) != len(checks):
        raise Wrong(f"has {len(value)} entries, not {len(checks)}")
    for check, item, name in zip(checks, value, names, strict=True):
        try:
            check(item, amount)
        except Wrong as fault:
            raise fault.below(name) from None


def _record(kind: type[Struct]) -> Check:
    """Give what checks a record: what is a text, or of a type of which any value will do, is looked at right here."""
    hints = get_type_hints(kind)
    names = kind.__struct_fields__
    fields = tuple((name, *_at_once(kind, name, hints[name]), _field(kind, name, hints[name])) for name in names)
    of_whole = WHOLE.get(kind)
    words = words_for(kind)

    def check(value: Any, amount: Amount) -> None:
        if type(value) is not kind:
            raise not_a(value, words)
        amount.deeper(len(fields))
        name, size = "", 0
        try:
            for name, plain, absent, of_field in fields:
                item = getattr(value, name)
                held = type(item)
                if held is absent:
                    continue
                if held is not plain:
                    of_field(item, amount)
                elif held is str:
                    size += len(item) if item.isascii() else written(item)
        except Wrong as fault:
            raise fault.below(f".{name}") from None
        except AttributeError:
            raise Wrong(f"has no {name}") from None
        amount.higher(size)
        if of_whole is not None and (what := of_whole(value)):
            raise Wrong(what)

    return check


def _at_once(kind: type[Struct], field: str, hint: Any) -> tuple[object, object]:
    """Give the type of which any value of a field will do, and that of its absence; None where there is none."""
    kinds = kinds_of(hint)
    plain = next((k for k in kinds if k in {str, bool} or issubclass(k, Enum)), None)
    if (kind, field) in RANGES or (kind, field) in NEVER_EMPTY:
        plain = None
    return plain, next((k for k in kinds if k in {NoneType, UnsetType}), None)


def _field(kind: type[Struct], field: str, hint: Any) -> Check:
    """Give what checks a field: by its type, and where there is one by the range of its numbers."""
    check = checker_of(hint)
    if (kind, field) in RANGES:
        check = _within(check, *RANGES[kind, field])
    return _filled(check) if (kind, field) in NEVER_EMPTY else check


def _within(of_type: Check, least: int, most: int) -> Check:
    def check(value: Any, amount: Amount) -> None:
        of_type(value, amount)
        for number in value if type(value) is tuple else (value,):
            if type(number) is int and not least <= number <= most:
                raise Wrong(f"{'is' if number is value else 'holds'} {number}, not {least} to {most}")

    return check


def _filled(of_type: Check) -> Check:
    def check(value: Any, amount: Amount) -> None:
        of_type(value, amount)
        if value == ():
            raise Wrong("is empty")

    return check


def _avi_object(value: Any, amount: Amount) -> None:
    held = type(value)
    for kind in _KNOWN:
        if held is kind:
            known: Any = kind
            checker_of(known)(value, amount)
            return
    raise not_a(value, "an Avi object that we know")


_KNOWN: tuple[Any, ...] = (*WRITTEN_TYPES, *FOREIGN_TYPES)
