"""What the values of an answer mean, once each is of its type: words that all answers have in common."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import PlacementFault, Problem
from ako.core.hooks.patterns import has_control

_REASON = re.compile(r"[A-Z][A-Za-z0-9]{0,127}")
"""What an Event takes as its reason, and a metric as a label that can be typed."""


def shown(text: str) -> str:
    """Give a text of a plugin as it can stand in a message."""
    return repr(text if len(text) <= 80 else f"{text[:80]}…")


def name_fault(name: str) -> str:
    """Say why a text cannot be, or be part of, the name of an object; empty if it can."""
    return f"is {shown(name)}, with a control character" if has_control(name) else ""


def network_fault(text: str) -> str:
    """Say why a text is no network, written as `<address>/<length>`; empty if it is one."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return f"is {shown(text)}, which is no network"
    return "" if "/" in text else f"is {shown(text)}, a network without its length"


def problem_faults(
    problems: Sequence[Problem], sources: Iterable[ObjectRef], whose: Callable[[], str]
) -> Iterator[str]:
    """Say which problems are not for the owners of these sources, or have no word for a reason."""
    if not problems:
        return
    known = frozenset(sources)
    for index, problem in enumerate(problems):
        if problem.source not in known:
            yield f"problems[{index}].source is {shown(str(problem.source))}, not {whose()}"
        yield from reason_faults(f"problems[{index}]", problem)


def reason_faults(where: str, problem: Problem | PlacementFault) -> Iterator[str]:
    """Say why a reason cannot be that of an Event."""
    if not _REASON.fullmatch(problem.reason):
        yield f"{where}.reason is {shown(problem.reason)}, not a word such as SecretNotFound"
    if not problem.message:
        yield f"{where}.message is empty"
