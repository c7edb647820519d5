"""Which version of the Avi API to ask for (the header `X-Avi-Version`).

The Controller refuses a version above its own, and a field newer than the version asked for;
so the version is the lowest of: what the settings ask for, what the Controller is, what we know.
"""

from __future__ import annotations

import re

NEWEST_KNOWN = "30.2.1"
OLDEST_SUPPORTED = "20.1.1"

_LEADING_NUMBERS = re.compile(r"\d+(?:\.\d+)+")


class VersionError(ValueError):
    """No API version can be chosen; the text says why and what to change."""


def parse_version(text: str) -> tuple[int, ...]:
    """Give the numbers of a version such as `22.1.4` or `22.1.4-9196`, three at most.

    Raises:
        VersionError: the text does not start with a version.
    """
    match = _LEADING_NUMBERS.match(text.strip())
    if match is None:
        raise VersionError(f"{text!r} is not a version of the Avi Controller, such as {OLDEST_SUPPORTED}")
    numbers = [int(part) for part in match.group().split(".")[:3]]
    return (*numbers, *[0] * (3 - len(numbers)))


def normal_version(text: str) -> str:
    """Give a version as three numbers; raise `VersionError` if it is none."""
    return ".".join(map(str, parse_version(text)))


def choose_version(controller: str, requested: str = "") -> str:
    """Give the API version for a Controller of version `controller`; `requested` empty means the newest possible.

    Raises:
        VersionError: the Controller or the requested version is older than 20.1.1, or one of them is not a version.
    """
    floor = parse_version(OLDEST_SUPPORTED)
    theirs = parse_version(controller)
    if theirs < floor:
        raise VersionError(
            f"the Avi Controller has version {controller}, older than {OLDEST_SUPPORTED}, the oldest supported: "
            "upgrade the Controller"
        )
    wanted = parse_version(requested) if requested else theirs
    if wanted < floor:
        raise VersionError(
            f"controllerVersion {requested} is older than {OLDEST_SUPPORTED}, the oldest supported: "
            "raise it, or leave it empty to take the version of the Avi Controller"
        )
    return ".".join(map(str, min(wanted, theirs, parse_version(NEWEST_KNOWN))))
