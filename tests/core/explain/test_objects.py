"""What is on the Avi Controller: whom it is there for, and what stands between it and what is wanted."""

from __future__ import annotations

from msgspec.structs import replace

from ako.core.avi.errors import AviError, AviRejected
from ako.core.base.refs import AviRef
from ako.core.model import Pool, PoolServer
from ako.core.plan.plan import Operation, replace_fields
from tests.builders import endpoints, ingress, service
from tests.core.control.rig import Rig
from tests.core.explain.asked import asked, host, read, source

WEB = (service("web"), endpoints("web", "10.0.0.1"))
HOSTS = tuple(ingress(f"i{n}", (f"h{n}.com", "/", "web:80")) for n in range(6))
POOL = "my-cluster--h1.com_-default-i1"


def test_a_pool_leads_to_its_host_by_name_type_and_uuid() -> None:
    rig = Rig(*WEB, *HOSTS)
    for question in (POOL, f"pool/{POOL}", f"pool {POOL}", f"Pool/{POOL}"):
        answer = asked(rig, question)
        assert [(told.type, told.name, told.serves) for told in answer.objects] == [("pool", POOL, ("h1.com",))]
        assert [told.host for told in answer.hosts] == ["h1.com"]
    assert POOL in {told.name for told in asked(rig, "pool-1").objects}  # the uuid that the Controller gives


def test_what_is_shared_names_its_hosts() -> None:
    rig = Rig(*WEB, *HOSTS, L7Settings__shardVSSize="SMALL")
    (told,) = asked(rig, "vs/my-cluster--Shared-L7-0").objects
    assert sorted(told.serves) == [f"h{n}.com" for n in range(6)]


def test_an_address_leads_to_what_is_reached_there() -> None:
    rig = Rig(*WEB, HOSTS[0])
    assert {told.type for told in asked(rig, "10.1.0.1").objects} == {"vsvip"}
    answer = asked(rig, "10.0.0.1")
    assert ([told.type for told in answer.objects], [told.host for told in answer.hosts]) == (["pool"], ["h0.com"])


def test_an_address_that_is_asked_for_leads_to_all_who_do() -> None:
    """One has it; the other is not reached there, and asks why."""
    asking = {"type": "LoadBalancer", "loadBalancerIP": "10.9.9.9", "ports": [{"port": 80, "protocol": "TCP"}]}
    rig = Rig(*({**service(name), "spec": asking} for name in ("first", "second")))
    answer = asked(rig, "10.9.9.9")
    assert {told.host for told in answer.hosts} == {"Service/default/first", "Service/default/second"}
    assert "that of Service/default/first, which comes first by namespace and name." in read(answer)


def test_what_differs_is_told_with_its_fields() -> None:
    rig = Rig(*WEB, HOSTS[1])
    ref = AviRef("pool", POOL)
    seen = rig.reconciler.observed.get(ref)
    assert seen is not None
    other = replace_fields(seen.object, {"servers": (PoolServer.at("10.9.9.9", 80),)})
    rig.reconciler.observed.put(ref, replace(seen, object=other))
    (told,) = asked(rig, f"pool/{POOL}").objects
    assert (told.state, told.why) == ("to be updated", "differs in servers")


def refuse_pools(operation: Operation) -> AviError | None:
    return AviRejected("no such pool may be", status=400) if operation.ref.type == Pool.avi_type else None


def test_what_is_refused_is_told_in_the_words_of_the_controller() -> None:
    told = host(Rig(*WEB, HOSTS[1], faults=[refuse_pools]), "h1.com")
    assert told.state == "rejected"
    assert "no such pool may be" in told.verdict
    assert ("pool", "refused") in {(found.type, found.state) for found in told.objects}


def test_a_host_that_waits_to_be_confirmed_is_still_told() -> None:
    rig = Rig(*WEB, *HOSTS)
    rig.relist(HOSTS[0])
    rig.settle()
    told = host(rig, "h1.com")
    assert (told.state, told.addresses) == ("kept", ("10.1.0.1",))
    (waits,) = told.waits
    assert f"plan {rig.reconciler.held.id}" in waits
    assert {found.state for found in told.objects} == {"waits"}
    assert [(hosts, state) for hosts, state in source(rig, "Ingress/default/i1").hosts] == [("h1.com", "kept")]
