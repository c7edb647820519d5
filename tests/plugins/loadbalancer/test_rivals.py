"""A DNS name or an address that several ask for: the oldest has it."""

from __future__ import annotations

import itertools

import pytest

from ako.core.model import VirtualService, VsVip
from tests.builders import Fed, Manifest, ingress
from tests.plugins.loadbalancer.worlds import HTTP, fed, one, problems, service, tree


def asking(name: str, day: int, hostname: str = "api.com") -> Manifest:
    found = service(name=name, annotations={"external-dns.alpha.kubernetes.io/hostname": hostname})
    return {**found, "metadata": {**found["metadata"], "creationTimestamp": f"2026-01-0{day}T00:00:00Z"}}


def host(created: str = "2026-01-02T00:00:00Z") -> Manifest:
    return ingress("shop", ("api.com", "/", "web:80"), created=created)


def holders(world: Fed, fqdn: str = "api.com") -> list[str]:
    world.pipeline.refresh()
    items = (item for _, found in world.pipeline.trees.values() for item in found.objects.values())
    return [item.name for item in items if isinstance(item, VsVip) and fqdn in item.fqdns]


ASKERS = {"first": asking("first", 1), "host": host(), "second": asking("second", 3)}
NEXT = [("first", "my-cluster--red-first"), ("host", "my-cluster--Shared-L7-"), ("second", "my-cluster--red-second")]


@pytest.mark.parametrize("order", list(itertools.permutations(ASKERS)), ids="-".join)
def test_a_name_goes_to_the_oldest_and_then_to_the_next(order: tuple[str, ...]) -> None:
    world = fed()
    for name in order:
        world.apply(ASKERS[name])
        holders(world)
    for name, expected in NEXT:
        (holder,) = holders(world)
        assert holder.startswith(expected)
        world.delete(ASKERS[name])
    assert holders(world) == []


def addressed(name: str, day: int) -> Manifest:
    found = service(name=name, loadBalancerIP="10.9.9.9")
    return {**found, "metadata": {**found["metadata"], "creationTimestamp": f"2026-01-0{day}T00:00:00Z"}}


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
def test_an_address_goes_to_the_oldest_and_then_to_the_next(order: tuple[int, ...]) -> None:
    world = fed()
    for day in order:
        world.apply(addressed(f"s{day}", day))
        world.pipeline.refresh()
    for day in (1, 2, 3):
        world.pipeline.refresh()
        vsvips = [item for _, found in world.pipeline.trees.values() for item in found.objects.values()
                  if isinstance(item, VsVip)]  # fmt: skip
        assert [vsvip.name for vsvip in vsvips] == [f"my-cluster--red-s{day}"]
        world.delete(addressed(f"s{day}", day))


def test_whoever_does_not_get_an_address_is_told_who_has_it() -> None:
    world = fed()
    world.apply(addressed("first", 1), addressed("second", 3))
    assert problems(world)["AddressTaken"] == "the address 10.9.9.9 is that of Service/red/first, which is older."


def test_whoever_does_not_get_a_name_is_told_who_has_it() -> None:
    world = fed()
    world.apply(asking("first", 1), asking("second", 3, "api.com,more.com"))
    assert problems(world)["DnsNameTaken"] == (
        "the DNS name api.com is that of Service/red/first, which is older; all else is served."
    )
    items = tree(world, "my-cluster--red-second")
    assert one(items, VsVip).fqdns == ("more.com",)
    assert '"hostnames":["more.com"]' in one(items, VirtualService).service_metadata


def test_a_host_with_the_name_of_an_older_service_is_not_served_and_told() -> None:
    world = fed()
    world.apply(asking("first", 1), host())
    assert problems(world)["DnsNameTaken"] == "host api.com is the DNS name of Service/red/first, which is older."
    world.apply(host(created="2025-01-01T00:00:00Z"))
    assert problems(world)["DnsNameTaken"].startswith("the DNS name api.com is that of Ingress/default/shop")


def test_a_generated_name_may_be_taken_too() -> None:
    world = fed()
    world.apply(asking("first", 1, "second.red.com"), service(name="second"))
    assert holders(world, "second.red.com") == ["my-cluster--red-second"], "no creation time counts as oldest"


def test_what_else_becomes_of_a_rival_is_nobody_elses_business() -> None:
    world = fed()
    world.apply(asking("first", 1), asking("second", 3))
    world.pipeline.refresh()
    world.pipeline.hosts.drain()
    world.apply({**asking("first", 1), "spec": service(HTTP, {"name": "admin", "port": 81})["spec"]})
    assert {getattr(ref, "name", ref) for ref in world.pipeline.refresh().hosts} == {"first"}
