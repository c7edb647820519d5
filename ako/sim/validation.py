"""Checks request bodies field by field against the object model, as strictly as the Controller documents it.

The checks of a message are compiled once per API version: a body is walked a single time, its defaults are filled on
the way and its references are collected for the resolver.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ako.sim.problems import ApiError, FieldCheck, refuse
from ako.sim.schema import Field, Schema, Version

Json = dict[str, Any]
Check = Callable[[Any], Any]

# A reference that waits for its target: the container, its key or index, the type it must have, the text sent.
PendingRef = tuple[Any, Any, str, Any]


class IncompleteMessageError(Exception):
    """A sub-message lacks a required member; the Controller reports its parser's text with a 500."""


class IntroducedLaterError(Exception):
    """The body holds a field that the request's API version does not know yet."""

    def __init__(self, name: str, introduced: Version) -> None:
        super().__init__(name, introduced)
        self.name = name
        self.introduced = introduced


# Required by the model, but filled by the Controller when absent.
_FILLED = {("Vip", "vip_id")}
# The Controller keeps and numbers these itself.
_OWN_FIELDS = frozenset({"url", "uuid", "_last_modified", "configpb_attributes"})
_INTEGER_LIMITS = {
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}


class Validator:
    """Checks the bodies of one API version."""

    def __init__(self, schema: Schema, controller: Version, version: Version, *, lenient: bool) -> None:
        self._schema = schema
        self._controller = controller
        self._version = version
        self._lenient = lenient
        self._messages: dict[str, _Message] = {}

    def whole(self, model: str, body: Json) -> tuple[Json, list[PendingRef]]:
        """Check a complete object; returns it with defaults, and the references it holds."""
        pending: list[PendingRef] = []
        message = self.message(model)
        checked = self._guard(lambda: message.fields_of(body, dict(message.defaults), pending), model, body)
        for name in message.required:
            if name not in checked:
                raise FieldCheck(name, "Field is required").as_error()
        return checked, pending

    def partial(self, model: str, body: Json) -> tuple[Json, list[PendingRef]]:
        """Check some top-level fields of an object; nothing is filled at the top."""
        pending: list[PendingRef] = []
        message = self.message(model)
        return self._guard(lambda: message.fields_of(body, {}, pending), model, body), pending

    def message(self, model: str) -> _Message:
        """Return the compiled checks of a message."""
        message = self._messages.get(model)
        if message is None:
            message = _Message(model)
            self._messages[model] = message  # before compiling: messages may contain themselves
            message.compile(self)
        return message

    def _guard(self, check: Callable[[], Json], model: str, body: Json) -> Json:
        try:
            return check()
        except IntroducedLaterError as later:
            raise self._too_new(later) from None
        except FieldCheck as problem:
            self._insist_on_version(model, body)
            raise problem.as_error() from None
        except IncompleteMessageError as problem:
            self._insist_on_version(model, body)
            raise refuse(500, f"Bad pb: {problem}") from None

    def _too_new(self, later: IntroducedLaterError) -> ApiError:
        def dotted(version: Version) -> str:
            return "v" + "_".join(map(str, version))

        return refuse(
            400,
            f"Incoming request ({dotted(self._version)}) has field ({later.name}) introduced in later "
            f"versions({dotted(later.introduced)}).",
        )

    def _insist_on_version(self, model: str, body: Any) -> None:
        """Look for fields too new first: the Controller checks versions before it checks values."""
        later = self._newer_field(model, body)
        if later is not None:
            raise self._too_new(later) from None

    def _newer_field(self, model: str, body: Any) -> IntroducedLaterError | None:
        if not isinstance(body, dict):
            return None
        for name, value in body.items():
            known = self._schema.types[model].get(name)
            if known is None:
                continue
            if self.is_newer(known):
                return IntroducedLaterError(name, known.introduced_for(self._controller))
            if known.base == "object":
                for item in value if isinstance(value, list) else [value]:
                    later = self._newer_field(known.target, item)
                    if later is not None:
                        return later
        return None

    def is_newer(self, known: Field) -> bool:
        """Say whether a field is too new for the requests of this version."""
        return not known.readonly and not known.known_to(self._version) and known.until is None

    def check_for(self, known: Field) -> Check:
        """Compile the check of one value of a field (one element, if it repeats)."""
        if known.base == "integer":
            return _integer(known)
        if known.base == "enum":
            return _enum(known, self._schema.enums[known.target])
        return {"string": _string, "boolean": _boolean, "number": _number, "any": _anything}[known.base](known)

    @property
    def schema(self) -> Schema:
        """Return the object model."""
        return self._schema

    def exists(self, known: Field) -> bool:
        """Say whether the Controller itself has the field."""
        return known.known_to(self._controller)

    @property
    def lenient(self) -> bool:
        """Say whether unknown fields are dropped instead of refused."""
        return self._lenient


class _Message:
    """The compiled checks of one message type."""

    __slots__ = ("defaults", "filled", "lists", "model", "nested", "newer", "plain", "readonly", "refs", "required")

    def __init__(self, model: str) -> None:
        self.model = model
        self.plain: dict[str, Check] = {}
        self.lists: dict[str, tuple[Field, Check | None, _Message | None]] = {}
        self.nested: dict[str, _Message] = {}
        self.refs: dict[str, str] = {}
        self.newer: dict[str, Version] = {}
        self.readonly: set[str] = set(_OWN_FIELDS)
        self.defaults: Json = {}
        self.required: list[str] = []

    def compile(self, validator: Validator) -> None:
        for name, known in validator.schema.types[self.model].items():
            if known.readonly or name in _OWN_FIELDS:
                self.readonly.add(name)
            elif validator.is_newer(known):
                if validator.exists(known) or not validator.lenient:
                    self.newer[name] = known.introduced_for(validator._controller)  # noqa: SLF001 - same module
            elif known.known_to(validator._version):  # noqa: SLF001 - same module
                self._add(known, validator)
            self._expect(known, validator)
        if validator.lenient:
            self.filled = True
        else:
            self.filled = False

    def _add(self, known: Field, validator: Validator) -> None:
        name = known.name
        if known.is_list:
            check = None if known.base in {"object", "ref"} else validator.check_for(known)
            self.lists[name] = (known, check, validator.message(known.target) if known.base == "object" else None)
        elif known.base == "object":
            self.nested[name] = validator.message(known.target)
        elif known.base == "ref":
            self.refs[name] = known.target
        else:
            self.plain[name] = validator.check_for(known)
