"""``python -m ako.sim``: the simulator as a program."""

from __future__ import annotations

import sys

from ako.sim.program import main

if __name__ == "__main__":
    sys.exit(main())
