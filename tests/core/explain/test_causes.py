"""Who causes the operations of a plan: nobody who changed nothing is named."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import AviRef
from ako.core.control.preview import Preview
from ako.core.explain.causes import Cause, Share
from ako.core.plan.plan import Create, Delete, Update
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.explain.worlds import BASE, World, hosts_in, worlds

SHOP = ingress("shop", ("shop.com", "/", "web:80"))


def causes_after(before: Iterable[Manifest], now: Iterable[Manifest]) -> Preview:
    """Give the plan that takes what is in line with some objects to what others want."""
    rig = Rig(*BASE, *before, L7Settings__shardVSSize=1)
    kept = [manifest["metadata"]["name"] for manifest in now]
    rig.delete(*(manifest for manifest in before if manifest["metadata"]["name"] not in kept))
    rig.apply(*now)
    return rig.preview()


def cause_of(preview: Preview, avi_type: str, name: str) -> Cause:
    return preview.causes[AviRef(avi_type, f"my-cluster--{name}")]


def test_what_is_new_is_for_its_host_because_of_its_object() -> None:
    found = causes_after([SHOP], [SHOP, ingress("other", ("other.com", "/", "app:80"))])
    pool = cause_of(found, "pool", "other.com_-default-other")
    assert pool == Cause(Share.ONE, ("other.com",), ("Ingress/default/other",), "from Service/default/app")
    group = cause_of(found, "poolgroup", "Shared-L7-0")
    assert group == Cause(Share.SEVERAL, ("other.com",), ("Ingress/default/other",))
    assert all("Ingress/default/shop" not in cause.sources for cause in found.causes.values())


def test_a_path_is_that_of_the_object_that_asks_for_it_though_another_has_the_host() -> None:
    more = ingress("more", ("shop.com", "/more", "app:80"))
    found = causes_after([SHOP], [SHOP, more])
    assert {cause.sources for cause in found.causes.values()} == {("Ingress/default/more",)}
    assert {cause.hosts for cause in found.causes.values()} == {("shop.com",)}


def test_one_of_several_owners_of_a_child_leaves_and_the_others_are_not_blamed() -> None:
    secret = tls_secret("cert")
    first = ingress("first", ("shop.com", "/", "web:80"), tls={"shop.com": "cert"})
    second = ingress("second", ("shop.com", "/more", "app:80"), tls={"shop.com": "cert"})
    found = causes_after([secret, first, second], [secret, first])
    assert {cause.sources for cause in found.causes.values()} == {("default/second",)}
    assert cause_of(found, "virtualservice", "shop.com").why == ""
    gone = [operation.ref for operation in found.plan.of(Delete)]
    assert gone
    assert {found.causes[ref].why for ref in gone} == {"default/second is gone"}


def test_what_has_no_metadata_is_whose_it_hangs_on() -> None:
    secret = tls_secret("cert")
    secure = ingress("secure", ("secure.com", "/", "web:80"), tls={"secure.com": "cert"})
    found = causes_after([secret, SHOP, secure], [secret, SHOP])
    types = {operation.ref.type for operation in found.plan.of(Delete)}
    assert types >= {"sslkeyandcertificate", "poolgroup", "pool", "httppolicyset", "virtualservice"}
    assert {cause.hosts for cause in found.causes.values()} == {("secure.com",)}
    assert {cause.sources for cause in found.causes.values()} == {("default/secure",)}


def test_a_service_of_the_same_name_is_not_taken_for_an_ingress_that_is_gone() -> None:
    web = ingress("web", ("web.com", "/", "web:80"))
    found = causes_after([SHOP, web], [SHOP])
    assert cause_of(found, "pool", "web.com_-default-web").sources == ("default/web",)


def test_an_object_that_is_there_and_asks_for_something_else_is_named_by_its_kind() -> None:
    found = causes_after([SHOP], [ingress("shop", ("new.com", "/", "web:80"))])
    old = cause_of(found, "pool", "shop.com_-default-shop")
    assert old == Cause(Share.ONE, ("shop.com",), ("Ingress/default/shop",), "nothing asks for it any more")


def test_servers_come_from_their_service() -> None:
    found = causes_after([SHOP], [SHOP, endpoints("web", "10.0.0.1", "10.0.0.7")])
    (operation,) = found.plan.operations
    expected = Cause(Share.ONE, ("shop.com",), ("Ingress/default/shop",), "from Service/default/web")
    assert found.causes[operation.ref] == expected


def test_a_service_of_type_load_balancer_is_told_by_its_own_name() -> None:
    found = causes_after([service("direct", type="LoadBalancer")], [])
    assert {cause.hosts for cause in found.causes.values()} == {("Service/default/direct",)}
    assert {cause.sources for cause in found.causes.values()} == {("Service/default/direct",)}
    assert {cause.why for cause in found.causes.values()} == {"Service/default/direct is gone"}


def test_who_stays_at_a_shared_address_is_not_blamed_for_who_comes_or_goes() -> None:
    shared = {"ako.vmware.com/enable-shared-vip": "one"}
    one, two, three = (
        service(name, 80 + n, type="LoadBalancer", annotations=shared) for n, name in enumerate(("x", "y", "z"))
    )
    gone = causes_after([one, two, three], [one, two])
    come = causes_after([one, two], [one, two, three])
    for found in (gone, come):
        assert {operation.ref.type for operation in found.plan.of(Update)} == {
            "l4policyset",
            "virtualservice",
            "vsvip",
        }
        for operation in (*found.plan.of(Update), *found.plan.of(Create)):
            expected = Cause(Share.ONE, ("shared address default/one",), ("Service/default/z",))
            assert found.causes[operation.ref] == expected, operation.ref


@given(worlds(), worlds(), st.sampled_from(["MEDIUM", 1]))
def test_every_operation_has_a_cause_and_nobody_is_blamed_who_changed_nothing(
    before: World, now: World, shards: object
) -> None:
    rig = Rig(*BASE, *before.values(), L7Settings__shardVSSize=shards)
    rig.delete(*(before[name] for name in before if name not in now))
    rig.apply(*now.values())
    found = rig.preview()
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    touched = {host for name in changed for host in hosts_in(before.get(name)) | hosts_in(now.get(name))}
    assert found.causes.keys() == {operation.ref for operation in found.plan.operations}
    for operation in found.plan.operations:
        cause = found.causes[operation.ref]
        assert set(cause.hosts) <= touched, operation.ref
        assert cause.hosts or cause.why, operation.ref
        for source in cause.sources:
            name = source.rpartition("/")[2]
            assert source == (f"Ingress/default/{name}" if name in now else f"default/{name}")
            assert (hosts_in(before.get(name)) | hosts_in(now.get(name))) & touched, operation.ref
        if cause.share is Share.ONE:
            assert len(cause.hosts) == 1
