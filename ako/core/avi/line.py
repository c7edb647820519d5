"""A session with the Avi Controller and the threads that use it: another Controller waits for nothing of this one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ako.core.avi.session import AviSession


class Line:
    """The line to one Controller.

    Attributes:
        session: as given.
        requests: threads that send single requests.
        sync: the thread that reads the Controller as a whole; it has the others read the lists.
    """

    def __init__(self, session: AviSession, concurrency: int) -> None:
        self.session = session
        self.requests = ThreadPoolExecutor(concurrency, "avi")
        self.sync = ThreadPoolExecutor(1, "sync")

    def leave(self) -> None:
        """Have the session closed when that is possible: a login that hangs may hold it up, and nobody else."""
        self.session.leave()
        self.requests.submit(self.session.close)
        self.sync.submit(self.requests.shutdown, wait=False)  # not before, or what is read there could not go on
        self.sync.shutdown(wait=False)

    def close(self) -> None:
        """Let the requests in hand come to their end, then close the session."""
        self.sync.shutdown(wait=True, cancel_futures=True)
        self.requests.shutdown(wait=True, cancel_futures=True)
        self.session.close()
