"""One entry of the page, in Markdown: signature, words, and what is below."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from msgspec import Struct
from pydantic import BaseModel

from tests.contract.reference.reading import Docstring, Field, assigned, docstring, fields_of, members, own_words

_CODE = re.compile(r"`(?:ako\.)?(\w+)(\([^`]*\))?`")
_WIDTH = 100


class Thing(NamedTuple):
    """Something that is exported, where it is defined, and the words below it there if it is assigned."""

    name: str
    value: object
    module: str
    line: int
    words: str

    @property
    def kind(self) -> str:
        """Give what it is called in its heading; a hook has none."""
        if inspect.isclass(self.value):
            return "class "
        if callable(self.value) and inspect.isfunction(inspect.unwrap(self.value)):
            return "" if self.name.startswith("ako_") else "function "
        return "type " if not self.name.isupper() and self.name[0].isupper() else "constant "

    @property
    def anchor(self) -> str:
        """Give the anchor of its heading."""
        return f"{self.kind}{self.name}".lower().replace(" ", "-")


class Writer(Struct, frozen=True):
    """Writes entries; `anchors` are those of all names, to which words link."""

    anchors: Mapping[str, str]

    def entry(self, thing: Thing) -> str:
        """Give the entry of a thing."""
        own = Writer({name: anchor for name, anchor in self.anchors.items() if name != thing.name})
        return "\n\n".join(part for part in (f"### {thing.kind}`{thing.name}`", *own._parts(thing)) if part)

    def linked(self, text: str) -> str:
        """Have the names of entries lead there."""

        def led(match: re.Match[str]) -> str:
            anchor = self.anchors.get(match[1])
            return f"[{match[0]}](#{anchor})" if anchor else match[0]

        return _CODE.sub(led, text)

    def _parts(self, thing: Thing) -> Iterator[str]:
        value = thing.value
        if inspect.isclass(value):
            yield from self._of_class(thing.name, value)
        elif callable(value) and inspect.isfunction(function := inspect.unwrap(value)):
            yield _code(signature(thing.name, function))
            yield from self._words(docstring(own_words(function)))
        else:
            yield _code(f"{thing.name} = {assigned(thing.name, thing.module)}")
            yield self.linked(thing.words)

    def _words(self, said: Docstring) -> Iterator[str]:
        yield self.linked(said.text)
        yield self._table(("argument", "meaning"), [(f"`{name}`", words) for name, words in said.arguments.items()])
        yield self._table(("raises", "when"), [(f"`{name}`", words) for name, words in said.raises.items()])
        if said.example:
            yield _code(said.example)

    def _of_class(self, name: str, cls: type) -> Iterator[str]:
        said = docstring(own_words(cls))
        fields = [field for field in fields_of(cls) if not field.is_of_class]
        if issubclass(cls, Enum):
            yield self.linked(said.text)
            yield self._table(("value", "text"), [(f"`{name}.{one.name}`", f"`{one.value!r}`") for one in cls])
        else:
            yield _code(_constructor(name, cls, fields))
            yield from self._words(said)
            attributes = {} if fields else said.attributes
            yield self._table(("attribute", "meaning"), [(f"`{name}`", words) for name, words in attributes.items()])
            yield self._table(("field", "type", "default", "meaning"), [_field(cls, field) for field in fields])
        yield "\n".join(self._member(cls, member, function) for member, function in members(cls))

    def _member(self, cls: type, name: str, function: Callable[..., Any]) -> str:
        said = docstring(own_words(function))
        text = " ".join(said.text.split())
        text += "".join(f" `{argument}`: {words}" for argument, words in said.arguments.items())
        text += "".join(f" Raises `{fault}`: {words}" for fault, words in said.raises.items())
        is_property = isinstance(inspect.getattr_static(cls, name), property)
        call = f"{name}: {_returned(function)}" if is_property else signature(name, function, width=10_000)
        return f"* `.{call}`: {self.linked(text)}"

    def _table(self, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """Give a table; in the first and the last but one column of four is what was written, and no link."""
        if not rows:
            return ""
        plain = {0, 2} if len(heading) > 2 else {0}
        shown = [
            [(cell if number in plain else self.linked(cell)).replace("|", "\\|") for number, cell in enumerate(row)]
            for row in rows
        ]
        lines = [heading, ["---"] * len(heading), *shown]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _constructor(name: str, cls: type, fields: Sequence[Field]) -> str:
    """Give how one is made, as far as that is for an author."""
    written = vars(cls).get("__init__")
    if inspect.isfunction(written) and _says_how(cls):
        return signature(name, written, returns=False)
    if issubclass(cls, BaseModel) or not fields or not issubclass(cls, Struct | tuple):
        return f"class {name}" + (f"({cls.__base__.__name__})" if issubclass(cls, Exception) and cls.__base__ else "")
    shown = {field.name: f"{field.name}={field.default}" if field.default else field.name for field in fields}
    rest = [name for name in shown if name in _keyword_only(cls)]
    given = [words for name, words in shown.items() if name not in rest]
    return _folded(name, [*given, *(["*"] if rest else []), *(shown[name] for name in rest)], "")


def _says_how(cls: type) -> bool:
    said = docstring(own_words(cls))
    return bool(said.arguments or said.attributes)


def _keyword_only(cls: type) -> set[str]:
    parameters = inspect.signature(cls).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def _field(cls: type, field: Field) -> tuple[str, str, str, str]:
    words = field.words
    if issubclass(cls, Struct):
        encoded = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
        if (other := encoded[field.name]) != field.name:
            words = f"{words} (`{other}` in JSON)".strip()
    return (
        f"`{field.name}`",
        f"`{field.hint}`" if field.hint else "",
        f"`{field.default}`" if field.default else "",
        words,
    )


def signature(name: str, function: Callable[..., Any], *, returns: bool = True, width: int = _WIDTH) -> str:
    """Give how something is called, with the types as they are written; in several lines if one is too short."""
    given: list[str] = []
    parameters = [one for one in inspect.signature(function).parameters.values() if one.name not in {"self", "cls"}]
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not any(words.startswith("*") for words in given):
            given.append("*")
        stars = "*" * {"VAR_POSITIONAL": 1, "VAR_KEYWORD": 2}.get(parameter.kind.name, 0)
        hint = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        given.append(f"{stars}{parameter.name}{hint}{default}")
    return _folded(name, given, f" -> {_returned(function)}" if returns else "", width)


def _returned(function: Callable[..., Any]) -> str:
    return str(inspect.signature(function).return_annotation)


def _folded(name: str, given: Sequence[str], end: str, width: int = _WIDTH) -> str:
    line = f"{name}({', '.join(given)}){end}"
    if len(line) <= width:
        return line
    return "\n".join([f"{name}(", *(f"    {one}," for one in given), f"){end}"])


def _code(text: str) -> str:
    return f"```python\n{text}\n```"
