"""Avi objects → routes → table."""

from __future__ import annotations

from collections.abc import Iterable

from ako.cli.topology import MOST_SERVERS, Route, as_table, topology
from ako.core.base.refs import AviRef
from ako.core.model import (
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    AviObject,
    ConnectionAction,
    ConnectionMatch,
    ConnectionPolicy,
    ConnectionRule,
    DataScriptSet,
    DnsInfo,
    HostMatch,
    HTTPPolicySet,
    IpAddr,
    L4PolicySet,
    PathMatch,
    Pool,
    PoolGroup,
    PoolGroupMember,
    PoolServer,
    PortMatch,
    ProtocolMatch,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SelectPool,
    SwitchingAction,
    Vip,
    VirtualService,
    VsVip,
)
from ako.core.model.virtual_service import CHILD, PARENT
from tests.builders import Fed, endpoints, ingress, service, tls_secret

ADDRESS = "10.250.0.1"


def vip(name: str, *fqdns: str) -> VsVip:
    names = tuple(map(DnsInfo, fqdns))
    return VsVip(name=name, dns_info=names, vip=(Vip(ip_address=IpAddr(ADDRESS)),))


def pool(name: str, *servers: str) -> Pool:
    return Pool(name=name, servers=tuple(PoolServer.at(server, 8080) for server in servers))


def group(name: str, *members: tuple[str, str, int]) -> PoolGroup:
    listed = tuple(
        PoolGroupMember(AviRef("pool", pool_name), ratio=ratio, **({"priority_label": label} if label else {}))
        for pool_name, label, ratio in members
    )
    return PoolGroup(name=name, members=listed)


def shared(*members: tuple[str, str, int], redirect: str = "") -> list[AviObject]:
    """A shared virtual service `c--S`, whose script picks members of its group."""
    policies = (AttachedPolicySet(11, AviRef("httppolicyset", "c--S")),) if redirect else ()
    rule = RequestRule(
        name="r", index=0, match=RequestMatch(host_hdr=HostMatch((redirect,))), redirect_action=RedirectAction()
    )
    return [
        VirtualService(
            name="c--S",
            vs_type=PARENT,
            vsvip_ref=AviRef("vsvip", "c--S"),
            vs_datascripts=(AttachedDataScriptSet(0, AviRef("vsdatascriptset", "c--S")),),
            http_policies=policies,
        ),
        vip("c--S"),
        DataScriptSet(name="c--S", pool_group_refs=(AviRef("poolgroup", "c--S"),)),
        group("c--S", *members),
        *([HTTPPolicySet(name="c--S", http_request_policy=RequestPolicy((rule,)))] if redirect else []),
    ]


def child(host: str, path: str) -> list[AviObject]:
    """An SNI child of `c--S` that switches a path to the pool group of the host's name."""
    rule = RequestRule(
        name="r",
        index=0,
        match=RequestMatch(path=PathMatch("BEGINS_WITH", (path,))),
        switching_action=SwitchingAction(AviRef("poolgroup", f"c--{host}")),
    )
    return [
        VirtualService(
            name=f"c--{host}",
            vs_type=CHILD,
            vh_parent_vs_ref=AviRef("virtualservice", "c--S"),
            vh_domain_name=(host,),
            http_policies=(AttachedPolicySet(11, AviRef("httppolicyset", f"c--{host}")),),
        ),
        HTTPPolicySet(name=f"c--{host}", http_request_policy=RequestPolicy((rule,))),
    ]


def brief(routes: Iterable[Route]) -> list[tuple[str, str, str, str, int]]:
    return [(r.url, r.path, r.virtual_service, r.pool, r.share) for r in routes]


def test_labels_of_a_shared_virtual_service_are_hosts_and_paths() -> None:
    objects = [
        *shared(("c--b", "b.com/x/y", 1), ("c--a", "a.com/", 1)),
        pool("c--a", "10.0.0.2", "10.0.0.1"),
        pool("c--b"),
    ]
    routes = topology(objects)
    assert brief(routes) == [
        ("http://a.com", "/", "c--S", "c--a", 100),
        ("http://b.com", "/x/y", "c--S", "c--b", 100),
    ]
    assert routes[0].servers == ("10.0.0.1:8080", "10.0.0.2:8080")
    assert {route.addresses for route in routes} == {(ADDRESS,)}


def test_a_secure_host_listens_through_its_parent_and_may_be_redirected_to() -> None:
    objects = [
        *shared(redirect="s.com"),
        *child("s.com", "/cart"),
        group("c--s.com", ("p", "", 1)),
        pool("p", "10.0.0.1"),
    ]
    redirect, secure = topology(objects)
    assert (redirect.url, redirect.redirect, redirect.pool) == ("http://s.com", "https", "")
    assert brief([secure]) == [("https://s.com", "/cart", "c--s.com", "p", 100)]
    assert (secure.parent, secure.addresses) == ("c--S", (ADDRESS,))


def test_pools_that_share_a_path_have_shares() -> None:
    objects = [*shared(), *child("s.com", "/"), group("c--s.com", ("p", "", 3), ("q", "", 1)), pool("p"), pool("q")]
    assert [(route.pool, route.share) for route in topology(objects) if route.pool] == [("p", 75), ("q", 25)]


def test_pools_that_share_a_label_have_shares() -> None:
    objects = [*shared(("p", "a.com/x", 90), ("q", "a.com/x", 10), ("p", "a.com/", 1)), pool("p"), pool("q")]
    assert [(route.path, route.pool, route.share) for route in topology(objects)] == [
        ("/", "p", 100),
        ("/x", "p", 90),
        ("/x", "q", 10),
    ]


def test_an_unlabelled_member_is_of_a_host_passed_through() -> None:
    objects = [*shared(), group("c--p.com", ("p", "", 1)), pool("p", "10.0.0.1")]
    objects[2] = DataScriptSet(name="c--S", pool_group_refs=(AviRef("poolgroup", "c--p.com"),))
    assert brief(topology(objects)) == [("tls://p.com", "", "c--S", "p", 100)]


def test_a_port_of_a_service_of_type_load_balancer() -> None:
    rule = ConnectionRule(
        name="r",
        index=0,
        match=ConnectionMatch(PortMatch((53,)), ProtocolMatch("PROTOCOL_UDP")),
        action=ConnectionAction(SelectPool(AviRef("pool", "p"))),
    )
    attached = (AttachedL4PolicySet(0, AviRef("l4policyset", "c--dns")),)
    objects = [
        VirtualService(name="c--dns", vsvip_ref=AviRef("vsvip", "c--dns"), l4_policies=attached),
        vip("c--dns", "dns.com"),
        L4PolicySet(name="c--dns", l4_connection_policy=ConnectionPolicy((rule,))),
        pool("p", "2001:db8::1"),
    ]
    (route,) = topology(objects)
    assert brief([route]) == [("udp://dns.com", ":53", "c--dns", "p", 100)]
    assert route.servers == ("[2001:db8::1]:8080",)


def test_a_virtual_service_that_serves_nobody_has_a_row() -> None:
    assert brief(topology(shared())) == [("(no host)", "", "c--S", "", 100)]


def test_what_is_missing_on_the_controller_is_left_out() -> None:
    whole = [*shared(("p", "a.com/", 1)), pool("p", "10.0.0.1")]
    for missing in whole:
        routes = topology(item for item in whole if item is not missing)
        assert all(route.virtual_service == "c--S" for route in routes)
    assert topology(whole[:-1])[0].servers == ()


def test_what_the_product_builds_is_read_back() -> None:
    fed = Fed()
    fed.apply(
        service("web"),
        endpoints("web", "10.0.0.1"),
        tls_secret("cert"),
        ingress("plain", ("a.com", "/", "web:80"), ("a.com", "/x", "web:80")),
        ingress("secure", ("shop.com", "/", "web:80"), tls={"shop.com": "cert"}),
    )
    fed.pipeline.refresh()
    objects = [item for _, tree in fed.pipeline.trees.values() for item in tree.objects.values()]
    assert [(route.url, route.path, route.servers) for route in topology(objects) if route.host] == [
        ("http://a.com", "/", ("10.0.0.1:8080",)),
        ("http://a.com", "/x", ("10.0.0.1:8080",)),
        ("http://shop.com", "", ()),
        ("https://shop.com", "/", ("10.0.0.1:8080",)),
    ]


def test_the_table() -> None:
    objects = [
        *shared(("p", "a.com/", 1), ("q", "a.com/x", 1), redirect="s.com"),
        *child("s.com", "/"),
        group("c--s.com", ("p", "", 1), ("gone", "", 1)),
        pool("p", "10.0.0.1", "10.0.0.2"),
        pool("q", *(f"10.0.1.{n}" for n in range(MOST_SERVERS + 2))),
    ]
    assert list(as_table(topology(objects))) == [
        "HOST AND PATH  VIRTUAL SERVICE AND POOLS  ADDRESS AND SERVERS",
        "http://a.com   c--S                       10.250.0.1",
        "  /            p                          10.0.0.1:8080",
        "                                          10.0.0.2:8080",
        "  /x           q                          10.0.1.0:8080",
        *(f"                                          10.0.1.{n}:8080" for n in range(1, MOST_SERVERS)),
        "                                          and 2 more",
        "http://s.com   c--S                       10.250.0.1, redirects to https",
        "https://s.com  c--s.com                   10.250.0.1 (c--S)",
        "  / (50 %)     gone                       no servers",
        "  / (50 %)     p                          10.0.0.1:8080",
        "                                          10.0.0.2:8080",
    ]


def test_the_table_of_nothing_is_its_header() -> None:
    assert list(as_table(())) == ["HOST AND PATH  VIRTUAL SERVICE AND POOLS  ADDRESS AND SERVERS"]
