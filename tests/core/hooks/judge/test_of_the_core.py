"""What the core and built-in plugins make of whatever is written passes: nobody is blamed who only hands it on."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ako import Pool, PortClaim, Translation, View, VirtualHost, hookimpl
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Manifest, Rehearsal
from tests.builders import CLASS, endpoints, ingress, service, tls_secret
from tests.contract.examples import EXAMPLES
from tests.contract.test_hostile_objects import manifests
from tests.contract.test_plugins import OURS
from tests.properties import share_of


class Copies:
    """Gives every translation as it is, as a value of its own, which is judged."""

    def __init__(self) -> None:
        self.count = 0

    @hookimpl
    def ako_adjust(self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation:
        self.count += 1
        return replace(translation, objects=tuple(replace(item) for item in translation.objects))


@settings(max_examples=share_of(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(manifests(), min_size=1, max_size=5))
def test_whatever_is_written(caplog: pytest.LogCaptureFixture, strange: Sequence[Manifest]) -> None:
    caplog.set_level(logging.CRITICAL, logger="ako.core")
    copies = Copies()
    rehearsal = Rehearsal((*OURS, Plugin("copies", copies)))
    rehearsal.apply(*EXAMPLES, *strange)
    _ask_about_all(rehearsal)
    assert not rehearsal.host.calls.failures, rehearsal.host.calls.first_faults
    assert copies.count


def _ask_about_all(rehearsal: Rehearsal) -> None:
    """Ask why of every source object and every backend; what is said not to be ours claims nothing."""
    pipeline, view = rehearsal.pipeline, rehearsal.view
    for ref in pipeline.source_refs():
        found = pipeline.claims.value(ref)
        assert pipeline.whose(view, ref).is_ours or not (found and found.claims), ref
        for claim in found.claims if found else ():
            backends = (
                [port.backend for port in claim.ports]
                if isinstance(claim, PortClaim)
                else [backend for rule in claim.rules for backend in rule.backends]
            )
            for backend in backends:
                pipeline.left_out(view, backend)


PATHS = ("", "foo", " ", "x" * 300, "ü/..%00\u202e-- *", "/A", "/a//b", "/a*", "/\u2028", "/a\nb")


@pytest.mark.parametrize("matching", ["ako", "kubernetes"])
def test_whatever_a_path_is(caplog: pytest.LogCaptureFixture, matching: str) -> None:
    caplog.set_level(logging.CRITICAL, logger="ako.core")
    rehearsal = Rehearsal(
        ("ingress", "clusterip_routes", Plugin("copies", Copies())), {"L7Settings.pathMatching": matching}
    )
    rehearsal.apply(CLASS, service("web"), endpoints("web", "10.0.0.1"), tls_secret("tls"))
    for number, path in enumerate(PATHS):
        host = f"h{number}.com"
        plain = ingress(f"plain{number}", (host, path, "web:80"))
        wild = ingress(f"wild{number}", (f"*.{host}", path, "web:80"))
        secure = ingress(f"secure{number}", (f"s{host}", path, "web:80"), tls={f"s{host}": "tls"})
        rehearsal.apply(plain, wild, secure)
    assert not rehearsal.host.calls.failures, rehearsal.host.calls.first_faults
    told = {problem.source.name for problem in rehearsal.problems() if problem.reason == "InvalidPath"}
    assert told == {f"{name}{number}" for name in ("plain", "wild", "secure") for number in (8, 9)}


def test_what_users_write_is_told_them_and_is_no_fault_of_a_plugin() -> None:
    """A shared address that cannot be named, and one address on two nodes."""
    rehearsal = Rehearsal(("ingress", "clusterip_routes", "loadbalancer"))
    shared = service("direct", type="LoadBalancer")
    annotated = {**shared["metadata"], "annotations": {"ako.vmware.com/enable-shared-vip": "a\nb"}}
    shared = {**shared, "metadata": annotated}
    on_two = [{"addresses": ["10.0.0.1"], "nodeName": name} for name in ("n1", "n2")]
    twice = {**endpoints("web", "10.0.0.1"), "endpoints": on_two}
    rehearsal.apply(CLASS, service("web"), twice, shared, ingress("shop", ("shop.com", "/", "web:80")))
    assert not rehearsal.host.calls.failures, rehearsal.host.calls.first_faults
    assert [problem.reason for problem in rehearsal.problems()] == ["InvalidSharedVip"]
    (pool,) = (item for item in rehearsal.objects().values() if isinstance(item, Pool))
    assert len(pool.servers) == 1
