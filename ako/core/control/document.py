"""What the page opens where there is no controller to ask: the picture of one moment, with explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from ako.core.control.loop import Controller
from ako.core.explain.reading import outline_of
from ako.core.overview.rendering import Rendering

MOST_EXPLAINED = 500
"""How many hosts and objects are explained in it: what is wrong first, then others for which there is room."""


def document_of(controller: Controller) -> Mapping[str, Any]:
    """Give what a controller knows that has looked, and written nothing; secrets are masked by whoever writes it down.

    Args:
        controller: one that has read everything, on the thread that had it look.
    """
    showing = controller.showing
    for ref, outcome in controller.explain():
        showing.overview.note(ref, outcome)
    showing.overview.touch(controller.reconciler.pipeline.tree_names())
    showing.follow(controller.state, controller.readiness.checks())
    rendering = Rendering(showing.overview, lambda: controller.reconciler.settings, masked=str)
    topology = json.loads(rendering.whole())
    asked = islice(dict.fromkeys(_worth_asking(topology)), MOST_EXPLAINED)
    explanations: dict[str, Any] = {}
    for question in asked:
        with controller.questions.faults.contained(f"question {question!r}"):
            explanations[question] = _explained(controller, question)
    return {"offline": True, "topology": topology, "explanations": explanations}


def _worth_asking(topology: Mapping[str, Any]) -> Iterator[str]:
    """Give what somebody may ask for, the most pressing first."""
    rows = [dict(zip(topology["columns"], row, strict=True)) for row in topology["rows"]]
    yield from (problem["about"] for problem in topology["problems"])
    yield from (row["id"] for row in rows if row["state"] != "live" or row["problems"])
    yield from (row["id"] for row in rows)
    yield from (source for row in rows for source in row["sources"])


def _explained(controller: Controller, question: str) -> Mapping[str, Any]:
    answer = controller.questions.answer(question)
    told: Mapping[str, Any] = msgspec.to_builtins({"answer": answer, "outline": outline_of(answer)})
    return told
