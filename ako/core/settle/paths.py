"""Who is served on which path, on each way to a host, and what those are told who share a path. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import HostClaim, PathRule, PathType, Problem, ServedRule
from ako.core.hooks.matching import Matching, PathKey
from ako.core.settle.precedence import named_first


class Way(Struct, frozen=True, kw_only=True):
    """A way to a host, such as plain HTTP, and who is served on it.

    Attributes:
        title: the word for it in messages.
        matching: how paths are compared.
        claimants: who asks for it, and can be served.
        holders: path → rules that are served there, by claim; the oldest claim first.
        served: all of them, longest path first, exact before prefix.
        repeats: what of a claim repeats another rule of it.
    """

    title: str
    matching: Matching
    claimants: frozenset[ObjectRef]
    holders: Mapping[PathKey, Mapping[ObjectRef, PathRule]]
    served: tuple[ServedRule, ...]
    repeats: tuple[Problem, ...]

    def holders_of(self, rule: PathRule) -> Mapping[ObjectRef, PathRule]:
        """Give who is served on the path of a rule."""
        return self.holders.get(self.matching.key(rule), {})


def share_out(title: str, claims: Iterable[HostClaim], matching: Matching, *, serves_duplicates: bool) -> Way:
    """Give each path to the oldest claim of it, or to all claims; they come oldest first."""
    claims = tuple(claims)
    holders: dict[PathKey, dict[ObjectRef, PathRule]] = {}
    served: list[ServedRule] = []
    repeats: list[Problem] = []
    for claim in claims:
        seen_here: dict[PathKey, PathRule] = {}
        for rule in claim.rules:
            key = matching.key(rule)
            holding = holders.setdefault(key, {})
            if holding and claim.source not in holding and not serves_duplicates:
                continue
            holding.setdefault(claim.source, rule)
            first = seen_here.setdefault(key, rule)
            if first is rule:
                served.append(ServedRule(claim, rule))
            elif first.backends != rule.backends:
                repeats.append(_repeat(claim, rule, first, title))
    served.sort(key=lambda one: precedence(matching.key(one.rule)))
    return Way(
        title=title,
        matching=matching,
        claimants=frozenset(claim.source for claim in claims),
        holders=holders,
        served=tuple(served),
        repeats=tuple(repeats),
    )


def precedence(key: PathKey) -> tuple[int, bool, str]:
    """Give what puts paths in order: the longest first, an exact one before a prefix."""
    path, is_exact = key
    return (-len(path), not is_exact, path)


def _repeat(claim: HostClaim, rule: PathRule, first: PathRule, title: str) -> Problem:
    what = "is there twice" if rule.path == first.path else f"is one with {first.path} over {title}"
    return Problem(
        claim.source,
        "RepeatedPath",
        f"path {rule.path or '/'} of host {claim.host} {what}, with other backends; only the first is served.",
        "Remove one of them.",
    )


def duplicates(
    host: str, claims: Sequence[HostClaim], ways: Sequence[Way], *, serves_duplicates: bool
) -> Iterator[Problem]:
    """Tell every claimant of a path but the first who the others are, in the words of the product FAQ."""
    sharing: dict[tuple[str, PathKey], dict[int, None]] = {}
    for index, claim in enumerate(claims):
        for rule in claim.rules:
            for key in _keys(claim, rule, ways):
                sharing.setdefault(key, {})[index] = None
    for index, claim in enumerate(claims):
        told: set[str] = set()
        for rule in claim.rules:
            indices = sorted({other for key in _keys(claim, rule, ways) for other in sharing[key]})
            if indices[0] == index or rule.path in told:
                continue
            told.add(rule.path)
            others = [claims[other] for other in indices if other != index]
            remedy = (
                _all_are_served(claim, ways)
                if serves_duplicates
                else _who_is_served(claim, rule, [claims[i] for i in indices if i < index], ways)
            )
            yield _duplicate(host, rule.path, claim, others, remedy)


def _keys(claim: HostClaim, rule: PathRule, ways: Iterable[Way]) -> Iterator[tuple[str, PathKey]]:
    """Give what a path is compared by: as it is, over all ways, and by what it is told apart on each."""
    yield "", (rule.path, rule.path_type is PathType.EXACT)
    yield from ((way.title, way.matching.key(rule)) for way in ways if claim.source in way.claimants)


def _all_are_served(claim: HostClaim, ways: Iterable[Way]) -> str:
    is_served = any(claim.source in way.claimants for way in ways)
    return "All that can be are served, as L7Settings.duplicateHostPaths says." if is_served else ""


def _who_is_served(claim: HostClaim, rule: PathRule, older: Iterable[HostClaim], ways: Sequence[Way]) -> str:
    """Say who is served on a path, and what becomes of this claim; empty if it is not served for another reason."""
    asked = [way for way in ways if claim.source in way.claimants]
    if not asked:
        return ""
    lost = next((way for way in asked if claim.source not in way.holders_of(rule)), None)
    if lost is not None:
        holder, held = next(iter(lost.holders_of(rule).items()))
        over = f" over {lost.title}" if len(asked) > 1 else ""
        what = "case" if lost.matching.folds_case else "a slash at the end"
        other = "" if held.path == rule.path else f" with {held.path}, as {what} does not count"
        first = next(other for other in older if other.source == holder)
        return f"{named_first(first, claim)}, is served{over}{other}; this one takes over when it goes."
    waiting = [other for other in older if not any(other.source in way.claimants for way in ways)]
    if waiting and claim.tls is not None:
        return f"This one is served as long as {named_first(waiting[0], claim)}, cannot be."
    return "Neither excludes the other: one asks for plain HTTP, the other for TLS."


def _duplicate(host: str, path: str, claim: HostClaim, others: Iterable[HostClaim], remedy: str) -> Problem:
    others = tuple(others)
    kinds = {other.source.kind.name.lower() for other in others}
    kind = kinds.pop() if len(kinds) == 1 else "object"
    plural = f"{kind}es" if kind.endswith("s") else f"{kind}s"
    listed = json.dumps([str(other.source.namespaced_name) for other in others], separators=(",", ":"))
    return Problem(
        claim.source,
        "DuplicateHostPath",
        f"Duplicate entries found for hostpath {claim.source.namespaced_name}: {host}{path} in {plural}: {listed}",
        remedy,
    )
