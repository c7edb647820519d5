"""`python -m tests.monitoring`: injects every failure, and writes what was seen into docs/failures.md."""

from __future__ import annotations

import argparse
import sys

from tests.monitoring import promtool
from tests.monitoring.failures import FAILURES
from tests.monitoring.trial import tried


def main() -> int:
    """Inject all, or those that are named; end with 1 if one is not told as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.monitoring", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="failures whose name has these words")
    arguments = parser.parse_args()
    if not promtool.is_there():
        print(promtool.MISSING, file=sys.stderr)
        return 1
    chosen = [failure for failure in FAILURES if arguments.only in failure.name]
    faulty = 0
    for failure in chosen:
        trial = tried(failure)
        shown = ", ".join(f"{where} {seconds:.1f} s" for where, seconds in trial.seconds.items())
        print(
            f"{'FAULTY' if trial.faults else 'as told'}: {failure.name} ({shown})",
            *trial.faults,
            sep="\n  ",
            flush=True,
        )
        faulty += bool(trial.faults)
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
