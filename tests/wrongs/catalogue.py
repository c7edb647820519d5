"""All of them."""

from __future__ import annotations

from tests.wrongs.answering import ANSWERING
from tests.wrongs.lasting import LASTING
from tests.wrongs.naming import NAMING
from tests.wrongs.raising import RAISING
from tests.wrongs.reaching import REACHING
from tests.wrongs.starting import STARTING
from tests.wrongs.timing import TIMING

RUNNING = (*RAISING, *TIMING, *REACHING, *ANSWERING, *NAMING)
"""Those that are held while the program runs."""

WRONGS = (*RUNNING, *STARTING, *LASTING)
