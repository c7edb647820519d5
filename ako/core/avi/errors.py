"""What can go wrong between us and the Avi Controller, sorted by what the caller does about it.

AviError                   status, method, path, message
├── AviUnreachable         nothing wrong with the request: back off, observe, write again
│   │                      (connection, time-out, 5xx, 429, 408, a session lost twice in a row);
│   │                      retry_after, may_have_been_carried_out
│   └── AviVersionError    the Controller, or the version asked for, is too old for us
├── AviAuthError           user name or password refused: back off, not ready
├── AviRejected            permanent for this body: 400, 403, 422, other 4xx,
│                          and a 500 that says `Import error` or `Bad pb`
├── AviConflict            409, or "already exists" on create: read the object, adopt it or leave it alone
├── AviNotFound            404: the addressed object, or one that the body refers to (`missing_model`)
├── AviWithheld            nothing was sent: another replica may be the one that writes
└── AviStale               412: `_last_modified` is not the current one: read again, plan again

`AviSession` raises them; whatever writes to or reads from the Controller decides by class, never by status.
"""

# ruff: noqa: N818 - a name says what happened; that it is an error shows wherever it is raised or caught

from __future__ import annotations

import re

import msgspec

from ako.core.base.errors import AkoError
from ako.typed_json import reader

_LONGEST_MESSAGE = 2000
_MISSING = re.compile(r"\b([A-Z]\w+) (?:object )?not found")
_CLIENT_FAULTS_ANSWERED_WITH_500 = ("Import error", "Bad pb")
_TEMPORARY = frozenset({401, 408, 419, 429})


class AviError(AkoError):
    """A request to the Avi Controller failed.

    Attributes:
        message: the Controller's own words, shortened, or what happened to the connection.
        method: HTTP method of the request.
        path: path of the request with its query, without the host.
        subject: name of the object that the request was about, empty if unknown; the caller may set it.
        status: HTTP status of the answer, None if there was none.
        retry_after: seconds the Controller asked to wait, None if it did not say.
        is_loss: the Controller cannot be reached because of it, which the session tells.
        setting: the setting that it may lie at, with its place; empty if it lies at none.
        remedy: what to do about it; empty if that is not known.
    """

    retry_after: float | None = None
    is_loss: bool = False

    def __init__(self, message: str, *, method: str = "", path: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.method = method
        self.path = path
        self.subject = ""
        self.status = status
        self.setting = ""
        self.remedy = ""

    def __str__(self) -> str:
        request = " ".join(part for part in (self.method, self.path, self.subject) if part)
        return ": ".join(filter(None, (request, self.cause, self.advice)))

    @property
    def cause(self) -> str:
        """Give what happened, without the request that it happened to."""
        return self.message if self.status is None else f"{self.status} {self.message}"

    @property
    def advice(self) -> str:
        """Give the setting and what to do about it; empty if neither is known."""
        return "; ".join(filter(None, (self.setting, self.remedy)))

    def advise(self, setting: str, remedy: str) -> None:
        """Say what it may lie at, and what to do."""
        self.setting, self.remedy = setting, remedy


class AviUnreachable(AviError):
    """The Controller could not be reached or cannot serve us now.

    Attributes:
        may_have_been_carried_out: True if a write may have taken effect although it failed for us.
    """

    may_have_been_carried_out: bool = False


class AviVersionError(AviUnreachable):
    """No API version suits the Controller, the settings and us; mended by an upgrade or by `controllerVersion`."""


class AviAuthError(AviError):
    """The Controller refuses the user name, the password or the token.

    `retry_after` are the seconds in which no further login is tried, so that the account is not locked.
    """


class AviRejected(AviError):
    """The Controller understood the request and will not carry it out; the same body never succeeds."""


class AviForbidden(AviRejected):
    """The Controller would not let us do this, whatever the body: a right is missing, or it sends us elsewhere."""


class AviConflict(AviError):
    """An object of that name exists, or existed a moment ago: the name stays reserved for a while after a DELETE."""


class AviNotFound(AviError):
    """The addressed object is not there, or one that the body refers to.

    The two cannot be told apart by the status: compare `missing_model` with the kind that was addressed.
    """

    @property
    def missing_model(self) -> str:
        """Give what the message says is missing, such as `Pool`; empty if it names nothing.

        A guess at a text for people: whoever relies on it has to know what could be meant.
        """
        match = _MISSING.search(self.message)
        return match.group(1) if match else ""


class AviWithheld(AviError):
    """Nothing was sent, because another replica may be the one that writes."""


class AviStale(AviError):
    """Somebody changed the object since it was read."""


class _ErrorBody(msgspec.Struct):
    """The two shapes of an error: the application's own and the framework's."""

    error: object = None
    detail: object = None


_decode_error_body = reader(_ErrorBody).decode


def message_of(body: bytes) -> str:
    """Give the text of an error answer: `error`, else `detail`, else the body as it is (plain text, HTML)."""
    try:
        decoded = _decode_error_body(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        decoded = _ErrorBody()
    told = decoded.error or decoded.detail or body.decode(errors="replace")
    text = " ".join((told if isinstance(told, str) else msgspec.json.encode(told).decode()).split())
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def error_for(method: str, path: str, status: int, message: str, retry_after: float | None = None) -> AviError:
    """Sort an answer that is not a success into the exception to raise."""
    told = message or "(no message)"
    if status in _TEMPORARY or (status >= 500 and not _is_client_fault(status, message)):
        if status == 401 and "Invalid credentials" in message:
            return AviAuthError(told, method=method, path=path, status=status)
        error = AviUnreachable(told, method=method, path=path, status=status)
        error.retry_after = retry_after
        # A gateway may give up on a write that the Controller behind it carries out; the other statuses refuse it.
        error.may_have_been_carried_out = method != "GET" and (status >= 500 or status == 408)
        return error
    return _permanent(method, status, message)(told, method=method, path=path, status=status)


def _is_client_fault(status: int, message: str) -> bool:
    return status == 500 and any(text in message for text in _CLIENT_FAULTS_ANSWERED_WITH_500)


def _permanent(method: str, status: int, message: str) -> type[AviError]:
    if status == 404:
        return AviNotFound
    if (status == 403 and method != "DELETE") or 300 <= status < 400:
        return AviForbidden  # a deletion is also answered so for an object that is referred to
    if status == 412:
        return AviStale
    if status == 409 or (method == "POST" and status == 400 and "already exists" in message):
        return AviConflict
    return AviRejected
