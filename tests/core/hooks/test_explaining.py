"""What is left out of a backend is asked of the plugin that places it; asking, and what is left out, wakes nobody."""

from __future__ import annotations

from typing import Any

import pytest

from ako import Backend, LeftOut, Placement, PoolServer, View, hookimpl
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, ingress
from tests.plugins.clusterip_routes.test_placement import BOTH, HTTP, endpoint, piece, web

WEB = Backend("default", "web")
ELSEWHERE = Placement((PoolServer.at("192.0.2.7", 80),))
WORDS = "it cannot be said what is left out: the placing plugin `far` failed in ako_explain_backend"
ABOUT = "for backend default/web: its answer:"


class Far:
    """Places what it is told to place, and says what it is given."""

    def __init__(self, said: object, placement: Placement | None = ELSEWHERE) -> None:
        self._said = said
        self._placement = placement

    @hookimpl
    def ako_place_backend(self, backend: Backend, view: View) -> Placement | None:
        return self._placement

    @hookimpl
    def ako_explain_backend(self, backend: Backend, view: View) -> Any:
        return self._said


def told(far: Far) -> tuple[LeftOut, ...]:
    rehearsal = Rehearsal((Plugin("far", far), "ingress", "clusterip_routes"))
    rehearsal.apply(web(HTTP))
    return rehearsal.left_out(WEB)


CLOSED = LeftOut("it is closed.", "Open it.", address="192.0.2.8")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((CLOSED,), (CLOSED,)),
        (None, ()),
        (
            [CLOSED],
            (LeftOut(f"{WORDS} {ABOUT} it is a list, not a tuple"),),
        ),
        ((LeftOut(""),), (LeftOut(f"{WORDS} {ABOUT} [0].why is empty"),)),
        (
            (LeftOut("closed", address="a\nb"),),
            (LeftOut(f"{WORDS} {ABOUT} [0].address is 'a\\nb', with a control character"),),
        ),
    ],
)
def test_the_plugin_that_places_is_asked(said: object, expected: tuple[LeftOut, ...]) -> None:
    assert told(Far(said)) == expected


def test_one_that_leaves_the_backend_to_others_is_not() -> None:
    (found,) = told(Far((CLOSED,), placement=None))
    assert found.why.startswith("Service default/web has no endpoints")


def test_what_is_left_out_wakes_no_host() -> None:
    """A pod that is not ready, a default class of others: what is told of them is worked out when somebody asks."""
    rehearsal = Rehearsal(("ingress", "clusterip_routes"))
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    rehearsal.apply(CLASS, web(HTTP), piece("web-1", BOTH, endpoint("10.0.0.1")), shop)
    pipeline = rehearsal.pipeline
    pipeline.refresh()
    rehearsal.left_out(WEB)
    rehearsal.whose(shop)
    rehearsal.apply(piece("web-1", BOTH, endpoint("10.0.0.1"), endpoint("10.0.0.2", ready=False)))
    assert rehearsal.left_out(WEB)
    found = pipeline.refresh()
    assert (found.hosts, found.sources, found.trees) == (set(), set(), set())


def test_classes_of_others_wake_no_ingress_of_others() -> None:
    """Which class is the default is in the words for an Ingress without one, and not in what is kept of it."""
    other = {**CLASS, "spec": {"controller": "example.org/other"}}
    rehearsal = Rehearsal(("ingress", "clusterip_routes"))
    rehearsal.apply(other, ingress("shop", ("shop.com", "/", "web:80")))
    rehearsal.pipeline.refresh()
    another = {**other, "metadata": {**other["metadata"], "name": "another"}}
    rehearsal.apply(another)
    rehearsal.delete(other)
    assert rehearsal.whose(ingress("shop")).why.startswith("spec.ingressClassName is not set, and the default")
    assert rehearsal.pipeline.refresh().sources == set()
