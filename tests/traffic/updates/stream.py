"""Client threads that ask steadily, and the account of what came of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from tests.traffic.asking import Answer, Asked
from tests.traffic.updates.allowance import Allowance, faults
from tests.traffic.updates.client import Client, Got
from tests.traffic.updates.names import Names
from tests.traffic.visitor import Listening
from tests.waiting import eventually


@dataclass(frozen=True)
class Count:
    """What came of a stream.

    Attributes:
        asked: requests that somebody had to answer, by all that counted while they were asked.
        moved: those among them that were asked again as the name had moved meanwhile.
        lost: what is wrong with the others, a line each.
    """

    asked: int = 0
    moved: int = 0
    lost: tuple[str, ...] = ()


class Stream:
    """Asks from several threads while it is entered; what is asked can be changed meanwhile.

    Args:
        url: of the simulator.
        allowance: what may answer.
        clients: how many ask at a time.
    """

    def __init__(self, url: str, allowance: Allowance, *, clients: int) -> None:
        self._url = url
        self._allowance = allowance
        self._asking: Sequence[Asked] = ()
        self._count = Count()
        self._done = 0
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._defects: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(random.Random(number),), name=f"client {number}")
            for number in range(clients)
        ]

    def __enter__(self) -> Stream:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        if self._defects and value is None:
            raise self._defects[0]

    @property
    def count(self) -> Count:
        """Give what came of it so far."""
        return self._count

    @property
    def done(self) -> int:
        """Give how many requests have come to an end."""
        return self._done

    def ask(self, asking: Iterable[Asked]) -> None:
        """Ask these from now on, in an order of chance."""
        self._asking = tuple(asking)

    def pass_by(self, requests: int) -> None:
        """Wait until so many requests have been asked and answered that had not begun before."""
        wanted = self._done + requests + len(self._threads)
        eventually(lambda: self._done >= wanted or self._defects or self._is_over.is_set(), f"{requests} requests")

    def _work(self, chance: random.Random) -> None:
        try:
            with Names(self._url) as names, Client(names) as client:
                while not self._is_over.is_set():
                    if self._asking:
                        self._one(client, chance.choice(self._asking))
                    else:
                        self._is_over.wait(0.001)
        except BaseException as defect:  # noqa: BLE001 - told by whoever ends the stream
            self._defects.append(defect)

    def _one(self, client: Client, asked: Asked) -> None:
        began, moved = self._allowance.now(), False
        while True:
            at = client.names.place_of(asked) or client.names.last_of(asked)
            got = _asked(client, asked, at, self._allowance.now())
            since = min(began, got.opened) if _is_handed_on(self._allowance, asked, got) else began
            allowed = self._allowance.expected(asked, since)
            wrong = faults(got.answer, allowed)
            if not wrong:
                break
            now_at = client.names.place_of(asked)
            if now_at is None or at is None or now_at.vip == at.vip:
                break
            moved = True
        is_promised = not any(expected.is_nobody for expected in allowed)
        with self._lock:
            self._done += 1
            lost = (_told(asked, at, got.answer, wrong),) if wrong else ()
            count = self._count
            self._count = replace(
                count,
                asked=count.asked + is_promised,
                moved=count.moved + (is_promised and moved),
                lost=(*count.lost, *lost),
            )


def _asked(client: Client, asked: Asked, at: Listening | None, moment: int) -> Got:
    if at is None:
        return Got(Answer(unknown_host=True), moment)
    try:
        return client.ask(asked, at, moment)
    except Exception as broken:  # noqa: BLE001 - whatever breaks an answer is a loss like no answer
        return Got(Answer(closed=True, why=f"broken: {broken!r}"), moment)


def _is_handed_on(allowance: Allowance, asked: Asked, got: Got) -> bool:
    """Say whether TLS went through the load balancer to a server when the connection was opened."""
    return asked.scheme == "https" and any(
        expected.servers and not expected.certificates for expected in allowance.expected(asked, got.opened)
    )


def _told(asked: Asked, at: Listening | None, answer: Answer, wrong: Sequence[str]) -> str:
    """Give a loss in a line."""
    host = "" if asked.host == asked.to else f" as {asked.host}"
    what = f"{asked.method} {asked.scheme}://{asked.to}:{asked.asked_port}{asked.path}{host}"
    where = f"{at.virtualservice} at {at.vip}" if at else "nobody"
    got = answer.why or f"{answer.status} {answer.server} {answer.location}".rstrip()
    return f"{what}, asked of {where}: {'; '.join(dict.fromkeys(wrong))} ({got})"
