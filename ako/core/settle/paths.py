"""Who is served on which path, on each way to a host, and what those are told who share a path. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.hooks.claims import HostClaim, PathRule, PathType, Problem, ServedRule


class Way(Struct, frozen=True, kw_only=True):
    """A way to a host, such as plain HTTP, and who is served on it.

    Attributes:
        title: the word for it in messages.
        folds_case: paths that differ in case only are one path.
        claimants: who asks for it, and can be served.
        holders: path → rules that are served there, by claim; the oldest claim first.
        served: all of them, longest path first, exact before prefix.
        repeats: what of a claim repeats another rule of it.
    """

    title: str
    folds_case: bool
    claimants: frozenset[ObjectRef]
    holders: Mapping[str, Mapping[ObjectRef, PathRule]]
    served: tuple[ServedRule, ...]
    repeats: tuple[Problem, ...]

    def key(self, path: str) -> str:
        """Give what a path is told apart by."""
        return _key(path, folds_case=self.folds_case)

    def holders_of(self, path: str) -> Mapping[ObjectRef, PathRule]:
        """Give who is served on a path."""
        return self.holders.get(self.key(path), {})


def share_out(title: str, claims: Iterable[HostClaim], *, folds_case: bool, serves_duplicates: bool) -> Way:
    """Give each path to the oldest claim of it, or to all claims; they come oldest first.

    On shared virtual services paths are compared in lower case, because the label that picks the pool is.
    """
    claims = tuple(claims)
    holders: dict[str, dict[ObjectRef, PathRule]] = {}
    served: list[ServedRule] = []
    repeats: list[Problem] = []
    for claim in claims:
        seen_here: dict[tuple[str, PathType], PathRule] = {}
        for rule in claim.rules:
            key = _key(rule.path, folds_case=folds_case)
            holding = holders.setdefault(key, {})
            if holding and claim.source not in holding and not serves_duplicates:
                continue
            holding.setdefault(claim.source, rule)
            first = seen_here.setdefault((key, rule.path_type), rule)
            if first is rule:
                served.append(ServedRule(claim, rule))
            elif first.backends != rule.backends:
                repeats.append(_repeat(claim, rule, first))
    served.sort(key=_precedence)
    return Way(
        title=title,
        folds_case=folds_case,
        claimants=frozenset(claim.source for claim in claims),
        holders=holders,
        served=tuple(served),
        repeats=tuple(repeats),
    )


def _key(path: str, *, folds_case: bool) -> str:
    return path.lower() if folds_case else path


def _precedence(served: ServedRule) -> tuple[int, bool, str]:
    return (-len(served.rule.path), served.rule.path_type is not PathType.EXACT, served.rule.path)


def _repeat(claim: HostClaim, rule: PathRule, first: PathRule) -> Problem:
    what = "is there twice" if rule.path == first.path else f"is one with {first.path} over plain HTTP"
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
    sharing: dict[tuple[bool, str], dict[int, None]] = {}
    for index, claim in enumerate(claims):
        for rule in claim.rules:
            for key in _keys(claim, rule.path, ways):
                sharing.setdefault(key, {})[index] = None
    for index, claim in enumerate(claims):
        for path in dict.fromkeys(rule.path for rule in claim.rules):
            indices = sorted({other for key in _keys(claim, path, ways) for other in sharing[key]})
            if indices[0] == index:
                continue
            others = [claims[other] for other in indices if other != index]
            remedy = (
                _all_are_served(claim, ways)
                if serves_duplicates
                else _who_is_served(claim, path, [claims[i] for i in indices if i < index], ways)
            )
            yield _duplicate(host, path, claim, others, remedy)


def _keys(claim: HostClaim, path: str, ways: Iterable[Way]) -> Iterator[tuple[bool, str]]:
    """Give what a path is compared by: as it is, over all ways, and by what it is told apart where that is less."""
    yield False, path
    yield from ((True, way.key(path)) for way in ways if way.folds_case and claim.source in way.claimants)


def _all_are_served(claim: HostClaim, ways: Iterable[Way]) -> str:
    is_served = any(claim.source in way.claimants for way in ways)
    return "All that can be are served, as L7Settings.duplicateHostPaths says." if is_served else ""


def _who_is_served(claim: HostClaim, path: str, older: Iterable[HostClaim], ways: Sequence[Way]) -> str:
    """Say who is served on a path, and what becomes of this claim; empty if it is not served for another reason."""
    asked = [way for way in ways if claim.source in way.claimants]
    if not asked:
        return ""
    lost = next((way for way in asked if claim.source not in way.holders_of(path)), None)
    if lost is not None:
        holder, rule = next(iter(lost.holders_of(path).items()))
        over = f" over {lost.title}" if len(asked) > 1 else ""
        case = "" if rule.path == path else f" with {rule.path}, as case does not count"
        return f"{holder.key}, which is older, is served{over}{case}; this one takes over when it goes."
    waiting = [other for other in older if not any(other.source in way.claimants for way in ways)]
    if waiting and claim.tls is not None:
        return f"This one is served as long as {waiting[0].source.key}, which is older, cannot be."
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
