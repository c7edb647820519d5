"""What concerns many hosts at once is told to the operator, once, and blames none of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from tests.builders import CLASS, NOT_DEFAULT, Manifest, dated_certificate, endpoints, ingress, secret, service
from tests.core.control.running import Running
from tests.e2e.stage import AviControl
from tests.scenarios.world import AviRequest
from tests.waiting import eventually

BASE = (CLASS, service("web"), endpoints("web", "10.0.0.1"))


def plain(count: int) -> Sequence[Manifest]:
    return [ingress(f"i{number}", (f"h{number}.com", "/", "web:80")) for number in range(count)]


def pools(avi: AviControl) -> int:
    return sum(name.startswith("pool/") for name in avi.ours())


def all_are_served(ako: Running, avi: AviControl, count: int) -> None:
    eventually(lambda: pools(avi) == count, f"{count} hosts")
    ako.comes_to_rest()


def told(ako: Running, reason: str) -> list[str]:
    return [event.message for _, event in ako.cluster.events if event.reason == reason]


def exposition(ako: Running) -> str:
    return health_of(ako.controller, Metrics()).exposition().decode()


def has_another_full_sync(ako: Running) -> None:
    before = ako.controller.state.full_syncs
    ako.controller._inbox.put(ako.controller.full_sync.request)
    eventually(lambda: ako.controller.state.full_syncs > before, "a full sync")
    ako.comes_to_rest()


def stays_held(ako: Running, avi: AviControl, count: int) -> None:
    """Check that the deletion of so many hosts waits, over full syncs, and that this is told once."""
    eventually(lambda: len(ako.controller.state.held.served) == count, "the guard's word")
    for _ in range(2):
        has_another_full_sync(ako)
    assert f"ako_guard_held {count}.0" in exposition(ako)
    (message,) = told(ako, "DeletionGuard")
    assert f"would leave {count} hosts and Services without service" in message
    assert {ref.kind.name for ref, event in ako.cluster.events if event.type == "Warning"} == {"ConfigMap"}


@pytest.mark.parametrize("at_a_start", [False, True])
def test_hosts_that_lose_their_class_at_once_are_held_told_and_counted(
    avi: AviControl, url: str, *, at_a_start: bool
) -> None:
    hosts = plain(40)
    with Running(url, manifests=(*BASE, *hosts)) as ako:
        all_are_served(ako, avi, 40)
        before, mark = avi.ours(), avi.mark()
        if not at_a_start:
            assert "ako_guard_held 0.0" in exposition(ako)
            ako.cluster.declare(NOT_DEFAULT)
            stays_held(ako, avi, 40)
    if at_a_start:
        with Running(url, manifests=(*BASE[1:], NOT_DEFAULT, *hosts)) as ako:
            stays_held(ako, avi, 40)
    assert avi.writes_since(mark) == []
    assert avi.ours() == before


@pytest.mark.parametrize(("status", "words"), [(403, "no right to do that"), (400, "No available free IPs")])
def test_a_shared_object_that_is_nobodys_fault_is_told_once_and_blames_nobody(
    avi: AviControl, url: str, status: int, words: str
) -> None:
    avi.misbehave({"match": {"method": "POST", "model": "vsvip"}, "status": status, "body": {"error": words}})
    with Running(url, manifests=(*BASE, *plain(60)), L7Settings__shardVSSize="SMALL") as ako:
        eventually(lambda: len(tries(avi)) >= 8, "several tries")
        (message,) = told(ako, "AviForbidden")
        assert words in message
        assert {ref.kind.name for ref, _ in ako.cluster.events} == {"ConfigMap"}, "no host is blamed"
        avi.misbehave(None)
        all_are_served(ako, avi, 60)
        assert len(told(ako, "AviForbidden")) == len(told(ako, "AviRecovered")) == 1
        assert {ref.kind.name for ref, _ in ako.cluster.events} == {"ConfigMap"}
        made = [request for request in tries(avi) if request.status < 400]
        assert len(made) == 1


def tries(avi: AviControl) -> list[AviRequest]:
    return [request for request in avi.requests_since(0) if (request.method, request.model) == ("POST", "vsvip")]


def test_a_certificate_that_will_expire_is_told_once_and_when_it_is_renewed(avi: AviControl, url: str) -> None:
    def ends_in(days: float) -> Manifest:
        now = datetime.now(UTC)
        return secret("dated", *dated_certificate(now - timedelta(days=90), now + timedelta(days=days), "safe.com"))

    safe = ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "dated"})
    with Running(url, manifests=(*BASE, ends_in(8), safe)) as ako:
        all_are_served(ako, avi, 1)
        has_another_full_sync(ako)
        assert not told(ako, "CertificateExpiresSoon")
        ako.cluster.declare(ends_in(6))
        eventually(lambda: told(ako, "CertificateExpiresSoon"), "a warning")
        has_another_full_sync(ako)
        (message,) = told(ako, "CertificateExpiresSoon")
        assert message.startswith("1 certificate will expire within 7 days, at 20")
        assert message.endswith("(safe.com); renew it")
        assert not told(ako, "CertificatesRenewed")
        ako.cluster.declare(ends_in(90))
        eventually(lambda: told(ako, "CertificatesRenewed"), "its end")
