"""Requests of clients, through the load balancer to stand-ins of the pods, and what is promised of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from ako.cli.demo.client import Client
from ako.cli.demo.judging import OFTEN, Asked, Judge, is_gone, promises, table
from ako.cli.demo.narration import Narrator
from ako.cli.demo.promised import Pod, Wanted, manifests_in, pods_of, wanted_by
from ako.sim.tls import make_tls
from ako.testing.echo import Echo, EchoServers

_EACH = 2
"""How often a request is sent for each pod that may answer."""


class Traffic:
    """Clients and pods.

    Args:
        narrator: prints.
        client: asks.
        domain: of Services of type LoadBalancer.
    """

    def __init__(self, narrator: Narrator, client: Client, domain: str) -> None:
        self._tell = narrator
        self._client = client
        self._domain = domain
        self._echoes = EchoServers()
        self._judge = Judge({})

    def __enter__(self) -> Self:
        self._echoes.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._echoes.__exit__(kind, value, trace)

    def wanted(self, folder: Path) -> tuple[Wanted, ...]:
        """Give what clients have to get by the manifests of a folder."""
        return wanted_by(manifests_in(folder), self._domain)

    def stand_in(self, folder: Path) -> None:
        """Let a stand-in listen for each pod of a folder of manifests, and for no other."""
        before = self._judge.pods
        pods = {pod.server: pod for pod in pods_of(manifests_in(folder))}
        gone = [server for server, pod in before.items() if pods.get(server) != pod]
        self._echoes.remove(*gone)
        self._echoes.add(*(_echo(pod) for server, pod in pods.items() if before.get(server) != pod))
        self._client.stand_in({**dict.fromkeys(gone), **self._echoes.addresses})
        self._judge = Judge(pods)

    def follow(self, folder: Path) -> None:
        """Do so for a folder that somebody edits: while it cannot be understood, nothing changes."""
        try:
            self.stand_in(folder)
        except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError):
            return

    def promise_answers(self, wanted: Iterable[Wanted]) -> None:
        """Send every request, show what answered, and promise that it is what the manifests say."""
        asked = [self._asked(each) for each in wanted]
        self._tell.show(table(map(self._judge.row, asked)))
        for promise, concerned in promises(asked).items():
            self._promise(promise, [fault for each in concerned for fault in self._judge.faults(each)])

    def promise_served(self, wanted: Iterable[Wanted]) -> None:
        """Send every request once, and promise without a word more that each is answered as it has to be."""
        self._promise("every request is answered as before", [fault for each in wanted if (fault := self.fault(each))])

    def promise_gone(self, wanted: Iterable[Wanted]) -> None:
        """Send every request once, show what came, and promise that nobody is served any more."""
        asked = [Asked(each, (self._client.ask(each),)) for each in wanted]
        self._tell.show(table(map(self._judge.row, asked)))
        odd = [f"{each.wanted.url}: {each.answers[0]}" for each in asked if not is_gone(each.answers[0])]
        self._promise("every one of them gets 404, or nobody listens", odd)

    def stream(self, wanted: Iterable[Wanted]) -> Stream:
        """Give what asks all the time while something changes."""
        return Stream(self, tuple(wanted))

    def promise_none_lost(self, stream: Stream) -> None:
        """Promise that all requests of a stream that has ended were answered by whom they should."""
        faults = stream.faults[:3] if stream.sent else ["none was sent"]
        self._promise(f"{stream.sent} requests meanwhile, and none was lost", faults)

    def fault(self, wanted: Wanted) -> str:
        """Ask once; say what is wrong with the answer, "" if nothing is."""
        return self._judge.fault(wanted, self._client.ask(wanted))

    def curls(self, wanted: Iterable[Wanted]) -> Iterator[str]:
        """Give the commands that ask by hand; what nobody listens for is left out."""
        for each in wanted:
            listener = self._client.listener(each)
            place = f"{listener.address}:{listener.listening_port}" if listener else ""
            if place and each.scheme == "tcp":
                yield f"echo hello | curl -s -m 1 telnet://{place}"
            elif place:
                flags = f"-s{'i' if each.location else ''}{'k' if each.scheme == 'https' else ''}"
                yield f"curl {flags} --connect-to {each.host}:{each.port}:{place} '{each.url}'"

    def _promise(self, promise: str, faults: Sequence[str]) -> None:
        self._tell.promise(promise, found="; ".join(faults), is_kept=not faults)

    def _asked(self, wanted: Wanted) -> Asked:
        often = OFTEN if len(wanted.weights) > 1 else max(1, _EACH * len(self._judge.behind(wanted)))
        return Asked(wanted, tuple(self._client.ask(wanted) for _ in range(often)))


class Stream:
    """Sends requests without a pause, in a thread, while it is entered."""

    def __init__(self, traffic: Traffic, wanted: tuple[Wanted, ...]) -> None:
        self._traffic = traffic
        self._wanted = wanted
        self._is_over = threading.Event()
        self._pool = ThreadPoolExecutor(1, "clients")
        self._sending: Future[None] | None = None
        self.sent = 0
        self.faults: list[str] = []

    def __enter__(self) -> Self:
        self._sending = self._pool.submit(self._send)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._pool.shutdown()
        if self._sending is not None and kind is None:
            self._sending.result()

    def _send(self) -> None:
        while not self._is_over.is_set():
            for wanted in self._wanted:
                fault = self._traffic.fault(wanted)
                self.faults += [fault] if fault else []
                self.sent += 1


def _echo(pod: Pod) -> Echo:
    if pod.speaks == "TCP":
        return Echo(pod.server, pod.namespace, pod.name, protocol="TCP")
    return Echo(pod.server, pod.namespace, pod.name, tls=make_tls(pod.host)[0] if pod.speaks == "TLS" else None)
