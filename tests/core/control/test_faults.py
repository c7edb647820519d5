"""An object that cannot be told, by a fault of this program, costs its own status and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from ako import Outcome, PortClaim, SourceObject, Translation, View, VirtualHost
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_host import PluginHost
from ako.core.translate.host import translate_host
from tests.builders import endpoints, ingress, service
from tests.contract.moody import Mood, Moody, mood
from tests.core.control.passes import Passes


class Odd(PluginHost):
    """Has hosts that are odd translated into something with a problem that is none: a fault of this program."""

    def translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        """Translate as plugins do, but for hosts that are odd."""
        if not isinstance(virtual_host, VirtualHost) or not virtual_host.host.startswith("odd"):
            return super().translate(virtual_host, view)
        translation = translate_host(virtual_host, view)
        assert translation is not None
        return replace(translation, problems=("none",))


class Spiteful:
    """A value that cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError("spilled")

    def __hash__(self) -> int:
        return 0


class SpitefulReports(PluginHost):
    """Lets a status through that cannot be compared with the one before."""

    def report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, Any] | None:
        """Give the host of a mood for its status."""
        assert isinstance(source.record, Mood)
        return {"mood": Spiteful() if source.record.spec.host.startswith("odd") else source.record.spec.host}


@pytest.fixture
def passes() -> Iterator[Passes]:
    with Passes(host=Odd) as made:
        made.declare(service("web"), endpoints("web", "10.0.0.1"))
        made.observe()
        yield made


def test_who_cannot_be_told_waits_alone(passes: Passes, caplog: pytest.LogCaptureFixture) -> None:
    passes.declare(ingress("a", ("odd.com", "/", "web:80")), ingress("b", ("shop.com", "/", "web:80")))
    passes.settle()
    told = {ref.name for ref, _ in passes.cluster.written}
    assert told == {"b"}
    assert "Traceback" in caplog.text
    assert "Ingress/default/a" in caplog.text
    reporter = passes.reconciler.reporter
    assert [ref.name for ref in reporter.postponed] == ["a"]
    assert passes.reconciler.is_idle, "nothing that could be done is left"
    assert any("Ingress/default/a" in reason for reason in passes.reconciler.shortcomings())

    waits = []
    for _ in range(3):
        before = reporter.faults.count
        due = passes.reconciler.next_due
        assert due is not None
        waits.append(due - passes.clock.now)
        passes.turn(waits[-1] / 2)
        assert reporter.faults.count == before, "not before its time"
        passes.clock.now = due
        passes.turn()
        assert reporter.faults.count == before + 1
    assert waits[0] < waits[1] < waits[2]

    passes.declare(ingress("a", ("well.com", "/", "web:80")))
    passes.settle()
    assert reporter.postponed == ()
    assert passes.reconciler.next_due is None
    assert {ref.name for ref, _ in passes.cluster.written} == {"a", "b"}


def test_who_is_gone_need_not_be_told(passes: Passes) -> None:
    odd = ingress("a", ("odd.com", "/", "web:80"))
    passes.declare(odd)
    passes.settle()
    passes.delete(odd)
    passes.settle()
    assert passes.reconciler.reporter.postponed == ()
    assert passes.reconciler.next_due is None


def test_a_status_that_cannot_be_compared_costs_its_object() -> None:
    with Passes((Plugin("moody", Moody()), "clusterip_routes"), host=SpitefulReports) as passes:
        passes.observe()
        passes.declare(mood("a", "odd.com"), mood("b", "shop.com"))
        passes.settle()
        passes.reconciler.reporter.concern_all()
        passes.settle()
        assert [ref.name for ref in passes.reconciler.reporter.postponed] == ["a"]
        passes.declare(mood("b", "other.com"))
        passes.settle()
        assert passes.cluster.written[-1][1] == {"mood": "other.com"}
