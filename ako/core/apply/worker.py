"""Carries out operations on a pool of threads; the answers are handed back as values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from ako.core.apply.jobs import Halt
from ako.core.apply.requests import request_for
from ako.core.avi import codec
from ako.core.avi.errors import AviError, AviUnreachable
from ako.core.avi.line import Line
from ako.core.base.log import about
from ako.core.base.refs import AviRef
from ako.core.model import ForeignObject
from ako.core.model.extra import NOTHING, Fields
from ako.core.model.mark import Mark
from ako.core.model.names import Names
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import is_kept_whole, observe_one, observed_object
from ako.core.plan.plan import Delete, Operation, Update, merge_observed
from ako.core.settings import Settings

_log = logging.getLogger(__name__)

Written = Callable[[Operation, ObservedObject | AviError | None], None]
LookedUp = Callable[[AviRef, ObservedObject | AviError | PermissionError | None], None]


class Worker(Protocol):
    """Sends requests elsewhere; the answers come back through `Dispatcher.finished` and `Dispatcher.looked_up`."""

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark) -> None:
        """Send the request of an operation, which marks the object; once its plan is halted it fails instead."""

    def look_up(self, ref: AviRef) -> None:
        """Read one object by name."""

    def retire(self) -> None:
        """Send nothing any more."""


class AviWorker:
    """Sends requests from a pool of threads.

    Args:
        line: to the Controller.
        settings: how our objects are named, to tell ours from others', and the Avi cloud we work in.
        on_written: takes the answer to an operation; called on those threads.
        on_looked_up: takes the answer to a look-up; likewise.
        fields: what plugins declare that they set.
    """

    def __init__(
        self,
        line: Line,
        settings: Settings,
        on_written: Written,
        on_looked_up: LookedUp,
        fields: Fields = NOTHING.fields,
    ) -> None:
        self._session = line.session
        self._names = Names(settings.ako_settings.cluster_name)
        self._cloud = settings.controller_settings.cloud_name
        self._fields = fields
        self._pool = line.requests
        self._on_written = on_written
        self._on_looked_up = on_looked_up
        self._is_retired = False

    def retire(self) -> None:
        """Send nothing any more: what is not under way yet stays undone, and has no answer."""
        self._is_retired = True

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark) -> None:
        """Send the request of an operation, which marks the object; once its plan is halted it fails instead."""
        self._pool.submit(self._write, operation, halt, mark)

    def look_up(self, ref: AviRef) -> None:
        """Read one object by name."""
        self._pool.submit(self._read, ref)

    def _write(self, operation: Operation, halt: Halt, mark: Mark) -> None:
        if self._is_retired:
            return
        result: ObservedObject | AviError | None
        if halt.is_called:
            result = AviUnreachable("not sent: the Controller has asked to be left alone for a while")
        else:
            result = self._answer(operation, mark)
        if isinstance(result, AviError):
            result.subject = operation.ref.title
            halt.is_called |= bool(result.retry_after)
        self._on_written(operation, result)

    def _answer(self, operation: Operation, mark: Mark) -> ObservedObject | AviError | None:
        try:
            request = request_for(operation, mark)
            is_foreign = not isinstance(operation, Delete) and isinstance(operation.object, ForeignObject)
            answer = self._session.request(
                request.method, request.path, body=request.body, tenant=operation.ref.tenant or None, native=is_foreign
            )
            now = _after(operation, answer, self._names, mark, self._fields)
        except AviError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a tree that waits for an answer for ever would be lost
            return _unusable(operation.ref, error)
        _log.debug("%s %s", request.method, operation.ref, extra=about(str(operation.ref)))
        return now

    def _read(self, ref: AviRef) -> None:
        if self._is_retired:
            return
        result: ObservedObject | AviError | PermissionError | None
        try:
            result = observe_one(self._session, self._names, self._cloud, ref, self._fields)
        except (AviError, PermissionError) as error:
            result = error
        except Exception as error:  # noqa: BLE001 - likewise
            result = _unusable(ref, error)
        self._on_looked_up(ref, result)


def _unusable(ref: AviRef, error: Exception) -> AviUnreachable:
    """Take an answer that is none, as of a proxy on the way, for the Controller being away."""
    _log.error("what came of %r cannot be used", ref, exc_info=error)
    failure = AviUnreachable(f"its answer cannot be used: {error}")
    failure.subject, failure.may_have_been_carried_out = ref.title, True
    return failure


def _after(operation: Operation, answer: bytes, names: Names, mark: Mark, fields: Fields) -> ObservedObject | None:
    """Give what is on the Controller now: our fields as we sent them, identity and version from the answer.

    Of objects that are updated whole the answer itself counts: the next update lays its fields over it, and that of a
    VsVip holds the address.
    """
    if isinstance(operation, Delete):
        return None
    if is_kept_whole(type(operation.object)):
        return observed_object(names, answer, type(operation.object), operation.ref.tenant, fields)
    identity = codec.decode_identity(answer)
    before = operation.observed.object if isinstance(operation, Update) else None
    now = operation.object if before is None else merge_observed(operation.object, before)
    return ObservedObject(identity.uuid, now, identity.last_modified, cluster_uid=mark.uid)
