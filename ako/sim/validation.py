"""Checks request bodies field by field against the object model, as strictly as the Controller documents it.

The checks of a message are compiled once per API version: a body is walked a single time, its defaults are filled on
the way and its references are collected for the resolver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ako.sim.checks import FINISHES, Check, check_of
from ako.sim.problems import ApiError, FieldCheck, refuse
from ako.sim.schema import Field, Schema, Version

Json = dict[str, Any]

# A reference that waits for its target: the container, its key or index, the type it must have, the text sent.
PendingRef = tuple[Any, Any, str, Any]
# Checks a value and puts what is to be stored into the message.
Put = Callable[[Any, Json, list[PendingRef]], None]

# Required by the model, but filled by the Controller when absent.
_FILLED = {("Vip", "vip_id")}
# The Controller keeps and numbers these itself.
_OWN_FIELDS = frozenset({"url", "uuid", "_last_modified", "configpb_attributes"})


class IncompleteMessageError(Exception):
    """A sub-message lacks a required member; the Controller reports its parser's text with a 500."""


class IntroducedLaterError(Exception):
    """The body holds a field that the request's API version does not know yet."""

    def __init__(self, known: Field) -> None:
        super().__init__(known.name)
        self.known = known


class _Message:
    """The compiled checks of one message type."""

    __slots__ = ("defaults", "finish", "lenient", "model", "puts", "required", "scalars")

    def __init__(self, model: str, *, lenient: bool) -> None:
        self.model = model
        self.lenient = lenient
        self.scalars: dict[str, Check] = {}
        self.puts: dict[str, Put] = {}
        self.defaults: Json = {}
        self.required: list[str] = []
        self.finish = FINISHES.get(model)

    def fill(self, body: Json, stored: Json, pending: list[PendingRef]) -> Json:
        """Check the fields of a body and put them into a message."""
        scalars, puts = self.scalars, self.puts
        for name, value in body.items():
            check = scalars.get(name)
            if check is not None:
                # Null means unset, as everywhere in the JSON form of protobuf.
                if value is not None:
                    stored[name] = check(value)
                continue
            put = puts.get(name)
            if put is not None:
                if value is not None:
                    put(value, stored, pending)
            elif not self.lenient:
                raise FieldCheck(name, f"{self.model} has no such field")
        return stored

    def nested(self, name: str, body: Any, pending: list[PendingRef]) -> Json:
        """Check a sub-message of the field ``name``."""
        if body.__class__ is not dict:
            raise FieldCheck(name, f"expected an object, got {body!r}")
        stored = self.fill(body, self.defaults.copy(), pending)
        for needed in self.required:
            if needed not in stored:
                raise IncompleteMessageError(f"{self.model} in {name} lacks required field {needed}: {body!r}")
        if self.finish is not None:
            self.finish(stored)
        return stored


class Validator:
    """Checks the bodies that come with one API version."""

    def __init__(self, schema: Schema, controller: Version, version: Version, *, lenient: bool) -> None:
        self._schema = schema
        self._controller = controller
        self._version = version
        self._lenient = lenient
        self._messages: dict[str, _Message] = {}

    def whole(self, model: str, body: Json) -> tuple[Json, list[PendingRef]]:
        """Check a complete object; returns it with its defaults, and the references it holds."""
        message = self._message(model)
        pending: list[PendingRef] = []
        stored = self._filled(message, body, message.defaults.copy(), pending)
        for name in message.required:
            if name not in stored:
                raise FieldCheck(name, "a value is required").as_error()
        return stored, pending

    def partial(self, model: str, body: Json) -> tuple[Json, list[PendingRef]]:
        """Check some top-level fields of an object; nothing is filled at the top."""
        pending: list[PendingRef] = []
        return self._filled(self._message(model), body, {}, pending), pending

    def defaults(self, model: str) -> Json:
        """Return the defaults at the top of an object."""
        return self._message(model).defaults

    def required(self, model: str) -> list[str]:
        """Return the fields an object cannot be without."""
        return self._message(model).required

    def _filled(self, message: _Message, body: Json, stored: Json, pending: list[PendingRef]) -> Json:
        try:
            return message.fill(body, stored, pending)
        except IntroducedLaterError as later:
            raise self._too_new(later.known) from None
        except FieldCheck as problem:
            self._insist_on_version(message.model, body)
            raise problem.as_error() from None
        except IncompleteMessageError as problem:
            self._insist_on_version(message.model, body)
            raise refuse(500, f"Bad pb: {problem}") from None

    def _message(self, model: str) -> _Message:
        message = self._messages.get(model)
        if message is None:
            message = _Message(model, lenient=self._lenient)
            compiled = dict(self._messages)
            self._compile(message, compiled)
            self._messages = compiled  # published whole: other threads never see half a message
        return message

    def _compile(self, message: _Message, compiled: dict[str, _Message]) -> None:
        compiled[message.model] = message  # before its fields: messages may contain themselves
        for name, known in self._schema.types[message.model].items():
            if known.readonly or name in _OWN_FIELDS:
                message.puts[name] = _ignored
            elif self._is_newer(known):
                if not self._lenient or known.known_to(self._controller):
                    message.puts[name] = _introduced_later(known)
            elif known.until is None or known.known_to(self._version):
                self._add(message, known, compiled)
            self._expect(message, known)

    def _expect(self, message: _Message, known: Field) -> None:
        name, default = known.name, known.spec.get("default")
        if default is not None and not known.readonly and known.known_to(self._controller):
            message.defaults[name] = default
        elif known.spec.get("required") and not self._is_newer(known) and (message.model, name) not in _FILLED:
            message.required.append(name)

    def _add(self, message: _Message, known: Field, compiled: dict[str, _Message]) -> None:
        name = known.name
        inner = None
        if known.base == "object":
            inner = compiled.get(known.target)
            if inner is None:
                inner = _Message(known.target, lenient=self._lenient)
                self._compile(inner, compiled)
        if known.is_list:
            message.puts[name] = _put_list(known, self._schema, inner)
        elif inner is not None:
            message.puts[name] = _put_message(name, inner)
        elif known.base == "ref":
            message.puts[name] = _put_ref(name, known.target)
        else:
            message.scalars[name] = check_of(known, self._schema)

    def _is_newer(self, known: Field) -> bool:
        return known.until is None and not known.readonly and not known.known_to(self._version)

    def _too_new(self, known: Field) -> ApiError:
        introduced = known.introduced_for(self._controller)
        return refuse(
            400,
            f"Incoming request ({_underscored(self._version)}) has field ({known.name}) introduced in later "
            f"versions({_underscored(introduced)}).",
        )

    def _insist_on_version(self, model: str, body: Any) -> None:
        """Report a field too new first: the Controller checks versions before it checks values."""
        later = self._newer_field(model, body)
        if later is not None:
            raise self._too_new(later) from None

    def _newer_field(self, model: str, body: Any) -> Field | None:
        if not isinstance(body, dict):
            return None
        for name, value in body.items():
            known = self._schema.types[model].get(name)
            if known is None:
                continue
            if self._is_newer(known) and name not in _OWN_FIELDS:
                return known
            if known.base == "object":
                for item in value if isinstance(value, list) else [value]:
                    later = self._newer_field(known.target, item)
                    if later is not None:
                        return later
        return None


def _underscored(version: Version) -> str:
    return "v" + "_".join(map(str, version))


def _ignored(value: Any, stored: Json, pending: list[PendingRef]) -> None:
    del value, stored, pending


def _introduced_later(known: Field) -> Put:
    def put(value: Any, stored: Json, pending: list[PendingRef]) -> None:
        del value, stored, pending
        raise IntroducedLaterError(known)

    return put


def _put_ref(name: str, target: str) -> Put:
    def put(value: Any, stored: Json, pending: list[PendingRef]) -> None:
        stored[name] = value
        pending.append((stored, name, target, value))

    return put


def _put_message(name: str, inner: _Message) -> Put:
    def put(value: Any, stored: Json, pending: list[PendingRef]) -> None:
        try:
            stored[name] = inner.nested(name, value, pending)
        except FieldCheck as problem:
            problem.top = name
            raise

    return put


def _put_list(known: Field, schema: Schema, inner: _Message | None) -> Put:
    name = known.name
    least, most = known.spec.get("min_items", 0), known.spec.get("max_items")
    check = None if known.base in {"object", "ref"} else check_of(known, schema)

    def put(value: Any, stored: Json, pending: list[PendingRef]) -> None:
        if value.__class__ is not list:
            raise FieldCheck(name, f"expected a list, got {value!r}")
        if len(value) < least:
            raise FieldCheck(name, f"There must be at least {least} {name}")
        if most is not None and len(value) > most:
            raise FieldCheck(name, f"There must be at most {most} {name}, got {len(value)}")
        if inner is not None:
            try:
                items = [inner.nested(name, item, pending) for item in value]
            except FieldCheck as problem:
                problem.top = name
                raise
        elif check is not None:
            items = [check(item) for item in value]
        else:
            items = list(value)
            pending.extend((items, index, known.target, item) for index, item in enumerate(items))
        stored[name] = items

    return put
