"""Waiting until the product has observed the Controller once more, from beginning to end."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tests.scenarios.world import AviRequest
from tests.waiting import SETTLING, wait_until

# The first page of a list of virtual services: every observation reads it exactly once.
FIRST_PAGE = re.compile(r"^/api/virtualservice/?(\?(?!.*\bpage=(?!1\b)).*)?$")


def observations(requests: Sequence[AviRequest], since: int) -> int:
    """Count the observations whose list of virtual services was read after a request."""
    return sum(
        request.number > since
        and request.method == "GET"
        and request.status == 200
        and FIRST_PAGE.match(request.path) is not None
        for request in requests
    )


def wait_for_full_sync(read: Callable[[], Sequence[AviRequest]], since: int, limit: float) -> None:
    """Wait until an observation that began after the request `since` is over.

    The first list may belong to an observation under way at that time, the second cannot; an observation is over
    when no more requests come.
    """

    def complete() -> bool | None:
        requests = read()
        if observations(requests, since) < 2:
            return None
        newest = requests[-1].number
        return None if wait_until(lambda: read()[-1].number > newest or None, SETTLING) else True

    if wait_until(complete, limit) is None:
        seen = observations(read(), since)
        raise AssertionError(f"no full sync within {limit:.0f} s: {seen} of 2 lists of virtual services were read")
