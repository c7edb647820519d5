"""What it costs to judge the answers of plugins: those of a cold start, judged once more in this process.

The answers are those of the built-in plugins on the hosts of a cell, which are judged like anybody's.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ako import Discovery, HostOutcome, HostState, Outcome, Placement, SourceObject, StaticRoute, View, hookimpl
from ako.core.hooks.judge import judge
from ako.core.hooks.loading import Plugin, load_plugins
from ako.testing.rehearsal import Rehearsal
from bench.cells import Cell
from bench.objects import INGRESS_CLASS, backends, host_of, ingress, tls_secrets

PLUGINS = ("ingress", "clusterip_routes")
_TIMES = 5

JUDGING = "start: judging answers (% of CPU)"
"""The name of the figure: of the processor time of a start until it is idle."""

Answer = tuple[str, object, Mapping[str, Any]]
"""A hook, what was answered, and what was asked."""


def judging_seconds(cell: Cell) -> float:
    """Give the processor seconds that judging takes of a cold start: the least of some, in which nothing else was."""
    answers = answers_of(cell)
    gc.collect()
    gc.disable()
    try:
        return min(_judged(answers) for _ in range(_TIMES))
    finally:
        gc.enable()


def _judged(answers: Sequence[Answer]) -> float:
    began = time.process_time()
    wrong = [told for hook, answer, asked in answers if (told := judge(hook, answer, asked))]
    taken = time.process_time() - began
    if wrong:
        raise ValueError(f"an answer of a built-in plugin is unfit: {wrong[0]}")
    return taken


def answers_of(cell: Cell) -> Sequence[Answer]:
    """Give every answer of a cold start: to discover, to place, to lead the way, and to report each host as live."""
    answers: list[Answer] = []
    plugins = [Plugin(plugin.name, _Recorded(plugin.implementation, answers)) for plugin in load_plugins(PLUGINS)]
    rehearsal = Rehearsal(plugins)
    hosts = range(cell.hosts)
    ingresses = [ingress(number, secure=cell.secure) for number in hosts]
    secrets = tls_secrets(hosts) if cell.secure else ()
    rehearsal.apply(INGRESS_CLASS, *backends(hosts), *secrets, *ingresses)
    for number, manifest in zip(hosts, ingresses, strict=True):
        live = HostOutcome(host_of(number), HostState.LIVE, ("192.0.2.1",))
        rehearsal.report(manifest, Outcome(hosts=(live,), our_addresses=frozenset({"192.0.2.1"})))
    return answers


class _Recorded:
    """A plugin whose answers are kept."""

    def __init__(self, implementation: Any, answers: list[Answer]) -> None:
        self._implementation = implementation
        self._answers = answers

    def _kept(self, hook: str, **asked: Any) -> Any:
        ask: Callable[..., Any] | None = getattr(self._implementation, hook, None)
        answer = ask(**asked) if ask is not None else None
        if answer is not None:
            self._answers.append((hook, answer, asked))
        return answer

    @hookimpl
    def ako_kinds(self) -> Any:
        """Declare what the plugin declares."""
        return self._implementation.ako_kinds()

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery | None:
        """Discover as it does."""
        found: Discovery | None = self._kept("ako_discover", source=source, view=view)
        return found

    @hookimpl
    def ako_place_backend(self, backend: Any, view: View) -> Placement | None:
        """Place as it does."""
        found: Placement | None = self._kept("ako_place_backend", backend=backend, view=view)
        return found

    @hookimpl
    def ako_static_routes(self, view: View) -> Sequence[StaticRoute] | None:
        """Lead the way as it does."""
        found: Sequence[StaticRoute] | None = self._kept("ako_static_routes", view=view)
        return found

    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        """Report as it does."""
        found: Mapping[str, Any] | None = self._kept("ako_report", source=source, outcome=outcome)
        return found
