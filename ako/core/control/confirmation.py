"""How an operator confirms a deletion that the guard holds."""

from __future__ import annotations

from ako.core.plan.deletion_guard import Held

CONFIRMATION = "ako.vmware.com/confirm-deletion"
"""Annotation on the ConfigMap: the id of a plan that may delete as much as it does."""

LISTED_AT_MOST = 20
"""How many hosts a message lists."""


def why_held(held: Held) -> str:
    """Say why deletions wait, and how they are confirmed."""
    names = sorted(held.served)
    more = f" and {len(names) - LISTED_AT_MOST} more" if len(names) > LISTED_AT_MOST else ""
    return (
        f"plan {held.id} would leave {len(names)} hosts and Services without service, more than "
        f"ako.guard.maxDeletePercent allows at once: {', '.join(names[:LISTED_AT_MOST])}{more}. To have it done, "
        f"confirm it: annotation {CONFIRMATION}: {held.id} on the ConfigMap, or --confirm {held.id}."
    )
