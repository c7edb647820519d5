"""`python -m tests.traffic.mutations`: of all that was written for the scenarios one thing is wrong at a time.

Requests have to notice. What they do is told by the kind of mutation; what none can notice, with the reason. Ends with
1 if something goes unnoticed without a reason, or if a request is answered wrong though nothing was changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.traffic.mutations.campaign import Campaign, Part, Wanted
from tests.traffic.mutations.reasons import REASONS
from tests.traffic.mutations.report import lines, unexplained


def main() -> int:
    """Try mutations, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.traffic.mutations", description=__doc__)
    parser.add_argument("--only", default="", metavar="KIND", help="of objects of this type alone (poolgroup, …)")
    parser.add_argument("--state", default="", metavar="NAME", help="of states whose names begin so (routes/09, …)")
    parser.add_argument("--all", action="store_true", help="of all states, also of those that have nothing new")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one of N mutations")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes beside each other")
    wanted = parser.parse_args()
    began = time.monotonic()
    campaign = Campaign(Wanted(wanted.only, wanted.every), wanted.jobs, _tell)
    parts: list[Part] = []
    for part in campaign.run(wanted.state, all_states=wanted.all):
        parts.append(part)
        told = f"{part.state}: {len(part.verdicts)} mutations, {part.questions} requests"
        _tell(f"{time.monotonic() - began:4.0f} s  {told}")
    verdicts = [verdict for part in parts for verdict in part.verdicts]
    is_whole = not wanted.state and not wanted.only and wanted.every == 1
    wrong = [part.wrong for part in parts if part.wrong]
    if is_whole and (idle := sorted({one.text for one in REASONS} - {one.reason for one in verdicts})):
        wrong.append(f"Reasons that explain nothing any more: {idle}")
    faults = ["", "Wrong, whatever is changed:", *wrong] if wrong else []
    print("\n".join([*lines(verdicts, is_whole=is_whole), *faults]))
    return 1 if wrong or unexplained(verdicts, is_whole=is_whole) or not verdicts else 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
