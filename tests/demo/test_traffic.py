"""What the demonstration promises of traffic: read off the manifests, and broken where clients get something else."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from ako.cli.demo.client import Answer, Client
from ako.cli.demo.judging import OFTEN, TOLERANCE, Asked, Judge, is_gone
from ako.cli.demo.narration import BrokenPromiseError, Narrator
from ako.cli.demo.promised import Wanted, manifests_in, pods_of, wanted_by
from ako.cli.demo.traffic import Traffic
from ako.cli.progress import Progress
from ako.sim import Simulator, SimulatorOptions

EXAMPLES = Path(__file__).parents[2] / "examples"
MANIFESTS = [*manifests_in(EXAMPLES / "manifests"), *manifests_in(EXAMPLES / "routes")]
WANTED = {wanted.url: wanted for wanted in wanted_by(MANIFESTS, "avi.internal")}
JUDGE = Judge({pod.server: pod for pod in pods_of(MANIFESTS)})

CART = WANTED["https://shop.example.com/cart/42"]
REDIRECT = WANTED["http://shop.example.com/cart/42?a=b"]
VAULT = WANTED["https://vault.avi.internal/42"]
MQ = WANTED["tcp://mq.shop.avi.internal:5672"]
SHARED = WANTED["http://shop.avi.internal/shop/42"]
NEWS = WANTED["http://www.example.com/news/42"]

GOOD = {
    CART: Answer(status=200, pod="shop/cart-1", certificate=CART.certificate),
    REDIRECT: Answer(status=302, location="https://shop.example.com/cart/42?a=b"),
    VAULT: Answer(status=200, pod="default/vault-1", ended_for="vault.avi.internal"),
    MQ: Answer(pod="10.1.0.31:5672"),
    NEWS: Answer(status=200, pod="blog/blog-2"),
}


def test_the_longest_path_of_all_ingresses_of_a_host_decides() -> None:
    of_www = {url: wanted.weights for url, wanted in WANTED.items() if wanted.host == "www.example.com"}
    assert of_www == {
        "http://www.example.com/42": (("shop/web", 1),),
        "http://www.example.com/news/42": (("blog/blog", 1),),
    }


def test_weights_and_pods_are_read() -> None:
    assert SHARED.weights == (("default/blue", 90), ("default/green", 10))
    assert [pod.name for pod in JUDGE.behind(SHARED)] == ["blue-1", "blue-2", "green-1"]
    assert [pod.speaks for pod in JUDGE.behind(VAULT)] == ["TLS"]


@pytest.mark.parametrize(("wanted", "answer"), GOOD.items(), ids=lambda each: getattr(each, "url", ""))
def test_what_has_to_come_is_no_fault(wanted: Wanted, answer: Answer) -> None:
    assert JUDGE.fault(wanted, answer) == ""


BAD = [
    (CART, replace(GOOD[CART], pod="shop/web-1")),
    (CART, replace(GOOD[CART], pod="blog/cart-1")),
    (CART, replace(GOOD[CART], pod="")),
    (CART, replace(GOOD[CART], status=503)),
    (CART, replace(GOOD[CART], certificate="another")),
    (CART, Answer(failure="closed")),
    (REDIRECT, replace(GOOD[REDIRECT], location="https://shop.example.com/cart/42")),
    (REDIRECT, replace(GOOD[REDIRECT], status=301)),
    (REDIRECT, Answer(status=200, pod="shop/cart-1")),
    (VAULT, replace(GOOD[VAULT], ended_for="")),
    (VAULT, replace(GOOD[VAULT], ended_for="shop.example.com")),
    (MQ, Answer(pod="10.1.0.21:9090")),
    (MQ, Answer(failure="closed")),
]


@pytest.mark.parametrize(("wanted", "answer"), BAD)
def test_anything_else_is_one(wanted: Wanted, answer: Answer) -> None:
    assert wanted.url in JUDGE.fault(wanted, answer)


def of(wanted: Wanted, *pods: str) -> Asked:
    return Asked(wanted, tuple(Answer(status=200, pod=pod) for pod in pods))


def shared(blue: int) -> Sequence[str]:
    halves = (blue // 2, blue - blue // 2)
    return [*["default/blue-1"] * halves[0], *["default/blue-2"] * halves[1], *["default/green-1"] * (OFTEN - blue)]


def test_a_pod_that_never_answers_is_a_fault() -> None:
    assert list(JUDGE.faults(of(NEWS, "blog/blog-1", "blog/blog-2"))) == []
    assert list(JUDGE.faults(of(NEWS, "blog/blog-1", "blog/blog-1"))) == [f"{NEWS.url}: never answered by blog-2"]


def test_weights_are_counted() -> None:
    assert list(JUDGE.faults(of(SHARED, *shared(90)))) == []
    assert list(JUDGE.faults(of(SHARED, *shared(90 - TOLERANCE)))) == []
    assert len(list(JUDGE.faults(of(SHARED, *shared(90 - TOLERANCE - 1))))) == 2


def test_gone_is_404_or_closed_and_nothing_else() -> None:
    assert is_gone(Answer(status=404))
    assert is_gone(Answer(failure="closed"))
    assert not any(map(is_gone, (Answer(status=503), Answer(status=200), Answer(failure="timed out"), Answer())))


def test_promises_are_broken_where_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """The load balancer has nothing: every promise of an answer is broken, and that of none is kept."""
    with (
        Simulator(SimulatorOptions(data_plane=True)) as simulator,
        Client(simulator.url) as client,
        Traffic(Narrator(Progress(io.StringIO())), client, "avi.internal") as traffic,
    ):
        traffic.stand_in(EXAMPLES / "manifests")
        wanted = traffic.wanted(EXAMPLES / "manifests")
        for promise in (traffic.promise_answers, traffic.promise_served):
            with pytest.raises(BrokenPromiseError, match=r"Found: http://blog.example.com/42: .*failure='closed'"):
                promise(wanted)
        with traffic.stream(wanted) as stream:
            pass
        with pytest.raises(BrokenPromiseError, match=r"none was lost\. Found: http"):
            traffic.promise_none_lost(stream)
        assert list(traffic.curls(wanted)) == []
        traffic.promise_gone(wanted)
    assert "ok: every one of them gets 404, or nobody listens" in capsys.readouterr().out


def test_a_folder_that_cannot_be_understood_changes_nothing(tmp_path: Path) -> None:
    with (
        Simulator(SimulatorOptions(data_plane=True)) as simulator,
        Client(simulator.url) as client,
        Traffic(Narrator(Progress(io.StringIO())), client, "avi.internal") as traffic,
    ):
        traffic.stand_in(EXAMPLES / "manifests")
        for text in ("{", "kind: EndpointSlice", "just words", "- a list", "kind: EndpointSlice\nmetadata: 3"):
            (tmp_path / "broken.yaml").write_text(text)
            traffic.follow(tmp_path)
            assert traffic.wanted(EXAMPLES / "manifests")
