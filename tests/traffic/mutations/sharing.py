"""Questions of several servers: whether each gets its share, whether clients stay with one, and who stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import gcd

from tests.traffic.asking import Asked
from tests.traffic.mutations.bench import Bench
from tests.traffic.mutations.question import Question, told
from tests.traffic.promise import Expected, Promise
from tests.traffic.reading import Cluster, spec

CLIENTS = tuple(f"198.51.100.{number}" for number in range(10, 42))


def of_many(promise: Promise, expected: Expected, cluster: Cluster) -> Iterator[Question]:
    asked, text = promise.asked, told(promise.asked)
    if len(expected.servers) < 2:
        return
    if expected.shares:
        total = sum(share.weight for share in expected.shares)
        times = 2 * total // gcd(*(share.weight for share in expected.shares))
        yield Question(f"{text}, {times} times: by weights", _by_weights(asked, expected, times))
        # So many that one more or less in a weight shows.
        precise = _by_weights(asked, expected, 3 * total)
        yield Question(f"{text}, {3 * total} times: by weights", precise, of="ratio")
        for share in expected.shares if len(expected.shares) > 1 else ():
            left = expected.servers - share.servers
            if left:
                yield Question(f"{text}, while {share.service} has no server that answers", _from(asked, left))
        return
    if _is_sticky(expected, cluster):
        yield Question(f"{text}, one client again and again", _one_client(asked, expected))
    else:
        yield Question(f"{text}, again and again", _evenly(asked, expected))
    for server in sorted(expected.servers):
        left = expected.servers - {server}
        yield Question(f"{text}, while {server} does not answer", _from(asked, left))


def _by_weights(asked: Asked, expected: Expected, times: int) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        counted = Counter(bench.ask(asked).server for _ in range(times))
        total = sum(share.weight for share in expected.shares)
        for share in expected.shares:
            got, right = sum(counted[server] for server in share.servers), times * share.weight / total
            if abs(got - right) >= 1:
                yield f"{share.service} got {got} of {times} requests, not {right:.0f}"
            if missing := sorted(share.servers - counted.keys()):
                yield f"{missing} of {share.service} got none of {times} requests"

    return faults


def _evenly(asked: Asked, expected: Expected) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        times = 6 * len(expected.servers)
        counted = Counter(bench.ask(asked).server for _ in range(times))
        if any(counted[server] != 6 for server in expected.servers):
            yield f"the servers got {dict(counted)} of {times} requests"

    return faults


def _one_client(asked: Asked, expected: Expected) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        count = len(expected.servers)
        counted: Counter[str] = Counter()
        for client in CLIENTS[: 3 * count]:
            got = {bench.ask(replace(asked, client=client)).server for _ in range(2)}
            if len(got) != 1:
                yield f"one client was sent to {sorted(got)}"
            counted.update(got)
        if any(counted[server] != 3 for server in expected.servers):
            yield f"the servers got {dict(counted)} of {3 * count} clients"

    return faults


def _from(asked: Asked, left: frozenset[str]) -> Callable[[Bench], Iterator[str]]:
    """Ask while only some servers are there, often enough for every other one to have had its turn."""

    def faults(bench: Bench) -> Iterator[str]:
        with bench.gone(set(bench.servers()) - left):
            for _ in range(3):
                yield from Expected(left).faults(bench.ask(asked))

    return faults


def _is_sticky(expected: Expected, cluster: Cluster) -> bool:
    """Say whether a Service with these endpoints wants a client to stay with one of them."""
    addresses = {server.rpartition(":")[0] for server in expected.servers}
    for service in cluster.of("Service"):
        if spec(service).get("sessionAffinity") != "ClientIP":
            continue
        its = {
            address
            for one in cluster.of("EndpointSlice")
            if (one["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == service["metadata"]["name"]
            and one["metadata"].get("namespace") == service["metadata"].get("namespace")
            for endpoint in one.get("endpoints") or ()
            for address in endpoint.get("addresses") or ()
        }
        if addresses <= its:
            return True
    return False
