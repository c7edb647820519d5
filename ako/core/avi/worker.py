"""Carries out operations on a pool of threads; the answers are handed back as values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor

from ako.core.avi import codec
from ako.core.avi.errors import AviError
from ako.core.avi.requests import request_for
from ako.core.avi.session import AviSession
from ako.core.naming import Names
from ako.core.observe import is_kept_whole, observe_one, observed_object
from ako.core.observed import ObservedObject
from ako.core.plan import Delete, Operation, Update, merge_observed
from ako.core.refs import AviRef

_log = logging.getLogger(__name__)

Written = Callable[[Operation, ObservedObject | AviError | None], None]
LookedUp = Callable[[AviRef, ObservedObject | AviError | PermissionError | None], None]


class AviWorker:
    """Sends requests from a pool of threads.

    Args:
        session: the session with the Controller.
        names: of our objects, to tell ours from others'.
        cloud: the Avi cloud we work in.
        pool: whose threads send.
        on_written: takes the answer to an operation; called on those threads.
        on_looked_up: takes the answer to a look-up; likewise.
    """

    def __init__(
        self, session: AviSession, names: Names, cloud: str, pool: Executor, on_written: Written, on_looked_up: LookedUp
    ) -> None:
        self._session = session
        self._names = names
        self._cloud = cloud
        self._pool = pool
        self._on_written = on_written
        self._on_looked_up = on_looked_up

    def use(self, session: AviSession) -> None:
        """Send with this session from now on."""
        self._session = session

    def carry_out(self, operation: Operation) -> None:
        """Send the request of an operation."""
        self._pool.submit(self._write, operation)

    def look_up(self, ref: AviRef) -> None:
        """Read one object by name."""
        self._pool.submit(self._read, ref)

    def _write(self, operation: Operation) -> None:
        request = request_for(operation)
        try:
            answer = self._session.request(request.method, request.path, body=request.body)
        except AviError as error:
            error.subject = operation.ref.name
            self._on_written(operation, error)
            return
        _log.info("%s %s", request.method, operation.ref, extra={"key": str(operation.ref)})
        self._on_written(operation, _after(operation, answer, self._names))

    def _read(self, ref: AviRef) -> None:
        try:
            self._on_looked_up(ref, observe_one(self._session, self._names, self._cloud, ref))
        except (AviError, PermissionError) as error:
            self._on_looked_up(ref, error)


def _after(operation: Operation, answer: bytes, names: Names) -> ObservedObject | None:
    """Give what is on the Controller now: our fields as we sent them, identity and version from the answer.

    Of objects that are updated whole the answer itself counts: the next update lays its fields over it, and that of a
    VsVip holds the address.
    """
    if isinstance(operation, Delete):
        return None
    if is_kept_whole(type(operation.object)):
        return observed_object(names, answer, type(operation.object))
    identity = codec.decode_identity(answer)
    before = operation.observed.object if isinstance(operation, Update) else None
    now = operation.object if before is None else merge_observed(operation.object, before)
    return ObservedObject(identity.uuid, now, identity.last_modified)
