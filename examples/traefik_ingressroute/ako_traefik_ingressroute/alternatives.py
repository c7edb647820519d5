"""A tree of matchers → the alternatives that Avi can tell apart: hosts, one path and headers each. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ako_traefik_ingressroute.match_language import Any, Matcher, Node, Not

MOST = 256
"""How many alternatives one expression may have, written out."""


class Header(Struct, frozen=True, order=True):
    """A header has a value, or (`is_denied`) has not."""

    name: str
    value: str
    is_denied: bool = False


class Alternative(Struct, frozen=True):
    """Requests for a host (empty: for any), under a path or at it exactly, with these headers."""

    host: str = ""
    path: str = "/"
    is_exact: bool = False
    headers: tuple[Header, ...] = ()


class MatchFault(Struct, frozen=True):
    """What of an expression cannot be served: a word for it, why, and what to do."""

    reason: str
    what: str
    remedy: str


Literal = tuple[Matcher, bool]
"""A matcher, and whether it is denied."""


def alternatives(node: Node) -> tuple[tuple[Alternative, ...], tuple[MatchFault, ...]]:
    """Give what can be served, and what of it cannot: an alternative with a fault is left out whole."""
    written = _written_out(node, is_denied=False)
    if isinstance(written, MatchFault):
        return (), (written,)
    faults: dict[MatchFault, None] = {}
    found: dict[Alternative, None] = {}
    for literals in written:
        parts = [_part(*literal) for literal in literals]
        wrong = [part for part in parts if isinstance(part, MatchFault)]
        faults.update(dict.fromkeys(wrong))
        joined = None if wrong else _joined(part for part in parts if isinstance(part, Alternative))
        found.update({} if joined is None else {joined: None})
    if not found and not faults:
        faults[_NEVER] = None
    return tuple(found), tuple(faults)


_NEVER = MatchFault("MatchesNothing", "no request can be like that", "Correct it: its conditions exclude each other.")
_MANY = MatchFault(
    "MatchTooLarge", f"written out it has more than {MOST} alternatives", "Write several routes, or IngressRoutes."
)


def _written_out(node: Node, *, is_denied: bool) -> list[tuple[Literal, ...]] | MatchFault:
    """Write an expression as alternatives of conditions that all hold."""
    if isinstance(node, Matcher):
        if node.name in _LISTING and len(node.arguments) > 1:
            node = Any(tuple(replace(node, arguments=(argument,)) for argument in node.arguments))
        else:
            return [((node, is_denied),)]
    if isinstance(node, Not):
        return _written_out(node.part, is_denied=not is_denied)
    parts = []
    for part in node.parts:
        written = _written_out(part, is_denied=is_denied)
        if isinstance(written, MatchFault):
            return written
        parts.append(written)
    if isinstance(node, Any) is not is_denied:
        found = [one for part in parts for one in part]
        return found if len(found) <= MOST else _MANY
    return _each_with_each(parts)


def _each_with_each(parts: list[list[tuple[Literal, ...]]]) -> list[tuple[Literal, ...]] | MatchFault:
    found: list[tuple[Literal, ...]] = [()]
    for part in parts:
        if len(found) * len(part) > MOST:
            return _MANY
        found = [one + other for one in found for other in part]
    return found


def _part(matcher: Matcher, is_denied: bool) -> Alternative | MatchFault:
    if matcher.name in _HEADERS:
        return _header(matcher, is_denied=is_denied)
    known = _LISTING.get(matcher.name)
    if known is None:
        why, remedy = _UNSERVED.get(matcher.name, _UNHEARD_OF)
        return MatchFault("MatcherUnsupported", f"{_short(matcher.written)}: {why}", remedy)
    if is_denied:
        what = f"!{_short(matcher.written)}: what a host or a path is not cannot be told apart"
        return MatchFault("NegationUnsupported", what, "Write what it is; only headers can be denied.")
    if not matcher.arguments:
        return MatchFault("MatcherInvalid", f"{_short(matcher.written)} has no argument", "Give it one.")
    return known(matcher, matcher.arguments[0])


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _host(matcher: Matcher, argument: str) -> Alternative | MatchFault:
    name = argument.lower().removesuffix(".")
    if not _NAME.fullmatch(name):
        remedy = "Name each host whole: an Avi virtual service has its DNS names one by one."
        return MatchFault("HostInvalid", f"{_short(matcher.written)}: {_short(argument)!r} is no host name", remedy)
    return Alternative(host=name)


def _path(matcher: Matcher, argument: str) -> Alternative | MatchFault:
    if not argument.startswith("/") or not argument.isprintable() or "?" in argument or "{" in argument:
        what = f"{_short(matcher.written)}: {_short(argument)!r} is no path"
        return MatchFault("PathInvalid", what, "Begin it with /, and leave out queries and patterns.")
    return Alternative(path=argument, is_exact=matcher.name == "path")


def _header(matcher: Matcher, *, is_denied: bool) -> Alternative | MatchFault:
    shown = _short(matcher.written)
    if len(matcher.arguments) != 2:
        return MatchFault("MatcherInvalid", f"{shown} has not two arguments", "Give it a name and a value.")
    name, value = matcher.arguments
    if not _TOKEN.fullmatch(name) or not value.isprintable():
        return MatchFault("HeaderInvalid", f"{shown}: no header is like that", "Correct its name or value.")
    if name.lower() == "host":
        return MatchFault("HeaderInvalid", f"{shown}: hosts are told apart by Host", "Use Host(`<name>`).")
    return Alternative(headers=(Header(name.lower(), value, is_denied),))


_HEADERS = frozenset({"header", "headers"})
_LISTING: Mapping[str, Callable[[Matcher, str], Alternative | MatchFault]] = {
    "host": _host,
    "hostheader": _host,
    "path": _path,
    "pathprefix": _path,
}
"""Matchers that hold for any of their arguments."""

_BY_PATTERN = "patterns are not served", "Write the values out, with || between them."
_BY_REQUEST = "requests are told apart by host, path and headers alone", "Leave it out, or have the server judge."
_UNHEARD_OF = "there is no such matcher", "Use Host, Path, PathPrefix and Header."
_UNSERVED: Mapping[str, tuple[str, str]] = {
    "hostregexp": (
        "an Avi virtual service has its DNS names one by one, and no pattern",
        "Name the hosts, with || between them.",
    ),
    "hostsni": ("this is for TCP", "Use Host(`<name>`)."),
    "pathregexp": _BY_PATTERN,
    "headerregexp": _BY_PATTERN,
    "headersregexp": _BY_PATTERN,
    "queryregexp": _BY_PATTERN,
    "query": _BY_REQUEST,
    "method": _BY_REQUEST,
    "clientip": _BY_REQUEST,
}


def _joined(parts: Iterable[Alternative]) -> Alternative | None:
    """Give what all parts hold for together; None where they exclude each other."""
    found = Alternative()
    for part in parts:
        if found.host and part.host and found.host != part.host:
            return None
        narrower, wider = (found, part) if _is_within(found, part) else (part, found)
        if not _is_within(narrower, wider):
            return None
        headers = tuple(sorted({*found.headers, *part.headers}))
        found = Alternative(found.host or part.host, narrower.path, narrower.is_exact, headers)
    denied = {replace(header, is_denied=False) for header in found.headers if header.is_denied}
    return found if denied.isdisjoint(found.headers) else None


def _is_within(one: Alternative, other: Alternative) -> bool:
    """Say whether all paths of one are paths of the other."""
    return one.path == other.path and one.is_exact if other.is_exact else one.path.startswith(other.path)


def _short(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= 60 else f"{plain[:60]}…"
