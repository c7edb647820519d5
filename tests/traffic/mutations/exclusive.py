"""Whether two rules exclude each other: whether no request fits both, so that their order means nothing."""

from __future__ import annotations

from typing import Any

from ako.sim.store import Json


def exclude(one: Json, other: Json) -> bool:
    """Say whether no request can fit both of two rules: by one criterion of their matches at least."""
    mine, its = one.get("match", {}), other.get("match", {})
    return any(_exclude(name, mine[name], its[name]) for name in mine.keys() & its.keys())


def _exclude(name: str, one: Any, other: Any) -> bool:
    if name == "path":
        return all(_paths_exclude(a, b) for a in _texts(one) for b in _texts(other))
    if name == "host_hdr" and {one["match_criteria"], other["match_criteria"]} == {"HDR_EQUALS"}:
        return not {text.lower() for text in one["value"]} & {text.lower() for text in other["value"]}
    if name in {"vs_port", "port"} and {one["match_criteria"], other["match_criteria"]} == {"IS_IN"}:
        return not set(one["ports"]) & set(other["ports"])
    if name == "protocol":
        return bool(one != other)
    return False


def _texts(match: Json) -> list[tuple[str, str, bool]]:
    folds = match.get("match_case", "INSENSITIVE") == "INSENSITIVE"
    return [(match["match_criteria"], text, folds) for text in match["match_str"]]


def _paths_exclude(one: tuple[str, str, bool], other: tuple[str, str, bool]) -> bool:
    (criterion, text, folds), (its_criterion, its_text, it_folds) = one, other
    if folds or it_folds:
        text, its_text = text.lower(), its_text.lower()
    known = {"EQUALS", "BEGINS_WITH"}
    if criterion not in known or its_criterion not in known:
        return False
    if criterion == its_criterion == "EQUALS":
        return text != its_text
    if criterion == "EQUALS":
        return not text.startswith(its_text)
    if its_criterion == "EQUALS":
        return not its_text.startswith(text)
    return not (text.startswith(its_text) or its_text.startswith(text))
