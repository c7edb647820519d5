"""Why what was to be done on the Controller is tried again, in a word of a closed list."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ako.core.avi.errors import (
    AviAuthError,
    AviConflict,
    AviError,
    AviForbidden,
    AviNotFound,
    AviRejected,
    AviStale,
    AviUnreachable,
    AviWithheld,
)


class Retry(StrEnum):
    """The words."""

    UNREACHABLE = "unreachable"
    """No answer, or none that can be used."""
    UNAVAILABLE = "unavailable"
    """An answer that says that it cannot be done now (5xx, 408)."""
    THROTTLED = "throttled"
    """It asked to be left alone for a while (429, Retry-After)."""
    LOGIN = "login"
    """It refuses the user name, the password or the token."""
    REJECTED = "rejected"
    """It refused an object: the rest goes on without it."""
    FORBIDDEN = "forbidden"
    """It does not let us write an object."""
    CONFLICT = "conflict"
    """There is an object of that name."""
    STALE = "stale"
    """Somebody else changed the object since it was read."""
    MISSING = "missing"
    """The object, or one that it refers to, is not there."""
    WITHHELD = "withheld"
    """Not sent, because another replica may be the one that writes."""
    SHARED = "shared"
    """It refuses an object that hosts share, and none of them is to blame."""
    FAULT = "fault"
    """A fault of this program."""


_BY_CLASS: tuple[tuple[type[AviError], Retry], ...] = (
    (AviForbidden, Retry.FORBIDDEN),
    (AviRejected, Retry.REJECTED),
    (AviAuthError, Retry.LOGIN),
    (AviConflict, Retry.CONFLICT),
    (AviNotFound, Retry.MISSING),
    (AviStale, Retry.STALE),
    (AviWithheld, Retry.WITHHELD),
)


def reason_of(errors: Sequence[AviError], otherwise: Retry) -> Retry:
    """Give the word for why something is tried again: for errors, if there are any."""
    if not errors:
        return otherwise
    error = next((error for error in errors if error.retry_after), errors[0])
    if isinstance(error, AviUnreachable):
        if error.retry_after or error.status == 429:
            return Retry.THROTTLED
        return Retry.UNREACHABLE if error.status is None else Retry.UNAVAILABLE
    return next((word for kind, word in _BY_CLASS if isinstance(error, kind)), Retry.UNREACHABLE)
