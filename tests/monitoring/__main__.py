"""`python -m tests.monitoring`: injects every failure, and what is none; docs/failures.md gets what was measured."""

from __future__ import annotations

import argparse
import sys

from tests.monitoring import page, promtool
from tests.monitoring.failures import CALM, FAILURES
from tests.monitoring.trial import Trial, tried


def main() -> int:
    """Inject all, or those that are named; end with 1 if one is not told as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.monitoring", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="failures whose name has these words")
    arguments = parser.parse_args()
    if not promtool.is_there():
        print(promtool.MISSING, file=sys.stderr)
        return 1
    trials = []
    for failure in (*FAILURES, *CALM):
        if arguments.only in failure.name:
            trials.append(tried(failure))
            _show(trials[-1])
    if page.is_whole(trials):
        page.written(trials)
    return 1 if any(trial.faults for trial in trials) else 0


def _show(trial: Trial) -> None:
    seen = [f"{where} {seconds:.1f} s" for where, seconds in trial.seconds.items()]
    fired = [f"{name} {minutes} min" for name, minutes in trial.fired.items()]
    verdict = "not as told" if trial.faults else "as told"
    print(f"{verdict}: {trial.failure.name} ({', '.join(seen + fired)})", *trial.faults, sep="\n  ", flush=True)


if __name__ == "__main__":
    sys.exit(main())
