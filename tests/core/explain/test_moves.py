"""What of a plan moves, and what is called otherwise."""

from __future__ import annotations

from ako.core.explain.moves import Move, moves_of
from ako.core.model import DnsInfo, IpAddr, Vip, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import plan_changes
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig


def vsvip(name: str, *hosts: str, address: str = "") -> VsVip:
    vip = Vip(ip_address=IpAddr.of(address)) if address else Vip()
    return VsVip(name=name, dns_info=tuple(map(DnsInfo, hosts)), vip=(vip,))


def moves(there: list[VsVip], wanted: list[VsVip]) -> tuple[Move, ...]:
    observed = Observed()
    observed.replace({item.ref: ObservedObject("u", item) for item in there})
    plan = plan_changes({item.ref: item for item in wanted}, dict(observed.items()), "c--")
    return moves_of(plan, observed)


def test_a_host_that_another_vsvip_gets_moves_from_address_to_address() -> None:
    before = [vsvip("c--a", "x.com", "y.com", address="10.0.0.1"), vsvip("c--b", address="10.0.0.2")]
    (move,) = moves(before, [vsvip("c--a", "y.com"), vsvip("c--b", "x.com")])
    assert str(move) == "x.com from 10.0.0.1 (c--a) to 10.0.0.2 (c--b)"


def test_one_that_is_yet_to_be_made_has_no_address() -> None:
    (move,) = moves([vsvip("c--a", "x.com", address="10.0.0.1")], [vsvip("c--new", "x.com")])
    assert str(move) == "x.com from 10.0.0.1 (c--a) to a new address (c--new)"


def test_who_is_new_or_stays_moves_nowhere() -> None:
    assert moves([vsvip("c--a", "x.com", address="10.0.0.1")], [vsvip("c--a", "x.com", "new.com")]) == ()


def secure(namespace: str, host: str, created: str) -> tuple[Manifest, ...]:
    """Give an Ingress `web` with what it needs."""
    asking = ingress("web", (host, "/", "web:80"), namespace=namespace, tls={host: "cert"}, created=created)
    servers = service("web", namespace=namespace), endpoints("web", "10.0.0.1", namespace=namespace)
    return (*servers, tls_secret("cert", host, namespace=namespace), asking)


def test_an_object_whose_name_an_older_one_has_is_told_with_both_names() -> None:
    rig = Rig(*secure("team", "app-shop.com", "2020-01-01T00:00:00Z"))
    rig.apply(*secure("team-app", "shop.com", "2021-01-01T00:00:00Z"))
    found = rig.preview().renamings
    assert {one.host for one in found} == {"shop.com"}
    assert "my-cluster--team-app-shop.com_-web" in {one.name for one in found}
    assert all(one.other.startswith(f"{one.name}-") for one in found)
    rig.settle()
    assert rig.preview().renamings == ()
