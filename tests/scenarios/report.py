"""The text of a failed scenario: what differs first, and what the product and the Controller did last."""

from __future__ import annotations

from collections.abc import Sequence

from tests.scenarios.comparing import Mismatch
from tests.scenarios.scenario import Scenario
from tests.scenarios.world import AviRequest

LOG_LINES = 40
WRITES = 12


class ScenarioError(AssertionError):
    """A step of a scenario did not come true."""


def describe_step(scenario: Scenario, number: int) -> str:
    """Give the headline of a failure: the scenario and the step that failed; 0 is the start of the product."""
    kind = next(iter(scenario.steps[number - 1])) if number else "start of the product"
    return f"{scenario.id}, step {number} of {len(scenario.steps)} ({kind}): {scenario.title}"


def describe_mismatches(mismatches: Sequence[Mismatch], waited: float) -> str:
    """Give the first difference in full and the places of the others."""
    others = [mismatch.where for mismatch in mismatches[1:]]
    more = f"\nalso different ({len(others)}): {', '.join(others[:10])}" if others else ""
    return f"after {waited:.1f} s: {mismatches[0]}{more}"


def describe_end(log_lines: Sequence[str], requests: Sequence[AviRequest], log: object) -> str:
    """Give the end of the product's log and the last writes that the Controller received."""
    writes = [request for request in requests if request.is_write]
    return "\n".join(
        [
            f"--- the last of {len(writes)} writes to the Controller",
            *(str(request) for request in writes[-WRITES:]),
            f"--- the end of {log}",
            *log_lines[-LOG_LINES:],
        ]
    )
