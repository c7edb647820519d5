"""Statuses say what is served: entries of ours stay as long as that is, and go when it goes."""

from __future__ import annotations

from typing import Any

import pytest

from ako.core.avi.errors import AviRejected
from ako.core.base.refs import AviRef, TreeName
from ako.core.hooks.claims import Problem
from ako.core.model import VsVip
from ako.core.plan.plan import Delete, Operation
from ako.plugins.loadbalancer.records import CLASS as OUR_BALANCER
from tests.builders import NOT_DEFAULT, Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.echo import EchoingRig

BASE = (service("web"), endpoints("web", "10.0.0.1"))
SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}
ADDRESS = "10.1.0.1"
STILL = "What is still served of it goes when nothing holds that back."


def plain(number: int) -> Manifest:
    return ingress(f"i{number}", (f"h{number}.com", "/", "web:80"))


def secure(number: int) -> Manifest:
    return ingress(f"i{number}", (f"h{number}.com", "/", "web:80"), tls={f"h{number}.com": "cert"})


def with_entries(manifest: Manifest, *entries: tuple[str, str]) -> Manifest:
    listed = [{"ip": ip, **({"hostname": host} if host else {})} for host, ip in entries]
    return {**manifest, "status": {"loadBalancer": {"ingress": listed}}}


def balanced(number: int, **spec: object) -> Manifest:
    made = service(f"lb{number}", type="LoadBalancer")
    return {**made, "spec": {**made["spec"], "loadBalancerClass": OUR_BALANCER, **spec}}


def rejections(told: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.source.name, problem.reason) for problem in told]


# What waits.


def test_hosts_that_lose_their_class_keep_their_statuses_until_that_is_confirmed() -> None:
    rig = EchoingRig(*BASE, tls_secret("cert"), *map(plain, range(20)), *map(secure, range(20, 40)), **SMALL)
    rig.apply(NOT_DEFAULT)
    rig.settle()
    rig.sync()
    rig.wait(10_000)
    assert all(rig.entries(f"i{n}") == [(f"h{n}.com", ADDRESS)] for n in range(40))
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert not rig.served()
    assert not any(rig.entries(f"i{n}") for n in range(40))


def test_what_is_told_of_hosts_that_ask_for_another_network_is_true_while_they_are_held() -> None:
    namespace: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    rig = EchoingRig(*BASE, namespace, *map(plain, range(4)), **SMALL)
    asking = {"name": "default", "annotations": {"aviinfrasetting.ako.vmware.com/name": "internal"}}
    rig.news()
    rig.apply({**namespace, "metadata": asking})
    rig.settle()
    rig.wait(100)
    assert rig.served()
    told = [problem.message for problem in rig.news()]
    assert len(told) == 4
    assert all("AviInfraSetting internal" in line and line.endswith(STILL) for line in told)
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    rig.wait(100)
    assert not rig.served()
    told = [problem.message for problem in rig.news()]
    assert len(told) == 4
    assert all(line.endswith("common network. It is not served.") for line in told)


def test_they_do_over_a_restart() -> None:
    before = EchoingRig(*BASE, *map(plain, range(40)), **SMALL)
    rig = EchoingRig(*before.manifests(), NOT_DEFAULT, controller=before.controller, **SMALL)
    assert all(rig.entries(f"i{n}") == [(f"h{n}.com", ADDRESS)] for n in range(40))
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert not any(rig.entries(f"i{n}") for n in range(40))


def test_the_entries_of_whoever_has_the_class_now_stay() -> None:
    """Those with the same hosts, too: by the class the object is theirs."""
    rig = EchoingRig(*BASE, *map(plain, range(4)), **SMALL)
    theirs = [("h0.com", ADDRESS), ("h0.com", "192.0.2.1")]
    rig.apply(NOT_DEFAULT, with_entries(plain(0), *theirs))
    rig.settle()
    assert rig.entries("i0") == theirs
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert rig.entries("i0") == [("h0.com", "192.0.2.1")]


def test_what_we_write_while_a_deletion_waits_is_no_edit_of_users() -> None:
    """Somebody takes a pool away by hand, so that a status is cleared: the other hosts wait all the same."""
    rig = EchoingRig(*BASE, *map(plain, range(6)), **SMALL)
    rig.apply(NOT_DEFAULT)
    rig.settle()
    rig.controller.observed.forget(AviRef("pool", "my-cluster--h0.com_-default-i0"))
    rig.sync()
    assert rig.entries("i0") == []
    rig.settle()
    rig.sync()
    assert rig.reconciler.held.served == rig.served() == {f"h{n}.com" for n in range(1, 6)}


def test_services_that_lose_their_class_keep_their_statuses_until_that_is_confirmed() -> None:
    rig = EchoingRig(*BASE, *(balanced(n) for n in range(4)))
    before = [rig.entries(f"lb{n}", "Service") for n in range(4)]
    assert before[0] == [("lb0.default.com", ADDRESS)]
    rig.apply(*(balanced(n, loadBalancerClass="other") for n in range(4)))
    rig.settle()
    assert not any(rig.entries(f"lb{n}", "Service") for n in range(4)), "users edited them themselves"
    rig = EchoingRig(*BASE, *(balanced(n) for n in range(4)))
    rig.use(AKOSettings__layer7Only=True)
    assert [rig.entries(f"lb{n}", "Service") for n in range(4)] == before
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert not any(rig.entries(f"lb{n}", "Service") for n in range(4))


# What goes.


def test_an_entry_goes_with_its_host_and_not_before() -> None:
    rig = EchoingRig(*BASE, ingress("i", ("a.com", "/", "web:80"), ("b.com", "/", "web:80")), **SMALL)
    rig.apply(ingress("i", ("b.com", "/", "web:80")))
    rig.turn()
    while AviRef("pool", "my-cluster--a.com_-default-i") in rig.controller.observed:
        assert sorted(rig.hosts("i")) == ["a.com", "b.com"]
        rig.answer()
    rig.settle()
    assert rig.hosts("i") == ["b.com"]


def test_an_entry_stays_while_the_controller_refuses_to_take_its_host_away() -> None:
    rig = EchoingRig(*BASE, plain(0), plain(1), **SMALL)
    rig.faults.append(lambda op: AviRejected("no", status=400) if isinstance(op, Delete) else None)
    rig.faults.append(lambda op: AviRejected("no", status=400) if op.ref.type == "poolgroup" else None)
    rig.apply(ingress("i0", ("other.example.net", "/", "web:80")))
    rig.settle()
    assert rig.entries("i0") == [("h0.com", ADDRESS)]
    rig.faults.clear()
    rig.sync()
    assert rig.entries("i0") == []


def test_the_loser_of_a_path_keeps_its_entry_until_its_pool_is_gone() -> None:
    rig = EchoingRig(*BASE, ingress("young", ("a.com", "/", "web:80"), created="2026-01-02T00:00:00Z"), **SMALL)
    rig.apply(ingress("old", ("a.com", "/", "web:80"), created="2026-01-01T00:00:00Z"))
    rig.turn()
    assert rig.hosts("young") == ["a.com"]
    rig.settle()
    assert (rig.hosts("old"), rig.hosts("young")) == (["a.com"], [])


def test_an_object_has_nothing_of_another_kind_with_its_name() -> None:
    """What is written on the Controller names its owner without a kind."""
    named = ("lb0.default.com", ADDRESS)
    web = ingress("lb0", ("elsewhere.example.net", "/", "web:80"))
    rig = EchoingRig(*BASE, balanced(0), with_entries(web, named), **SMALL)
    rig.sync()
    assert rig.entries("lb0", "Service") == [named]
    assert rig.entries("lb0") == []


# What is refused.


def test_a_live_host_whose_edit_is_refused_is_told_once_and_keeps_its_entry() -> None:
    """A substitute stands in for it, so that it is in the tree; over full syncs it is tried again and told no more."""
    rig = EchoingRig(*BASE, plain(0), plain(1), **SMALL)

    def fault(operation: Operation) -> AviRejected | None:
        wanted = None if isinstance(operation, Delete) else operation.object
        is_new = any("_new" in ref.name for ref in wanted.references()) if wanted else False
        return AviRejected("not that", status=400) if operation.ref.type == "poolgroup" and is_new else None

    rig.faults.append(fault)
    rig.apply(ingress("i0", ("h0.com", "/", "web:80"), ("h0.com", "/new", "web:80")))
    rig.settle()
    assert rejections(rig.news()) == [("i0", "Rejected")]
    assert rig.hosts("i0") == ["h0.com"]
    for _ in range(5):
        rig.sync()
        rig.wait(100)
    assert rig.news() == []
    assert rig.hosts("i0") == ["h0.com"]
    rig.faults.clear()
    rig.sync()
    assert "my-cluster--h0.com_new-default-i0" in {ref.name for ref in rig.controller.observed}
    assert not any(found for found in rig.desk.standing.values())


def test_a_certificate_that_is_refused_leaves_the_host_and_its_entry() -> None:
    rig = EchoingRig(*BASE, tls_secret("cert", "h0.com"), secure(0), **SMALL)
    rig.faults.append(lambda op: AviRejected("no", status=400) if op.ref.type == "sslkeyandcertificate" else None)
    rig.apply(tls_secret("cert", "*.com"))
    rig.settle()
    assert rejections(rig.news()) == [("i0", "Rejected")]
    assert rig.entries("i0") == [("h0.com", ADDRESS)]


# Entries of others, and dead ones.


def test_after_a_restart_an_address_that_went_meanwhile_is_no_longer_in_the_status() -> None:
    """Nobody knows any more that it was ours; but the class says that the object is, and its hosts with it."""
    dead, theirs = ("h0.com", "10.9.9.9"), ("h0.example.net", "10.9.9.9")
    rig = EchoingRig(*BASE, with_entries(plain(0), dead, theirs), **SMALL)
    assert sorted(rig.entries("i0")) == sorted([("h0.com", ADDRESS), theirs])


def test_a_service_has_no_dead_address_either() -> None:
    rig = EchoingRig(with_entries(balanced(0), ("lb0.default.com", "10.9.9.9"), ("", "10.9.9.8")))
    assert sorted(rig.entries("lb0", "Service")) == [("", "10.9.9.8"), ("lb0.default.com", ADDRESS)]


@pytest.mark.parametrize("host", ["h0.com", "other.example.net"])
def test_the_status_of_an_object_of_another_class_is_not_touched(host: str) -> None:
    theirs = with_entries(plain(0), (host, "10.9.9.9"))
    rig = EchoingRig(*BASE, NOT_DEFAULT, theirs, **SMALL)
    assert rig.entries("i0") == [(host, "10.9.9.9")]


def test_a_host_whose_address_is_not_there_yet_keeps_the_entry_it_has() -> None:
    rig = EchoingRig(*BASE, **SMALL)
    rig.faults.append(lambda op: AviRejected("no", status=400) if isinstance(op, Delete) else None)
    rig.apply(with_entries(plain(0), ("h0.com", "10.9.9.9")))
    rig.turn()
    assert rig.entries("i0") == [("h0.com", "10.9.9.9")]
    rig.settle()
    assert rig.entries("i0") == [("h0.com", ADDRESS)]
    assert isinstance(rig.controller.observed.vsvip(TreeName("my-cluster--Shared-L7-0")), VsVip)
