"""Several plugins that place: one that cannot answer holds nobody up for whom it never had an answer."""

from __future__ import annotations

import logging

import pytest

from ako import Backend, Placement, PoolServer, Service, StaticRoute, View, hookimpl, static_route
from ako.core.engine.cells import Unknown
from ako.core.hooks.loading import Plugin
from ako.core.model import Pool
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, endpoints, ingress, service

POOL = "my-cluster--shop.com_-default-shop"
ROUTE = static_route("10.1.0.0/16", "192.0.2.1")


class Placer:
    """Places some Services by itself; fails for all as long as it is told to."""

    def __init__(self, *own: str) -> None:
        self.own = own
        self.fails = False

    @hookimpl
    def ako_place_backend(self, backend: Backend, view: View) -> Placement | None:
        view.get(Service, backend.namespace, backend.service)
        if self.fails:
            raise LookupError("no such place")
        return Placement((PoolServer.at("10.9.9.9", 80),)) if backend.service in self.own else None

    @hookimpl
    def ako_static_routes(self, view: View) -> tuple[StaticRoute, ...] | None:
        view.get(Service, "default", "web")
        if self.fails:
            raise LookupError("no such route")
        return (ROUTE,) if self.own else None


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Failures are logged; here they are expected."""
    caplog.set_level(logging.CRITICAL, logger="ako.core")


def rehearse(placer: Placer) -> Rehearsal:
    rehearsal = Rehearsal((Plugin("placer", placer), "ingress", "clusterip_routes"))
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    rehearsal.apply(CLASS, shop, service("web"), endpoints("web", "10.0.0.1"))
    return rehearsal


def servers(rehearsal: Rehearsal) -> set[str]:
    (pool,) = (item for ref, item in rehearsal.objects().items() if ref.name == POOL)
    assert isinstance(pool, Pool)
    return {server.ip.addr for server in pool.servers}


def fail(rehearsal: Rehearsal, placer: Placer) -> None:
    """Have it asked again, and fail; the pods change meanwhile."""
    placer.fails = True
    rehearsal.apply({**service("web"), "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 9090}]}})
    rehearsal.apply(endpoints("web", "10.0.0.2"))
    assert rehearsal.host.calls.failures


def test_who_had_nothing_to_say_of_a_backend_is_passed_over_as_before() -> None:
    placer = Placer()
    rehearsal = rehearse(placer)
    assert servers(rehearsal) == {"10.0.0.1"}
    fail(rehearsal, placer)
    assert servers(rehearsal) == {"10.0.0.2"}
    assert not rehearsal.doubts()


def test_who_has_placed_a_backend_is_not_passed_over() -> None:
    placer = Placer("web")
    rehearsal = rehearse(placer)
    fail(rehearsal, placer)
    assert servers(rehearsal) == {"10.9.9.9"}


def test_who_was_never_asked_about_a_backend_is_waited_for() -> None:
    """Nobody knows whether it would be its own; what is not served yet is served later."""
    placer = Placer()
    rehearsal = rehearse(placer)
    placer.fails = True
    rehearsal.apply(service("new"), endpoints("new", "10.0.0.3"), ingress("new", ("new.com", "/", "new:80")))
    with pytest.raises(Unknown, match="placer"):
        rehearsal.placement(Backend("default", "new"))
    placer.fails = False
    rehearsal.apply(service("new", 81))
    assert {server.ip.addr for server in rehearsal.placement(Backend("default", "new")).servers} == {"10.0.0.3"}


@pytest.mark.parametrize("own", [("web",), ()])
def test_static_routes_stay_as_they_were(own: tuple[str, ...]) -> None:
    placer = Placer(*own)
    rehearsal = rehearse(placer)

    def routes(view: View) -> object:
        return rehearsal.host.static_routes(view)

    before = rehearsal.pipeline.engine.ask(routes)
    assert before == ((ROUTE,) if own else ())
    fail(rehearsal, placer)
    assert rehearsal.pipeline.engine.ask(routes) == before
