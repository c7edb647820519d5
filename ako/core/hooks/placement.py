"""Where the servers of a backend are found, for translations in the core and in plugins alike."""

from __future__ import annotations

from collections.abc import Callable

from ako.core.engine.cells import Input, Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import SERVERS_STAY, UNREADABLE, Backend, Placement, PlacementFault

Place = Callable[[View, Backend], Placement]
"""The query that gives the servers of a backend."""

PLACE: Input[Place] = Input("backend placement")


def servers_of(view: View, backend: Backend) -> Placement:
    """Find the servers of a backend: the answer of the first plugin that places it.

    While what they are found by cannot be read, those of before stay, and that is a fault like any other.

    Args:
        view: what reads.
        backend: the backend.

    Raises:
        Unknown: it never could be placed.
    """
    found, doubt = view.last(view.input(PLACE), backend)
    if found is None:
        raise Unknown(doubt)
    if not doubt:
        return found
    fault = PlacementFault(UNREADABLE, doubt, SERVERS_STAY)
    return Placement(found.servers, (*found.faults, fault))
