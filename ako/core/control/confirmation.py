"""How an operator confirms a deletion that the guard holds."""

from __future__ import annotations

from ako.core.plan.plan import Plan

CONFIRMATION = "ako.vmware.com/confirm-deletion"
"""Annotation on the ConfigMap: the id of a plan that may delete as much as it does."""


def why_held(held: Plan) -> str:
    """Say why deletions wait, and how they are confirmed."""
    return (
        f"plan {held.id} would delete {len(held.operations)} objects, more virtual services than "
        f"ako.guard.maxDeletePercent allows at once. To have it done, confirm it: annotation {CONFIRMATION}: {held.id} "
        f"on the ConfigMap, or --confirm {held.id}."
    )
