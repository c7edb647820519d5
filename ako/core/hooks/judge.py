"""What may come in as an answer of a plugin. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ako.core.hooks.adjusting import loss
from ako.core.hooks.border import fault_of
from ako.core.hooks.claims import Discovery, Placement
from ako.core.hooks.site import site
from ako.core.hooks.translation import OwnTree, ParentTemplate, Translation
from ako.core.model import AviObject

ANSWERS: Mapping[str, type] = {
    "ako_discover": Discovery,
    "ako_translate": Translation,
    "ako_adjust": Translation,
    "ako_place_backend": Placement,
    "ako_static_routes": Sequence,
    "ako_report": Mapping,
}


def judge(hook: str, answer: object, asked: Mapping[str, Any]) -> str:
    """Say what is wrong with an answer, here, where it is still known whose it is; empty if nothing is.

    Args:
        hook: what was asked.
        answer: what came back; None is always fit.
        asked: the arguments of the hook, by name.
    """
    expected = ANSWERS[hook]
    if answer is None:
        return ""
    if not isinstance(answer, expected):
        return f"the answer is a {type(answer).__name__}, not a {expected.__name__}"
    if isinstance(answer, (Discovery, Translation, Placement)):
        try:
            hash(answer)
        except TypeError as fault:  # it could not be filed, and a list never equals the tuple it is compared with
            return f"the answer holds something that can change: {fault}"
    if isinstance(answer, Translation):
        if not isinstance(answer.parent, (ParentTemplate, OwnTree)):
            return f"the parent is a {type(answer.parent).__name__}, not a ParentTemplate or an OwnTree"
        if strangers := [item for item in answer.objects if not isinstance(item, AviObject)]:
            return f"an object is a {type(strangers[0]).__name__}, not an AviObject"
        if hook == "ako_adjust":
            names = asked["view"].ask(site).names
            return fault_of(asked["virtual_host"], answer, names) or loss(asked["translation"], answer, names)
    return ""
