"""`python -m tests.soak --minutes 3 --ingresses 2000 --seed 1`."""

from __future__ import annotations

import argparse
import logging
import sys

from tests.soak.report import table
from tests.soak.soak import Soak


def main() -> int:
    """Soak, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Churn and every fault, for a while.")
    parser.add_argument("--minutes", type=float, default=3.0, help="after the warm-up; 0: only that")
    parser.add_argument("--ingresses", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # of the controller that sees only the end
    result = Soak(given.minutes * 60, given.ingresses, given.seed, lambda line: print(line, flush=True)).run()
    print(*table(result), sep="\n")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
