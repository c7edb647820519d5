"""DNS names move between VsVips, while what serves them changes: who is served before and after is so after each write.

A client that looks a name up follows it; while it is at neither of two, it goes where the name was last.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from ako.core.apply.execution import Execution
from ako.core.assemble.path_sets import path_set_names
from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    PARENT,
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    AviObject,
    ConnectionAction,
    ConnectionMatch,
    ConnectionPolicy,
    ConnectionRule,
    DataScript,
    DataScriptSet,
    DnsInfo,
    HostMatch,
    HTTPPolicySet,
    L4PolicySet,
    ListeningPort,
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
    SSLKeyAndCertificate,
    SwitchingAction,
    VirtualService,
    VsVip,
)
from ako.core.plan.plan import Operation, Update, plan_changes
from tests.core.strict_controller import StrictController, contents
from tests.core.translate.requests import NOTHING, Answer, Objects, Request, World
from tests.properties import share_of

HOSTS = ("x.com", "y.com", "z.com")
TREES = ("a", "b", "c")
PLAIN, BY_PATH, TLS, REDIRECTED, L4 = "plain", "by path", "tls", "redirected", "l4"
PLANS = 4
"""Within so many all is done: what serves more, names that leave and come, names that come and what is left."""
SCRIPT = DataScript("VS_DATASCRIPT_EVT_HTTP_REQ", 'string.lower(host) .. "/" .. path')
Requests = Mapping[Request, Answer]


class Served(Struct, frozen=True):
    """Where a host is served, how, and by which server."""

    tree: str
    kind: str
    version: int


Sites = Mapping[str, Served]


def wanted(
    sites: Sites, *, standing: frozenset[str] = frozenset(), more_ports: frozenset[str] = frozenset()
) -> Objects:
    """Build the objects; trees that stand are there without hosts too, some virtual services have another port."""
    found: list[AviObject] = []
    for tree in sorted(standing | {one.tree for one in sites.values() if one.kind != L4}):
        here = {host: one for host, one in sites.items() if one.tree == tree and one.kind != L4}
        found += _shared(tree, here, [80, 443, *([8080] if tree in more_ports else [])])
    for host, one in sites.items():
        found += _child(host, one) if one.kind in {TLS, REDIRECTED} else _l4(host, one) if one.kind == L4 else ()
    return {item.ref: item for item in found}


def _pool(name: str, host: str, version: int) -> Pool:
    return Pool(name=name, servers=(PoolServer.at(f"10.0.{version}.{HOSTS.index(host)}", 80),))


def _rule(host: str, **action: object) -> RequestRule:
    return RequestRule(name=host, index=0, match=RequestMatch(host_hdr=HostMatch((host,))), **action)  # type: ignore[arg-type]


def _policies(name: str, *rules: RequestRule) -> HTTPPolicySet:
    return HTTPPolicySet(name=name, http_request_policy=RequestPolicy(rules))


def _shared(tree: str, here: Sites, ports: list[int]) -> Iterator[AviObject]:
    yield VsVip(name=tree, dns_info=tuple(map(DnsInfo, sorted(here))))
    attached: list[AttachedPolicySet] = []
    members: list[PoolGroupMember] = []
    for host, one in sorted(here.items()):
        if one.kind in {PLAIN, TLS, BY_PATH}:
            yield (pool := _pool(f"{tree}-{host}", host, one.version))
        if one.kind in {PLAIN, TLS}:
            members.append(PoolGroupMember(pool.ref, f"{host}/"))
        if one.kind == BY_PATH:
            yield (group := PoolGroup(name=f"{tree}-{host}", members=(PoolGroupMember(pool.ref, "10"),)))
            number = HOSTS.index(host)
            rules = _policies(path_set_names(tree)[number], _rule(host, switching_action=SwitchingAction(group.ref)))
            yield rules
            attached.append(AttachedPolicySet(3 + number, rules.ref))
    if redirected := tuple(sorted(host for host, one in here.items() if one.kind == REDIRECTED)):
        match = RequestMatch(host_hdr=HostMatch(redirected), vs_port=PortMatch((80,)))
        redirect = RequestRule(name="redirect", index=0, match=match, redirect_action=RedirectAction())
        yield _policies(tree, redirect)
        attached.append(AttachedPolicySet(11, AviRef("httppolicyset", tree)))
    yield PoolGroup(name=tree, members=tuple(members))
    yield DataScriptSet(name=tree, datascript=(SCRIPT,), pool_group_refs=(AviRef("poolgroup", tree),))
    yield VirtualService(
        name=tree,
        vs_type=PARENT,
        vsvip_ref=AviRef("vsvip", tree),
        services=tuple(ListeningPort(port, enable_ssl=port == 443) for port in ports),
        vs_datascripts=(AttachedDataScriptSet(1, AviRef("vsdatascriptset", tree)),),
        http_policies=tuple(attached),
    )


def _child(host: str, one: Served) -> Iterator[AviObject]:
    yield (certificate := SSLKeyAndCertificate(name=host))
    yield (pool := _pool(f"{host}-{one.version}", host, one.version))
    yield (group := PoolGroup(name=f"{host}-{one.version}", members=(PoolGroupMember(pool.ref, "10"),)))
    yield (rules := _policies(f"{host}-{one.version}", _rule(host, switching_action=SwitchingAction(group.ref))))
    yield VirtualService(
        name=host,
        vs_type=CHILD,
        vh_parent_vs_ref=AviRef("virtualservice", one.tree),
        vh_domain_name=(host,),
        http_policies=(AttachedPolicySet(0, rules.ref),),
        ssl_key_and_certificate_refs=(certificate.ref,),
    )


def _l4(host: str, one: Served) -> Iterator[AviObject]:
    name = f"{one.tree}-{host}-l4"
    yield VsVip(name=name, dns_info=(DnsInfo(host),))
    yield (pool := _pool(name, host, one.version))
    match = ConnectionMatch(port=PortMatch((80,)), protocol=ProtocolMatch("PROTOCOL_TCP"))
    rule = ConnectionRule(name="80", index=0, match=match, action=ConnectionAction(SelectPool(pool.ref)))
    yield L4PolicySet(name=name, l4_connection_policy=ConnectionPolicy((rule,)))
    yield VirtualService(
        name=name,
        vsvip_ref=AviRef("vsvip", name),
        services=(ListeningPort(80),),
        l4_policies=(AttachedL4PolicySet(0, AviRef("l4policyset", name)),),
    )


class Clients:
    """Ask for each host where its name is, or where it was last."""

    def __init__(self, objects: Objects) -> None:
        self._last: dict[str, AviRef] = {}
        self.now = self.ask(objects)

    def ask(self, objects: Objects) -> Requests:
        """Say what is answered to all of them."""
        listening = {item.vsvip_ref for item in objects.values() if isinstance(item, VirtualService)}
        vips = [item for item in objects.values() if isinstance(item, VsVip)]
        homes = {fqdn: item.ref for item in vips for fqdn in item.fqdns}
        self.homeless = set(HOSTS) - homes.keys()
        lost = {host: vip for host, vip in self._last.items() if host not in homes and vip in objects}
        self._last |= homes
        known = dict(objects)
        for host, ref in lost.items():
            vip = known[ref]
            assert isinstance(vip, VsVip)
            known[ref] = replace(vip, dns_info=(*vip.dns_info, DnsInfo(host)))
        for item in vips:
            if item.ref not in listening:
                known[item.ref] = replace(item, dns_info=())
        world = World(known, is_ordered=True)
        self.now = {
            Request(scheme, host, "/"): world.answer(Request(scheme, host, "/"))
            or (world.connected(host, 80) if scheme == "http" else NOTHING)
            for scheme in ("http", "https")
            for host in HOSTS
        }
        return self.now


def moments(before: Objects, after: Objects, seed: int, *, kills: int = 0) -> Iterator[tuple[Operation, Requests]]:
    """Carry out what leads from one to the other, answers in any order; tell who is answered after each write.

    A few times a plan is not carried out to its end, and another one is made from what is there.
    """
    chance = random.Random(seed)
    controller = StrictController(*before.values())
    clients = Clients(before)
    gone_along: set[str] = set()
    for _ in range(PLANS + kills):
        plan = plan_changes(after, dict(controller.observed.items()), "")
        if not plan:
            break
        execution = Execution(plan)
        for operation in controller.carried_out(execution, lambda flying: chance.randrange(len(flying))):
            clients.ask({ref: seen.object for ref, seen in controller.observed.items()})
            gone_along |= {operation.ref.name} if goes_along(operation) else set()
            gone_along &= clients.homeless
            yield operation, {r: a for r, a in clients.now.items() if r.scheme == "http" or r.host not in gone_along}
            if kills and chance.random() < 0.2:
                kills -= 1
                break
        else:
            assert not execution.stuck
            assert execution.is_partial or len(execution.succeeded) == len(plan.operations)
    assert contents(controller.observed) == after


def goes_along(operation: Operation) -> bool:
    """Say whether an SNI child goes to another parent: while its name is at neither, nobody finds it."""
    if not isinstance(operation, Update) or not isinstance(before := operation.observed.object, VirtualService):
        return False
    assert isinstance(operation.object, VirtualService)
    return before.vh_parent_vs_ref != operation.object.vh_parent_vs_ref


SITES = st.dictionaries(
    st.sampled_from(HOSTS),
    st.builds(
        Served, st.sampled_from(TREES), st.sampled_from((PLAIN, BY_PATH, TLS, REDIRECTED, L4)), st.integers(0, 1)
    ),
)
STANDING = st.frozensets(st.sampled_from(TREES))


def is_handed_over(host: str, before: Sites, after: Sites) -> bool:
    """Say whether other objects of one tree serve a host now: see `handing_over.py` for when there is a gap."""
    if host not in before or host not in after:
        return False
    return before[host].tree == after[host].tree and before[host].kind != after[host].kind


@pytest.mark.long
@settings(max_examples=share_of(600), suppress_health_check=[HealthCheck.too_slow])
@given(SITES, SITES, STANDING, STANDING, st.tuples(STANDING, STANDING), st.integers(0, 99), st.integers(0, 3))
def test_whoever_is_served_before_and_after_is_so_after_each_write(
    was: Sites,
    is_now: Sites,
    stood: frozenset[str],
    standing: frozenset[str],
    ports: tuple[frozenset[str], frozenset[str]],
    seed: int,
    kills: int,
) -> None:
    before = wanted(was, standing=stood, more_ports=ports[0])
    after = wanted(is_now, standing=standing, more_ports=ports[1])
    old, new = Clients(before).now, Clients(after).now
    asked = [r for r in old if NOTHING not in {old[r], new[r]} and not is_handed_over(r.host, was, is_now)]
    for operation, now in moments(before, after, seed, kills=kills):
        lost = {str(request) for request in asked if now.get(request) == NOTHING}
        assert not lost, f"after {type(operation).__name__} {operation.ref!r}"


def at(**homes: str) -> Sites:
    """Give hosts by their first letter, each with a tree and how it is served there."""
    split = {letter: home.partition(" ") for letter, home in homes.items()}
    return {f"{letter}.com": Served(tree, kind, 0) for letter, (tree, _, kind) in split.items()}


MOVES: Mapping[str, tuple[Sites, Sites]] = {
    "two swap": (at(x="a plain", y="b plain"), at(x="b plain", y="a plain")),
    "two with TLS swap": (at(x="a redirected", y="b redirected"), at(x="b redirected", y="a redirected")),
    "three go round": (
        at(x="a redirected", y="b tls", z="c plain"),
        at(x="b redirected", y="c tls", z="a plain"),
    ),
    "each takes the place of another": (
        at(x="a redirected", y="b redirected"),
        at(x="b redirected", y="c redirected"),
    ),
    "one comes where another goes": (at(x="a plain", y="b plain"), at(x="b plain")),
    "one comes by a path where another goes": (at(x="a plain", y="b by path"), at(x="b by path")),
    "all leave for one that is new": (at(x="a plain", y="a redirected"), at(x="b plain", y="b redirected")),
    "one goes along with its connections": (at(x="a l4"), at(x="b l4")),
    "connections become requests": (at(x="a l4", y="a plain"), at(x="a plain", y="a l4")),
}


@pytest.mark.parametrize("standing", [frozenset(), frozenset(TREES)], ids=["alone", "standing"])
@pytest.mark.parametrize("move", MOVES)
def test_nobody_is_without_answer_while(move: str, standing: frozenset[str]) -> None:
    before, after = (wanted(sites, standing=standing) for sites in MOVES[move])
    old, new = Clients(before).now, Clients(after).now
    asked = [request for request in old if NOTHING not in {old[request], new[request]}]
    hosts = MOVES[move][0].keys() & MOVES[move][1].keys()
    assert {request.host for request in asked} >= {h for h in hosts if move != "connections become requests"}
    for seed in range(10):
        for operation, now in moments(before, after, seed):
            lost = {str(request) for request in asked if now.get(request) == NOTHING}
            assert not lost, f"after {type(operation).__name__} {operation.ref!r}"
