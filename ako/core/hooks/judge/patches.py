"""Whether a status patch is a JSON object all the way down, whose times may be left to whoever writes it."""

from __future__ import annotations

from typing import Any

from ako.core.base.moment import Moment
from ako.core.hooks.judge.faults import Amount, Wrong
from ako.core.hooks.judge.types import check_number, check_text, named, not_a

MOST_VALUES = 100_000
MOST_TEXT = 2**20
"""Values and bytes of text in one patch; an API server takes objects of some 1.5 MiB."""


def check_patch(patch: object) -> None:
    """Refuse what no status can be patched with; raise `Wrong`."""
    if type(patch) is not dict:
        raise not_a(patch, "a dict")
    _check(patch, Amount(MOST_VALUES, MOST_TEXT))


def copied(value: Any) -> Any:
    """Give a patch, once it was checked, as nobody else can change it: it is written later, by another thread."""
    kind = type(value)
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if kind is list or kind is tuple else value


def _check(value: Any, amount: Amount) -> None:
    kind = type(value)
    if kind is str:
        check_text(value, amount)
    elif kind is dict:
        amount.deeper()
        for key, item in value.items():
            _check_entry(key, item, amount)
        amount.higher()
    elif kind is list or kind is tuple:
        amount.deeper()
        _check_items(value, amount)
        amount.higher()
    elif kind is int or kind is float:
        check_number(value, amount)
    elif value is None or kind is bool or kind is Moment:
        amount.value()
    else:
        raise Wrong(f"is {named(kind)}, which JSON does not have")


def _check_entry(key: Any, item: Any, amount: Amount) -> None:
    if type(key) is not str:
        raise Wrong(f"has {named(type(key))} as a key, not a text")
    try:
        check_text(key, amount)
    except Wrong as fault:
        raise Wrong(f"has a key that {fault.what}") from None
    try:
        _check(item, amount)
    except Wrong as fault:
        raise fault.below(f".{key[:80]}" if key.isidentifier() else f"[{key[:80]!r}]") from None


def _check_items(items: Any, amount: Amount) -> None:
    index = 0
    try:
        for item in items:
            _check(item, amount)
            index += 1
    except Wrong as fault:
        raise fault.below(f"[{index}]") from None
