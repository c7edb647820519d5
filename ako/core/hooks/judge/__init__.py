"""What may come in as an answer of a plugin: every hook that is asked while the program runs, and who judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ako.core.engine.cells import Unknown
from ako.core.hooks.adjusting import loss
from ako.core.hooks.claims import Discovery, Placement
from ako.core.hooks.judge.discoveries import crossing_faults, discovery_faults
from ako.core.hooks.judge.faults import Amount, Wrong
from ako.core.hooks.judge.patches import check_patch
from ako.core.hooks.judge.placements import placement_faults, route_faults
from ako.core.hooks.judge.reasons import left_out_faults, whose_faults
from ako.core.hooks.judge.shared_parents import shared_parent_faults
from ako.core.hooks.judge.translations import translation_faults
from ako.core.hooks.judge.types import check_routes, checker_of
from ako.core.hooks.reasons import LeftOut, Whose
from ako.core.hooks.site import site
from ako.core.hooks.translation import Translation

ANSWERS: Mapping[str, Any] = {
    "ako_discover": Discovery,
    "ako_translate": Translation,
    "ako_adjust": Translation,
    "ako_place_backend": Placement,
    "ako_static_routes": Sequence,
    "ako_report": Mapping,
    "ako_explain_source": Whose,
    "ako_explain_backend": tuple[LeftOut, ...],
}


_LONGEST = 600
"""Characters of what is wrong."""


def judge(hook: str, answer: object, asked: Mapping[str, Any], *, crosses: bool = False) -> str:
    """Say what is wrong with an answer: `claims[0].rules[1].path is an int, not a text`; empty if nothing is.

    Args:
        hook: the name of the hook.
        answer: what the plugin gave; None is no answer, and never wrong.
        asked: the arguments of the hook, by name.
        crosses: a source object may name what is in other namespaces.

    Raises:
        Unknown: what an answer is judged by is not known yet.
    """
    if answer is None or answer is asked.get("translation"):
        return ""
    wrong = _wrong(hook, answer, asked, crosses=crosses)[:_LONGEST]
    return wrong if wrong.isprintable() else repr(wrong)[1:-1]


def _wrong(hook: str, answer: object, asked: Mapping[str, Any], *, crosses: bool) -> str:
    try:
        _check_type(hook, answer)
        return next(filter(None, _faults(hook, answer, asked, crosses=crosses)), "")
    except Wrong as wrong:
        return str(wrong)
    except Unknown:
        raise
    except Exception as fault:  # noqa: BLE001 - what cannot be judged is not let in, and is nobody else's fault
        return f"it cannot be looked at: {type(fault).__name__}: {fault}"


def _check_type(hook: str, answer: object) -> None:
    if hook == "ako_report":
        check_patch(answer)
    elif hook == "ako_static_routes":
        check_routes(answer, Amount())
    else:
        checker_of(ANSWERS[hook])(answer, Amount())


def _faults(hook: str, answer: Any, asked: Mapping[str, Any], *, crosses: bool) -> Iterator[str]:
    match hook:
        case "ako_discover":
            yield from discovery_faults(answer, asked["source"])
            if not crosses:
                yield from crossing_faults(answer, asked["source"])
        case "ako_place_backend":
            yield from placement_faults(answer)
        case "ako_static_routes":
            yield from route_faults(answer)
        case "ako_explain_source":
            yield from whose_faults(answer)
        case "ako_explain_backend":
            yield from left_out_faults(answer)
        case "ako_translate" | "ako_adjust":
            if hook == "ako_adjust":
                yield loss(asked["translation"], answer)
            yield from translation_faults(asked["virtual_host"], answer, asked["view"].ask(site))
            yield from shared_parent_faults(asked["virtual_host"], answer, asked["view"])
