"""All of them, by what they have in common."""

from __future__ import annotations

from collections.abc import Mapping

from tests.wrongs.adjusting import ADJUSTING
from tests.wrongs.answering import ANSWERING
from tests.wrongs.borne import BORNE
from tests.wrongs.lasting import LASTING
from tests.wrongs.naming import NAMING
from tests.wrongs.raising import RAISING
from tests.wrongs.reaching import REACHING
from tests.wrongs.starting import STARTING
from tests.wrongs.timing import TIMING
from tests.wrongs.wrong import Wrong

GROUPS: Mapping[str, tuple[Wrong, ...]] = {
    "It raises": RAISING,
    "It takes long": TIMING,
    "It does what it has no business with": REACHING,
    "Its answer is none": ANSWERING,
    "It speaks of what is not its own": NAMING,
    "It takes away what others made": ADJUSTING,
    "Nobody is told of it": BORNE,
    "It is wrong from the start": STARTING,
    "Nothing in the process holds it": LASTING,
}
RUNNING = (*RAISING, *TIMING, *REACHING, *ANSWERING, *NAMING, *ADJUSTING, *BORNE)
"""Those that are held, or borne, while the program runs."""

COSTLY = frozenset({"loops_on", "matches", "computes", "returns_late", "swallows", "query_loops", "floods", "bloats"})
"""Those that take seconds of work; each of their kind is among the others too."""

WRONGS = tuple(wrong for group in GROUPS.values() for wrong in group)
