"""Whether a request is one that a rule is for: each criterion of `MatchTarget` that needs nobody outside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ako.sim.data_plane.asked import Asked, Header, values_of
from ako.sim.data_plane.objects import NotModelledError, Objects
from ako.sim.store import Json

_VERSIONS = {"ZERO_NINE": "0.9", "ONE_ZERO": "1.0", "ONE_ONE": "1.1", "TWO_ZERO": "2.0"}
_PATH: Json = {"match_criteria": "CONTAINS"}
"""What the schema has where a match of a path says nothing."""

# The first word of a criterion tells whether it denies; what is left is one of these.
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "EQUALS": str.__eq__,
    "BEGINS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": str.__contains__,
}
_DENIED = {
    "DOES_NOT_EQUAL": "EQUALS",
    "DOES_NOT_BEGIN_WITH": "BEGINS_WITH",
    "DOES_NOT_END_WITH": "ENDS_WITH",
    "DOES_NOT_CONTAIN": "CONTAINS",
    "REGEX_DOES_NOT_MATCH": "REGEX_MATCH",
    "DOES_NOT_EXIST": "EXISTS",
}


def matches(target: Json, asked: Asked, objects: Objects) -> bool:
    """Say whether all criteria of a match are met; one without any takes every request.

    Raises:
        NotModelledError: for a criterion that is not known here, or one that lacks what it needs.
    """
    try:
        return all(_part(name)(wanted, asked, objects) for name, wanted in target.items())
    except (
        KeyError
    ) as lacking:  # a state that was put, of a Controller that leaves out what we are told is always there
        raise NotModelledError(f"match without {lacking}") from None


def matches_response(target: Json, asked: Asked, status: int, headers: Sequence[Header], objects: Objects) -> bool:
    """Say whether a response, and the request that it answers, meet a match of a response rule."""
    own: Mapping[str, Callable[[Any], bool]] = {
        "status": lambda wanted: _status(wanted, status),
        "rsp_hdrs": lambda wanted: all(_header(one, values_of(headers, one["hdr"])) for one in wanted),
        "loc_hdr": lambda wanted: _header(wanted, values_of(headers, "location")),
    }
    rest = {name: wanted for name, wanted in target.items() if name not in own}
    return all(own[name](target[name]) for name in own if name in target) and matches(rest, asked, objects)


def holds_address(wanted: Json, address: str, objects: Objects) -> bool:
    """Say whether an address is (`IS_IN`) or is not among addresses, ranges, networks and groups of addresses."""
    inside = is_within(wanted, address) or any(
        is_within(group.data, address) for group in objects.follow_all(wanted.get("group_refs", ()))
    )
    return inside is (wanted["match_criteria"] == "IS_IN")


def is_within(wanted: Json, text: str) -> bool:
    """Say whether an address is among addresses, ranges and networks."""
    address = ipaddress.ip_address(text)
    networks = [f"{one['ip_addr']['addr']}/{one['mask']}" for one in wanted.get("prefixes", ())]
    if any(address in ipaddress.ip_network(network, strict=False) for network in networks):
        return True
    if any(address == ipaddress.ip_address(one["addr"]) for one in wanted.get("addrs", ())):
        return True
    return any(_between(address, one["begin"]["addr"], one["end"]["addr"]) for one in wanted.get("ranges", ()))


def is_in(wanted: Json, value: Any, values: Iterable[Any]) -> bool:
    """Say whether a value is (`IS_IN`) or is not one of some."""
    return (value in values) is (wanted.get("match_criteria", "IS_IN") == "IS_IN")


def compares(criterion: str, texts: Sequence[str], values: Sequence[str], *, folds: bool) -> bool:
    """Say whether any of some texts compares to any of some values as a criterion says; a denial is of all of it."""
    wanted = _DENIED.get(criterion, criterion)
    if wanted == "EXISTS":
        met = bool(texts)
    elif wanted == "REGEX_MATCH":
        flags = re.IGNORECASE if folds else 0
        try:
            met = any(re.search(value, text, flags) for value in values for text in texts)
        except re.error as wrong:
            raise NotModelledError(f"regular expression {wrong.pattern!r}: {wrong}") from None
    elif wanted in _COMPARE:
        fold = str.lower if folds else str
        met = any(_COMPARE[wanted](fold(text), fold(value)) for value in values for text in texts)
    else:
        raise NotModelledError(f"match criterion {criterion}")
    return met is (criterion == wanted)


Part = Callable[[Any, Asked, Objects], bool]


def _part(name: str) -> Part:
    if name not in _PARTS:
        raise NotModelledError(f"match on {name}")
    return _PARTS[name]


def _folds(wanted: Json) -> bool:
    return bool(wanted.get("match_case", "INSENSITIVE") == "INSENSITIVE")


def _strings(wanted: Json, text: str, prefix: str, objects: Objects) -> bool:
    groups = objects.follow_all(wanted.get("string_group_refs", ()))
    listed = [pair["key"] for group in groups for pair in group.data.get("kv", ())]
    compared = unquote(text) if wanted.get("match_decoded_string", True) else text
    criterion = wanted["match_criteria"].removeprefix(prefix)
    texts = [] if criterion.endswith(("EXISTS", "NOT_EXIST")) and not text else [compared]
    return compares(criterion, texts, [*wanted.get("match_str", ()), *listed], folds=_folds(wanted))


def _header(wanted: Json, values: Sequence[str]) -> bool:
    criterion = wanted["match_criteria"].removeprefix("HDR_")
    return compares(criterion, values, wanted.get("value", ()), folds=_folds(wanted))


def _cookie(wanted: Json, asked: Asked, _: Objects) -> bool:
    value = asked.cookie(wanted["name"])
    criterion = wanted["match_criteria"].removeprefix("HDR_")
    return compares(criterion, [] if value is None else [value], [wanted.get("value", "")], folds=_folds(wanted))


def _host(wanted: Json, asked: Asked, _: Objects) -> bool:
    return _header(wanted, [asked.host] if asked.host else [])


_PARTS: Mapping[str, Part] = {
    "path": lambda wanted, asked, objects: _strings({**_PATH, **wanted}, asked.path, "", objects),
    "query": lambda wanted, asked, objects: _strings(wanted, asked.query, "QUERY_MATCH_", objects),
    "host_hdr": _host,
    "hdrs": lambda wanted, asked, _: all(_header(one, asked.all_of(one["hdr"])) for one in wanted),
    "cookie": _cookie,
    "method": lambda wanted, asked, _: is_in(wanted, f"HTTP_METHOD_{asked.method}", wanted["methods"]),
    "protocol": lambda wanted, asked, _: is_in(wanted, _protocol(asked), [wanted["protocols"]]),
    "version": lambda wanted, asked, _: is_in(wanted, asked.version, [_VERSIONS[one] for one in wanted["versions"]]),
    "vs_port": lambda wanted, asked, _: is_in(wanted, asked.came.port, wanted["ports"]),
    "client_ip": lambda wanted, asked, objects: holds_address(wanted, asked.came.client, objects),
    "source_ip": lambda wanted, asked, objects: holds_address(wanted, asked.came.client, objects),
}


def _protocol(asked: Asked) -> str:
    return "HTTPS" if asked.came.is_tls else "HTTP"


def _status(wanted: Json, status: int) -> bool:
    ranges = wanted.get("ranges", ())
    inside = status in wanted.get("status_codes", ()) or any(one["begin"] <= status <= one["end"] for one in ranges)
    return inside is (wanted["match_criteria"] == "IS_IN")


def _between(address: ipaddress.IPv4Address | ipaddress.IPv6Address, begin: str, end: str) -> bool:
    first, last = ipaddress.ip_address(begin), ipaddress.ip_address(end)
    return first.version == address.version == last.version and int(first) <= int(address) <= int(last)
