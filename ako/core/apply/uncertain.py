"""What an error says about the Controller: which objects have to be looked up before the next plan."""

from __future__ import annotations

from collections.abc import Container

from ako.core.avi.errors import AviConflict, AviError, AviNotFound, AviRejected, AviStale, AviUnreachable
from ako.core.base.refs import AviRef
from ako.core.model import OWNED_TYPES
from ako.core.observe.observed import Observed
from ako.core.plan.plan import Delete, Operation


def uncertain_after(operation: Operation, error: AviError, observed: Observed) -> set[AviRef]:
    """Give the objects that may not be on the Controller as they were observed."""
    if is_refusal(operation, error, observed):
        return set()  # the content is at fault, not what we know
    if isinstance(error, AviNotFound) and not isinstance(operation, Delete):
        return _neighbours(operation.ref, observed) | {
            other for other in operation.object.references() if other in observed
        }
    if isinstance(error, (AviConflict, AviStale, AviRejected)):
        return {operation.ref}
    if isinstance(error, AviUnreachable) and error.may_have_been_carried_out:
        return {operation.ref}
    return set()


def is_refusal(operation: Operation, error: AviError, observed: Container[AviRef]) -> bool:
    """Say whether the Controller would not take an object as it is, now and later.

    That includes a reference to an object of others that is not there: its owner has to be told. Only the words of a
    404 say so, and they vary, as those of a proxy do: it counts if they name a type of which the object does refer to
    one that we know nothing of; what we observed is ours, also of types of which others have some.
    Anything else is looked up, and tried again with growing pauses.
    """
    if isinstance(operation, Delete):
        return False
    if isinstance(error, AviNotFound):
        referents = {ref for ref in operation.object.references() if ref.type not in _OUR_TYPES}
        return error.missing_model.lower() in {ref.type for ref in referents if ref not in observed}
    return isinstance(error, AviRejected)


def is_loss(operation: Operation, error: object, observed: Container[AviRef]) -> bool:
    """Say whether an answer shows that something is gone that was known, an object of ours or one it refers to."""
    return isinstance(error, AviNotFound) and not is_refusal(operation, error, observed)


_OUR_TYPES = frozenset(owned.avi_type for owned in OWNED_TYPES)


def _neighbours(ref: AviRef, observed: Observed) -> set[AviRef]:
    """Give an object that was found missing, what it refers to and what refers to it: all may have been edited."""
    seen = observed.get(ref)
    below = {other for other in seen.object.references() if other in observed} if seen else set()
    return {ref} | below | observed.referrers(ref)
