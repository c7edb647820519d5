"""Whether clients got what they have to, and how that is shown; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ako.cli.demo.client import Answer
from ako.cli.demo.promised import Pod, Wanted

OFTEN = 100
"""How often a request is sent that several Services share."""
TOLERANCE = 12
"""Of so many requests, so many more or fewer may be answered by a Service than its weight says."""
_FEW = 3


class Asked(Struct, frozen=True):
    """A request that was sent once or more often, and all answers."""

    wanted: Wanted
    answers: tuple[Answer, ...]


class Judge(Struct, frozen=True):
    """Judges answers by the pods that there are, by their servers."""

    pods: Mapping[str, Pod]

    def behind(self, wanted: Wanted) -> list[Pod]:
        """Give the pods that may answer."""
        return [pod for pod in self.pods.values() if _service(pod) in dict(wanted.weights)]

    def fault(self, wanted: Wanted, answer: Answer) -> str:
        """Say what came in the place of what has to; "" if that came."""
        pod = self._answering(answer)
        if wanted.location:
            is_right = (answer.status, answer.location, pod) == (302, wanted.location, None)
        else:
            is_right = pod in self.behind(wanted) and answer.status == (0 if wanted.scheme == "tcp" else 200)
        if wanted.certificate:
            is_right = is_right and answer.certificate.split() == wanted.certificate.split()
        if wanted.is_passed:
            is_right = is_right and answer.ended_for == wanted.host
        return "" if is_right else f"{wanted.url}: {answer}"

    def faults(self, asked: Asked) -> Iterator[str]:
        """Give what is wrong with the answers, else with whom they came from all together."""
        faults = [fault for answer in asked.answers if (fault := self.fault(asked.wanted, answer))]
        if faults:
            yield from faults[:_FEW]
            return
        answered = self._answered(asked)
        silent = sorted(pod.name for pod in self.behind(asked.wanted) if not answered[pod])
        if silent:
            yield f"{asked.wanted.url}: never answered by {', '.join(silent)}"
        weights = dict(asked.wanted.weights)
        if len(weights) > 1:
            counts = _by_service(answered)
            for service, weight in weights.items():
                share = len(asked.answers) * weight / sum(weights.values())
                if abs(counts[service] - share) > TOLERANCE:
                    yield f"{asked.wanted.url}: {counts[service]} of {len(asked.answers)} answers by {service}"

    def row(self, asked: Asked) -> tuple[str, str, str]:
        """Give the row of a table: the request, its status, and who answered."""
        wanted, first, answered = asked.wanted, asked.answers[0], self._answered(asked)
        if not answered:
            return wanted.url, str(first.status or first.failure), first.location
        if len(wanted.weights) > 1:
            who = ", ".join(f"{count} by {service}" for service, count in sorted(_by_service(answered).items()))
        else:
            pods = sorted(answered, key=lambda pod: pod.server)
            who = f"{pods[0].namespace}: {', '.join(pod.name for pod in pods)}"
        tls = f"; certificate of {wanted.secret}" if wanted.secret else ""
        tls = "; TLS ends at the pod" if wanted.is_passed else tls
        return wanted.url, str(first.status or "open"), f"{who}{tls}"

    def _answered(self, asked: Asked) -> Counter[Pod]:
        return Counter(pod for answer in asked.answers if (pod := self._answering(answer)) is not None)

    def _answering(self, answer: Answer) -> Pod | None:
        named = (pod for pod in self.pods.values() if answer.pod in {pod.server, f"{pod.namespace}/{pod.name}"})
        return next(named, None)


def is_gone(answer: Answer) -> bool:
    """Say whether nobody serves what was asked for: 404, or nobody listens."""
    return answer.status == 404 or answer.failure == "closed"


def promises(asked: Iterable[Asked]) -> Mapping[str, list[Asked]]:
    """Give what is promised, each with the requests that it is about; what no request is about is not promised."""
    found: dict[str, list[Asked]] = {}
    for each in asked:
        for promise in _promised(each.wanted):
            found.setdefault(promise, []).append(each)
    return found


def table(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Give the lines of a table of requests."""
    listed = [("REQUEST", "STATUS", "ANSWERED BY"), *rows]
    widths = [max(len(row[column]) for row in listed) for column in range(2)]
    for row in listed:
        yield f"{row[0].ljust(widths[0])}  {row[1].ljust(widths[1])}  {row[2]}".rstrip()


def _promised(wanted: Wanted) -> Iterator[str]:
    if wanted.location:
        yield "plain HTTP of a host with TLS is sent on to https, with path and query"
    elif wanted.scheme == "tcp":
        yield "the port of the Service of type LoadBalancer leads to its pod"
    elif wanted.is_passed:
        yield "TLS that is passed through ends at the pod, which saw the name that was asked for"
    elif len(wanted.weights) > 1:
        yield f"of {OFTEN} requests each Service got its weight, give or take {TOLERANCE}"
    else:
        yield "the longest path decides whose pods answer, and all of them do"
    if wanted.secret:
        yield f"clients of {wanted.host} see the certificate in Secret {wanted.secret}"


def _by_service(answered: Mapping[Pod, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for pod, count in answered.items():
        counts[_service(pod)] += count
    return counts


def _service(pod: Pod) -> str:
    return f"{pod.namespace}/{pod.service}"
