"""Records hold fields and do nothing: what is refused of those that plugins declare, in nested ones too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Optional, TypedDict

import pytest
from msgspec import Meta, Struct, field

from ako import Kind, Metadata, SharedStatus, WatchedKind, hookimpl
from ako.core.base.errors import PluginError
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.record_faults import record_fault

KIND = Kind("things.test", "v1", "Thing")


class Inner(Struct, frozen=True):
    name: str = ""
    next: Optional[Inner] = None  # noqa: UP045 - as some write it


class Sound(Struct, frozen=True, rename="camel"):
    metadata: Metadata
    inner: tuple[Inner, ...] = ()
    labels: Mapping[str, Any] | None = None
    tags: frozenset[str] = frozenset()

    @property
    def first(self) -> Inner | None:
        return self.inner[0] if self.inner else None


class Size(Enum):
    SMALL = "small"


class AsSound(Struct, frozen=True):
    """Has no more than that, in whatever form."""

    size: Size = Size.SMALL
    count: Annotated[int, Meta(ge=0)] = 0
    inner: Inner = field(default_factory=Inner)
    labels: Mapping[str, str] = {}


class SoundStatus(SharedStatus, frozen=True):
    status: Mapping[str, str] | None = None


class Soft(Struct):
    metadata: Metadata


class HoldsSoft(Struct, frozen=True):
    metadata: Metadata
    parts: tuple[Soft | None, ...] = ()


class Works(Struct, frozen=True):
    name: str = ""

    def __post_init__(self) -> None:
        raise AssertionError("nothing of a plugin runs at start")


class InheritsWork(Works, frozen=True):
    more: str = ""


class HoldsWork(Struct, frozen=True):
    by_name: Mapping[str, tuple[Works, ...]] = {}


class Equal(Struct, frozen=True):
    name: str = ""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Identical(Struct, frozen=True, eq=False):
    name: str = ""


class Lists(Struct, frozen=True):
    names: list[str] = []


class Dicts(Struct, frozen=True):
    labels: tuple[dict[str, str], ...] = ()


class Bare(Struct, frozen=True):
    labels: dict | None = None  # type: ignore[type-arg]


class Sets(Struct, frozen=True):
    names: set[str] | None = None


class Custom:
    """Nothing that JSON could become."""


class Two(Struct, frozen=True):
    thing: Inner | Sound | None = None


class Unknown(Struct, frozen=True):
    thing: "Nowhere"  # type: ignore[name-defined]  # noqa: F821, UP037 - the fault


class Odd(Enum):
    """Takes whatever there is."""

    EVEN = "even"

    @classmethod
    def _missing_(cls, value: object) -> Odd:
        return cls.EVEN


class HasOdd(Struct, frozen=True):
    odds: tuple[Odd, ...] = ()


class Matches(Struct, frozen=True):
    name: Annotated[str, Meta(pattern="(a+)+b")] | None = None


class Makes(Struct, frozen=True):
    name: str = field(default_factory=lambda: "made")


@dataclass
class Data:
    name: str = ""


class HoldsData(Struct, frozen=True):
    data: Data | None = None


class Told(TypedDict):
    name: str


class HoldsTold(Struct, frozen=True):
    told: Told | None = None


class Kinds:
    def __init__(self, **declared: Any) -> None:
        self.declared = {"kind": KIND, "plural": "things", "record": Sound, **declared}

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return [WatchedKind(**self.declared)]


def refusal(**declared: Any) -> str:
    with pytest.raises(PluginError) as caught:
        PluginHost([Plugin("mine", Kinds(**declared))])
    return str(caught.value).removeprefix("plugin mine: ako_kinds: ")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (Soft, "the record Soft is not frozen"),
        (HoldsSoft, "the record Soft is not frozen"),
        (Works, "the record Works has __post_init__, which would run outside of any hook"),
        (InheritsWork, "the record InheritsWork has __post_init__"),
        (HoldsWork, "the record Works has __post_init__"),
        (Equal, "the record Equal has __eq__"),
        (Identical, "the record Identical does not compare by its fields"),
        (Lists, "Lists.names is a list, which whoever reads it could change: annotate tuple[…, ...]"),
        (Dicts, "Dicts.labels is a dict, which whoever reads it could change: annotate Mapping"),
        (Bare, "Bare.labels is a dict"),
        (Sets, "Sets.names is a set, which whoever reads it could change: annotate frozenset"),
        (HasOdd, "HasOdd.odds is a Odd, which has _missing_"),
        (Matches, "Matches.name has a pattern, which would be matched where nothing ends that"),
        (Makes, "Makes.name has a function as its default_factory"),
        (HoldsData, "HoldsData.data is a Data, which is no record"),
        (HoldsTold, "HoldsTold.told is a Told, which is no record"),
        (Two, "the record Two cannot be read from JSON: "),
        (Unknown, "the record Unknown cannot be understood: NameError: "),
    ],
)
@pytest.mark.parametrize("of", ["record", "status", "outline"])
def test_a_record_that_does_something_is_refused(record: type[Struct], told: str, of: str) -> None:
    assert refusal(**{of: record}).startswith(f"Thing: {told}")


def test_records_of_fields_are_fine() -> None:
    host = PluginHost([Plugin("mine", Kinds(status=SoundStatus, outline=Inner))])
    assert [kind.record for kind in host.watched] == [Sound]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"kind": "Thing"}, "the kind 'Thing' is no ako.Kind"),
        ({"kind": Kind("a", "v1", 7)}, "is no ako.Kind"),  # type: ignore[arg-type]
        ({"plural": "Things"}, "plural of Thing is 'Things', not the name in URLs"),
        ({"plural": "things/status"}, "plural of Thing is 'things/status'"),
        ({"record": dict}, "record of Thing is <class 'dict'>, not a class derived from msgspec.Struct"),
        ({"record": Inner()}, "record of Thing is Inner("),
        ({"status": "status"}, "status of Thing is 'status', not None or a class"),
        ({"is_source": "yes"}, "is_source of Thing is 'yes', not True or False"),
        ({"namespaced": 1}, "namespaced of Thing is 1, not True or False"),
        ({"indexes": ["by"]}, "indexes of Thing is ['by'], not a mapping of names to functions"),
        ({"indexes": {"by": "name"}}, "indexes of Thing is {'by': 'name'}, not a mapping"),
        ({"access": ["things:get"]}, "access of Thing is ['things:get'], not a tuple of texts"),
        ({"access": ("things",)}, "access 'things' of Thing is not <resource>:<verb>"),
        ({"replaces": KIND}, "replaces of Thing is "),
        ({"stands_in_for": "Thing"}, "stands_in_for of Thing is 'Thing', not None or an ako.Kind"),
        ({"field_selector": None}, "field_selector of Thing is None, not a text"),
    ],
)
def test_a_declaration_that_cannot_be_understood_is_refused(declared: Mapping[str, Any], told: str) -> None:
    assert told in refusal(**declared)


@pytest.mark.parametrize("answer", [7, "Thing", {KIND: 1}, Kinds], ids=repr)
def test_kinds_that_are_no_list_are_refused(answer: object) -> None:
    class Gives:
        @hookimpl
        def ako_kinds(self) -> object:
            return answer

    with pytest.raises(PluginError, match=r"plugin mine: ako_kinds gives .*, not a list of ako.WatchedKind"):
        PluginHost([Plugin("mine", Gives())])


def test_whatever_holds_fields_only_is_let_in() -> None:
    assert record_fault(AsSound) == record_fault(Sound) == ""
