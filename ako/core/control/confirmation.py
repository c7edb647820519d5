"""What waits for an operator's word, and how it is given."""

from __future__ import annotations

from collections.abc import Iterable

from ako.core.base.wording import some_of
from ako.core.observe.ownership import Namesake
from ako.core.plan.deletion_guard import Held

CONFIRMATION = "ako.vmware.com/confirm-deletion"
"""Annotation on the ConfigMap: the id of a plan that may delete as much as it does, or of a cluster to be replaced."""

LISTED_AT_MOST = 20
"""How many hosts a message lists."""


def waiting(held: Held) -> str:
    """Say in a few words that deletions wait."""
    what = f"deletes nothing, because of {_listed(held.odd)}," if held.odd else "would delete too much"
    return f"plan {held.id} {what} and waits for being confirmed"


def why_held(held: Held) -> str:
    """Say why deletions wait, and how they are confirmed."""
    return f"{cause_held(held)} {end_of_held(held)}"


def cause_held(held: Held) -> str:
    """Say why deletions wait."""
    if held.odd:
        return (
            f"nothing is deleted: {_listed(held.odd)} on the Avi Controller have our names and our created_by, but "
            "this program would never make such virtual services. Another AKO seems to work under our "
            "AKOSettings.clusterName, or did so before in a mode that is not taken over. What is new or changes is "
            "written all the same."
        )
    return (
        f"plan {held.id} would leave {len(held.served)} hosts and Services without service, more than "
        f"ako.guard.maxDeletePercent allows at once: {_listed(held.served)}."
    )


def end_of_held(held: Held) -> str:
    """Say what ends that deletions wait."""
    if held.odd:
        return (
            "To go on, give one of the two another name; or, if they are left over and may go "
            f"with all that nobody wants here, confirm it: {by_confirming(held.id)}"
        )
    return f"To have it done, confirm it: {by_confirming(held.id)}"


def why_apart(namesake: Namesake) -> str:
    """Say whose objects are left alone, and how they are taken over."""
    return f"{cause_apart(namesake)} {end_of_apart(namesake)}"


def cause_apart(namesake: Namesake) -> str:
    """Say whose objects are left alone."""
    names = (ref.name for ref in namesake.objects)
    return (
        f"another cluster has our AKOSettings.clusterName; its kube-system Namespace has the uid {namesake.uid}, which "
        "it marks its objects with. They are neither changed nor deleted, and hosts that need a name of theirs are not "
        f"served: {_listed(names)}."
    )


def end_of_apart(namesake: Namesake) -> str:
    """Say what ends that the objects of another cluster are left alone."""
    return (
        "Give one of the two another name; or, if that cluster is gone and this one takes "
        f"its place, have its objects taken over, and what nobody wants deleted: {by_confirming(namesake.id)}"
    )


def by_confirming(confirmed: str) -> str:
    """Say how what has this id is confirmed."""
    return f"annotation {CONFIRMATION}: {confirmed} on the ConfigMap, or --confirm {confirmed}."


def _listed(names: Iterable[str]) -> str:
    return some_of(sorted(names), LISTED_AT_MOST)
