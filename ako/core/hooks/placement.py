"""Where the servers of a backend are found, for translations in the core and in plugins alike."""

from __future__ import annotations

from collections.abc import Callable

from ako.core.engine.cells import Input
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, Placement

Place = Callable[[View, Backend], Placement]
"""The query that gives the servers of a backend."""

PLACE: Input[Place] = Input("backend placement")


def servers_of(view: View, backend: Backend) -> Placement:
    """Find the servers of a backend: the answer of the first plugin that places it."""
    return view.ask(view.input(PLACE), backend)
