"""What the Avi Controller answers to one request, and the exception for an answer that is not a success."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ako.core.avi.errors import AviError, error_for, message_of


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Controller answered.

    Attributes:
        status: of HTTP.
        headers: by name, whatever its case.
        set_cookies: the values of all its `Set-Cookie`.
        body: unpacked.
    """

    status: int
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: bytes


def failure_of(method: str, target: str, answer: Answer) -> AviError:
    """Give the exception for an answer that is not a success."""
    wait = answer.headers.get("Retry-After", "")
    message = message_of(answer.body)
    if 300 <= answer.status < 400:
        message = f"redirected to {answer.headers.get('Location', 'nowhere')}"
    return error_for(method, target, answer.status, message, float(wait) if wait.isdecimal() else None)
