"""`python -m tests.campaign`: plays many schedules, prints the seeds that fail, and ends with 1 if there are any."""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.campaign.judgement import judge
from tests.campaign.schedule import schedule


def play(seed: int) -> str:
    """Play the schedule of a seed; give what is wrong."""
    logging.disable()
    try:
        verdict = judge(schedule(seed))
    except Exception as error:  # noqa: BLE001 - the campaign goes on, and says so
        return f"seed {seed}: {''.join(traceback.format_exception(error))}"
    return str(verdict) if verdict.faults else ""


def main() -> int:
    """Play as many schedules as asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--schedules", type=int, default=500, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, metavar="SEED", help="of the first one; with --schedules 1 plays it again")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="at a time (default: %(default)s)")
    arguments = parser.parse_args()
    first = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    began, failed = time.monotonic(), []
    print(f"{arguments.schedules} schedules, seeds {first} to {first + arguments.schedules - 1}", flush=True)
    with ProcessPoolExecutor(arguments.processes) as pool:
        plays = {pool.submit(play, seed): seed for seed in range(first, first + arguments.schedules)}
        for done in as_completed(plays):
            if told := done.result():
                failed.append(plays[done])
                print(told, flush=True)
    seconds = time.monotonic() - began
    good = arguments.schedules - len(failed)
    print(f"{good} of {arguments.schedules} ended as if nothing had happened, {seconds:.0f} s")
    for seed in sorted(failed):
        print(f"again: python -m tests.campaign --schedules 1 --seed {seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
