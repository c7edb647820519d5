"""What holds something of a host up, in words, each with what ends that."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.explain.picture import Picture
from ako.core.hooks.claims import HostKey
from ako.core.hooks.translation import HostModel


def waits_of(picture: Picture, key: HostKey, model: HostModel) -> Iterator[str]:
    """Give what holds a host up."""
    held = picture.planner.guard.held
    if isinstance(key, str) and key in held.served:
        yield f"it would go with plan {held.id}, which waits for being confirmed; until then it stays served"
    if not model.tree:
        return
    if (substitute := picture.quarantine.substitutes(model.tree).get(key)) and not substitute.message:
        yield (
            "the Avi Controller refused what several hosts add to their shared objects; whose fault that is, is "
            "being found out, and this one's turn has not come. It takes a few writes"
        )
    if fault := picture.quarantine.fault(model.tree):
        yield f"the Avi Controller refuses {model.tree} whoever is on it: {fault}. It is tried again by itself"
