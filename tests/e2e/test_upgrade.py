"""From the objects of the release before to those of today: at no write is anybody answered otherwise.

`upgrade/manifests.yaml` is what was asked for, `upgrade/controller.json` what the release with a policy set a path made
of it: the bodies it created objects with, in its order. The certificate is put in when they are loaded, so that no
private key is kept here.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako.core.avi.codec import decode
from ako.core.base.refs import AviRef
from ako.core.model import OWNED_TYPES, AviObject
from ako.sim import Simulator
from ako.testing.listener import Hangup, Response
from ako.testing.listener import Request as HttpRequest
from tests.builders import certificate_for, tls_secret
from tests.core.translate.requests import TO_TLS, Answer, Request, World
from tests.e2e.stage import AviControl, Stage
from tests.waiting import eventually

FOLDER = Path(__file__).parent / "upgrade"

BEFORE: Mapping[Request, Answer] = {
    Request(scheme, host, path): TO_TLS if answer == "TLS" else frozenset(answer.split())
    for scheme, host, path, answer in [
        ("https", "shop.com", "/", "10.0.0.1 10.0.0.2"),
        ("https", "shop.com", "/x", "10.0.0.1 10.0.0.2"),
        ("https", "shop.com", "/api", "10.0.0.3"),
        ("https", "shop.com", "/api/v1", "10.0.0.3"),
        ("https", "shop.com", "/api/v2", "10.0.1.1"),
        ("https", "shop.com", "/api/v2/x", "10.0.1.1"),
        ("https", "shop.com", "/stock/x", "10.0.1.1"),
        ("https", "shop.com", "/cart", "10.0.0.3"),
        ("https", "shop.com", "/cart/x", "10.0.0.1 10.0.0.2"),
        ("https", "plain.com", "/", ""),
        ("http", "shop.com", "/", "TLS"),
        ("http", "shop.com", "/api/v2/x", "TLS"),
        ("http", "plain.com", "/", "10.0.1.1"),
        ("http", "plain.com", "/x", "10.0.1.1"),
        ("http", "plain.com", "/Docs", "10.0.1.2"),
        ("http", "plain.com", "/Docs/x", "10.0.1.2"),
    ]
}
PORTS: Mapping[int, Answer] = {port: frozenset({"10.0.0.9"}) for port in (5672, 15672)}


class Watched(Simulator):
    """Has a look at all objects after each write; one write at a time.

    Attributes:
        gaps: who was answered otherwise, after which write.
        writes: the writes that were carried out, in order, or refused.
        refused: those that were refused.
        most: how many writes are answered; later ones are not even heard.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[str] = []
        self.writes: list[str] = []
        self.refused: list[str] = []
        self.most = math.inf
        self._writing = threading.Lock()

    def _answer(self, request: HttpRequest) -> Response:
        if request.method == "GET" or not request.path.startswith("/api/"):
            return super()._answer(request)
        with self._writing:
            if len(self.writes) >= self.most:
                raise Hangup
            response = super()._answer(request)
            self.writes.append(f"{request.method} {request.path} {json.loads(request.body or b'{}').get('name', '')}")
            self.refused += [self.writes[-1]] if response.status >= HTTPStatus.BAD_REQUEST else []
            self.gaps += (f"after {self.writes[-1]} ({response.status}): {gap}" for gap in self.differences())
        return response

    def objects(self) -> dict[AviRef, AviObject]:
        """Give everything of the types that the program creates."""
        found: dict[AviRef, AviObject] = {}
        for model in OWNED_TYPES:
            path = f"/_sim/objects/{model.avi_type}"
            listed = super()._answer(HttpRequest("GET", path, path, {}, {}, b""))
            for item in json.loads(listed.body):
                decoded = decode(json.dumps(item).encode(), model)
                found[decoded.ref] = decoded
        return found

    def differences(self) -> Iterator[str]:
        """Say who is answered otherwise than before."""
        world = World(self.objects(), is_ordered=True)
        for request, wanted in BEFORE.items():
            if (answer := world.answer(request)) != wanted:
                yield f"{request} is answered by {set(answer)}"
        for port, wanted in PORTS.items():
            if (answer := world.connected("queue.red.com", port)) != wanted:
                yield f"port {port} is answered by {set(answer)}"


@pytest.fixture
def simulator() -> Iterator[Watched]:
    simulator = Watched()
    with simulator:
        yield simulator


@pytest.fixture
def upgraded(tmp_path: Path, simulator: Watched) -> Iterator[Stage]:
    """Give the Controller as the release before left it, and what it was asked for."""
    with AviControl(simulator.url) as avi:
        stage = Stage(tmp_path, avi, simulator.url)
        for name in ("base", "shop"):
            stage.remove(name)
        stage.put_text("all", (FOLDER / "manifests.yaml").read_bytes())
        stage.put("secrets", *(tls_secret("cert", "shop.com", namespace=namespace) for namespace in ("red", "blue")))
        certificate, key = certificate_for("shop.com")
        for entry in json.loads((FOLDER / "controller.json").read_text(encoding="utf-8")):
            avi.create(entry["type"], _filled(entry["body"], {"{certificate}": certificate, "{key}": key}))
        assert not list(simulator.differences())
        yield stage


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, texts) for name, item in value.items()}
    return texts.get(value, value) if isinstance(value, str) else value


OLD_SETS = {f"c--{name}" for name in ("red-shop.com_-shop", "red-shop.com_api-shop", "red-shop.com_cart-shop")} | {
    f"c--{name}" for name in ("blue-shop.com_api_v2-shop", "blue-shop.com_stock-shop")
}


def sets_of_paths(stage: Stage) -> set[str]:
    return {item["name"] for item in stage.avi.objects("httppolicyset") if "shop.com" in item["name"]}


def pools_of_ports(stage: Stage) -> set[str]:
    return {item["name"] for item in stage.avi.objects("pool") if item["name"].startswith("c--red-queue")}


def is_of_today(stage: Stage) -> None:
    """Insist on today's names, and on nothing beside."""
    assert sets_of_paths(stage) == {"c--red-shop.com"}
    child = stage.avi.ours()["virtualservice/c--shop.com"]
    assert [entry["http_policy_set_ref"].partition("#")[2] for entry in child["http_policies"]] == ["c--red-shop.com"]
    assert pools_of_ports(stage) == {"c--red-queue-TCP-5672", "c--red-queue-TCP-15672"}


@pytest.mark.parametrize("mode", ["ako", "kubernetes"])
def test_nobody_is_answered_otherwise_at_any_write(upgraded: Stage, simulator: Watched, mode: str) -> None:
    assert sets_of_paths(upgraded) == OLD_SETS
    assert pools_of_ports(upgraded) == {"c--red-queue--5672", "c--red-queue--15672"}
    upgraded.configure(L7Settings={"pathMatching": mode})
    upgraded.converge()
    assert not simulator.gaps
    assert not simulator.refused
    is_of_today(upgraded)
    written = len(simulator.writes)
    assert written > len(OLD_SETS)
    upgraded.converge()
    assert simulator.writes[written:] == []


@pytest.mark.parametrize("most", [1, 4, 6, 9])
def test_who_starts_after_one_that_was_killed_amid_it_goes_on(upgraded: Stage, simulator: Watched, most: int) -> None:
    simulator.most = most
    with upgraded.start() as killed:
        eventually(lambda: len(simulator.writes) == most, f"{most} writes:\n{killed.err}")
    simulator.most = math.inf
    upgraded.converge()
    assert not simulator.gaps
    is_of_today(upgraded)


@pytest.mark.parametrize(
    ("model", "status", "is_as_before"),
    [
        ("httppolicyset", 400, lambda stage: sets_of_paths(stage) == OLD_SETS),
        ("httppolicyset", 403, lambda stage: sets_of_paths(stage) == OLD_SETS),
        ("pool", 400, lambda stage: pools_of_ports(stage) == {"c--red-queue--5672", "c--red-queue--15672"}),
    ],
)
def test_what_was_there_stays_while_what_replaces_it_is_refused(
    upgraded: Stage, simulator: Watched, model: str, status: int, is_as_before: Callable[[Stage], bool]
) -> None:
    upgraded.avi.misbehave({"match": {"model": model, "method": "POST"}, "status": status, "body": {"error": "no"}})
    assert upgraded.ako("run", "--once").returncode != 0
    assert simulator.refused
    assert not simulator.gaps
    assert is_as_before(upgraded)
    upgraded.avi.misbehave(None)
    upgraded.converge()
    assert not simulator.gaps
    is_of_today(upgraded)


def test_who_stays_is_answered_while_the_rules_under_their_other_name_are_refused(
    upgraded: Stage, simulator: Watched
) -> None:
    """The oldest claim of the host goes while the program runs; the policy set is named after the next one's."""
    upgraded.converge()
    manifests = list(yaml.safe_load_all((FOLDER / "manifests.yaml").read_bytes()))
    left = [item for item in manifests if (item["kind"], item["metadata"].get("namespace")) != ("Ingress", "red")]
    assert len(left) == len(manifests) - 1
    with upgraded.start() as ako:
        ako.becomes_ready()
        fault = {"match": {"model": "httppolicyset", "method": "POST"}, "status": 400, "body": {"error": "no"}}
        upgraded.avi.misbehave(fault)
        upgraded.put("all", *left)
        ako.says("refused httppolicyset c--blue-shop.com")
        assert sets_of_paths(upgraded) == {"c--red-shop.com"}
        upgraded.avi.misbehave(None)
        ako.stop()
    upgraded.converge()
    assert sets_of_paths(upgraded) == {"c--blue-shop.com"}
    assert [gap for gap in simulator.gaps if "/api/v2" in gap or "/stock" in gap or "plain.com" in gap] == []


def test_objects_of_the_release_before_are_cleaned_up_like_those_of_today(upgraded: Stage) -> None:
    upgraded.configure(AKOSettings={"deleteConfig": True})
    upgraded.converge()
    assert upgraded.avi.ours() == {}
