"""A controller that has come to rest, and questions to it."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.control.questions import picture_of
from ako.core.explain.answer import Answer, HostTold, SourceTold
from ako.core.explain.explainer import Explainer
from ako.core.explain.outline import Line
from ako.core.explain.reading import outline_of
from tests.core.control.rig import Rig


def asked(rig: Rig, question: str) -> Answer:
    """Give the answer to a question."""
    return Explainer(picture_of(rig.reconciler, rig.reconciler.held)).answer(question)


def host(rig: Rig, question: str) -> HostTold:
    """Give the one host that a question is about."""
    (told,) = asked(rig, question).hosts
    return told


def source(rig: Rig, question: str) -> SourceTold:
    """Give the one Kubernetes object that a question is about."""
    (told,) = asked(rig, question).sources
    return told


def read(answer: Answer) -> str:
    """Give all words of an answer as people read them."""
    return "\n".join(_words(outline_of(answer)))


def _words(lines: tuple[Line, ...]) -> Iterator[str]:
    for line in lines:
        yield f"{line.label} {line.text}"
        if line.remedy:
            yield f"→ {line.remedy}"
        yield from _words(line.lines)
