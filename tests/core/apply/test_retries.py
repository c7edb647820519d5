"""Each thing that can go wrong with the Controller has a word of its own, and there is one for everything."""

from __future__ import annotations

import pytest

from ako.core.apply.retries import Retry, reason_of
from ako.core.avi.errors import AviAuthError, AviError, AviUnreachable, AviVersionError, AviWithheld, error_for


def answer(status: int, message: str = "", *, after: float | None = None, method: str = "PUT") -> AviError:
    return error_for(method, "/api/pool/x", status, message, after)


CASES: list[tuple[AviError, Retry]] = [
    (AviUnreachable("refused"), Retry.UNREACHABLE),
    (AviVersionError("too old"), Retry.UNREACHABLE),
    (answer(500), Retry.UNAVAILABLE),
    (answer(503), Retry.UNAVAILABLE),
    (answer(408), Retry.UNAVAILABLE),
    (answer(503, after=5.0), Retry.THROTTLED),
    (answer(429), Retry.THROTTLED),
    (answer(401, "Invalid credentials"), Retry.LOGIN),
    (AviAuthError("no"), Retry.LOGIN),
    (answer(400), Retry.REJECTED),
    (answer(500, "Bad pb"), Retry.REJECTED),
    (answer(403), Retry.FORBIDDEN),
    (answer(302), Retry.FORBIDDEN),
    (answer(409), Retry.CONFLICT),
    (answer(400, "already exists", method="POST"), Retry.CONFLICT),
    (answer(404), Retry.MISSING),
    (answer(412), Retry.STALE),
    (AviWithheld("not sent"), Retry.WITHHELD),
]


@pytest.mark.parametrize(("error", "word"), CASES, ids=[f"{error.status} {word}" for error, word in CASES])
def test_the_word_for_an_error(error: AviError, word: Retry) -> None:
    assert reason_of([error], Retry.FAULT) is word


def test_without_an_error_it_is_what_the_caller_says_and_every_word_is_said() -> None:
    assert {reason_of([], why) for why in (Retry.FAULT, Retry.SHARED)} == {Retry.FAULT, Retry.SHARED}
    assert {word for _, word in CASES} | {Retry.FAULT, Retry.SHARED} == set(Retry)


def test_of_several_errors_that_counts_by_which_it_is_waited() -> None:
    assert reason_of([AviUnreachable("not sent"), answer(429, after=1.0)], Retry.FAULT) is Retry.THROTTLED
    assert reason_of([answer(400), AviUnreachable("not sent")], Retry.FAULT) is Retry.REJECTED
