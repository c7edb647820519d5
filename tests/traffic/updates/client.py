"""A client that keeps connections: which one a request goes over, and when it is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from tests.traffic.asking import Answer, Asked
from tests.traffic.conversing import ClosedError, Line
from tests.traffic.updates.names import Names
from tests.traffic.visitor import Listening

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})

Key = tuple[str, str, int, str | None, str]


@dataclass(frozen=True)
class Got:
    """An answer, and since which moment what was promised counts for it, and for whom it was connected to."""

    answer: Answer
    opened: int


@dataclass(frozen=True)
class _Kept:
    line: Line
    at: Listening
    opened: int


class Client:
    """Asks over new connections and kept ones in turn; of one thread."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._kept: dict[Key, _Kept] = {}
        self._is_turn_of_kept = False

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for kept in self._kept.values():
            with kept.line:
                pass

    def ask(self, asked: Asked, at: Listening, moment: int) -> Got:
        """Ask whoever listens there; `moment` is noted for a connection that is opened."""
        self._is_turn_of_kept = not self._is_turn_of_kept
        may_keep = asked.scheme in {"http", "https"} and asked.method in REPEATABLE
        if may_keep and self._is_turn_of_kept:
            return self._over_kept(asked, at, moment)
        return self._over_new(asked, at, moment)

    def _over_kept(self, asked: Asked, at: Listening, moment: int) -> Got:
        key = (asked.to, asked.scheme, asked.asked_port, asked.server_name, asked.client)
        kept = self._kept.pop(key, None)
        if kept is not None:
            if (kept.at.address, kept.at.listening_port) == (at.address, at.listening_port):
                try:
                    # Nothing was shown for this request: the certificate was when the connection was opened.
                    answer = _without_certificate(kept.line.ask(asked))
                except ClosedError:
                    pass
                else:
                    self._keep(key, kept, answer)
                    return Got(answer, kept.opened)
            with kept.line:
                pass
        return self._over_new(asked, at, moment, key)

    def _over_new(self, asked: Asked, at: Listening, moment: int, keep_as: Key | None = None) -> Got:
        certificate = ""
        try:
            line = Line(asked, (at.address, at.listening_port), self.names.source_of(asked))
            certificate = line.certificate
            try:
                answer = line.ask(asked)
            except BaseException:
                with line:
                    raise
        except ClosedError as closed:
            return Got(Answer(closed=True, why=str(closed), certificate=certificate), moment)
        self._keep(keep_as, _Kept(line, at, moment), answer)
        return Got(answer, moment)

    def _keep(self, key: Key | None, used: _Kept, answer: Answer) -> None:
        if key is not None and "close" not in answer.headers.get("connection", ()):
            self._kept[key] = used
        else:
            with used.line:
                pass


def _without_certificate(answer: Answer) -> Answer:
    return Answer(status=answer.status, server=answer.server, headers=answer.headers, echoed=answer.echoed,
                  text=answer.text)  # fmt: skip
