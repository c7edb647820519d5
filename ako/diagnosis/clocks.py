"""Whether a server has the same time as this machine: by the `Date` of its answer, which is in whole seconds."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from ako.core.base.moment import duration
from ako.diagnosis.finding import Finding, ok, unknown, warning

TOLERATED = 30.0
"""Seconds that clocks may differ: certificates and tokens are valid to the second, but given out some time before."""


def clock(check: str, date: str, now: float) -> Iterator[Finding]:
    """Compare the time in an answer with ours.

    Args:
        check: name of the check.
        date: the header; empty if there was none.
        now: when the answer came, in seconds since 1970.
    """
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except ValueError:
        yield unknown(check, "the answer does not say which time it is there")
        return
    apart = theirs - now
    if abs(apart) <= TOLERATED:
        yield ok(check, f"within {TOLERATED:.0f} s of ours")
        return
    where = "ahead of" if apart > 0 else "behind"
    yield warning(
        check,
        f"it is {duration(abs(apart))} {where} the clock of this machine",
        "Have both follow the same time (NTP): certificates and tokens are judged by it.",
    )
