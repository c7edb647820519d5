"""Whatever there is can be asked for: it is found, leads on to what is found too, and all of it can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.explain.outline import Line
from ako.core.explain.reading import outline_of
from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.explain.asked import asked

OLD, NEW = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
WRONG_KEY = secret("wrong", certificate_for("a.com")[0], certificate_for("b.com")[1])
ONE = {"ako.vmware.com/enable-shared-vip": "one"}


def balanced(name: str, port: int) -> Manifest:
    return {**service(name, port), "spec": {"type": "LoadBalancer", "ports": [{"port": port, "protocol": "TCP"}]}}


SHARED = tuple(
    {**balanced(f"{name}-{port}", port), "metadata": {"name": name, "namespace": "default", "annotations": ONE}}
    for name, port in (("udp", 53), ("tcp", 54))
)
OBJECTS = (
    *SHARED,
    service("web"),
    endpoints("web", "10.0.0.1", "10.0.0.2"),
    balanced("mail", 25),
    endpoints("mail", "10.0.0.3"),
    tls_secret("cert", "safe.com"),
    WRONG_KEY,
    ingress(
        "shop", ("shop.com", "/", "web:80"), ("shop.com", "/a_b", "web:80"), ("shop.com", "/a/b", "web:80"), created=OLD
    ),
    ingress("late", ("shop.com", "/", "web:80"), ("late.com", "/", "none:80"), created=NEW),
    ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "cert"}, created=OLD),
    ingress("open", ("safe.com", "/open", "web:80"), created=NEW),
    ingress("bare", ("bare.com", "/", "web:80"), tls={"bare.com": "missing"}),
    ingress("doubt", ("doubt.com", "/", "web:80"), tls={"doubt.com": "wrong"}),
    ingress("wild", ("*.wild.com", "/", "web:80")),
    ingress("far", ("far.example.net", "/", "web:80")),
    ingress("theirs", ("theirs.com", "/", "web:80"), ingressClassName="nginx"),
)


def questions(rig: Rig) -> Iterator[str]:
    """Give a question for each thing that there is."""
    pipeline = rig.reconciler.pipeline
    yield from (ref.key for ref in pipeline.source_refs())
    yield from (key for key in pipeline.hosts.rows if isinstance(key, str) and pipeline.claims.size(key))
    for ref, seen in rig.reconciler.observed.items():
        yield from (f"{ref.type}/{ref.name}", ref.name, seen.uuid)
    yield "shared address default/one"
    yield from ("10.1.0.1", "10.0.0.1", "10.0.0.3", "any.wild.com", "far.example.net", "theirs.com")


def leading_on(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        if line.asks:
            yield line.asks
        yield from leading_on(line.lines)


def test_whatever_there_is_is_found_and_leads_on() -> None:
    rig = Rig(*OBJECTS)
    pending, known = list(questions(rig)), set[str]()
    while pending:
        question = pending.pop()
        if question in known:
            continue
        known.add(question)
        answer = asked(rig, question)
        assert answer.is_found, question
        lines = outline_of(answer)
        assert all(line.text for line in lines)
        pending += leading_on(lines)
    assert {
        "Service/default/web",
        "Secret/default/cert",
        "Service/default/none",
        "pool/my-cluster--shop.com_a_b-default-shop",
    } <= known


def test_problems_are_word_for_word_those_of_their_owners() -> None:
    rig = Rig(*OBJECTS)
    for ref, outcome in rig.reconciler.reporter.explain():
        told = asked(rig, ref.key).sources[0].problems
        expected = [(problem.reason, problem.message, problem.remedy) for problem in outcome.problems]
        assert [(one.reason, one.message, one.remedy) for one in told] == expected
