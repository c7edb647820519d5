"""What could not be read takes nothing away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Struct

from ako.core.assemble.doubt import Doubt
from ako.core.base.refs import AviRef, NamespacedName, ObjectRef, TreeName
from ako.core.engine.changes import Unreadable, Upserted
from ako.core.model import (
    AttachedDataScriptSet,
    AttachedPolicySet,
    AviObject,
    DataScriptSet,
    DnsInfo,
    HostMatch,
    HTTPPolicySet,
    Pool,
    PoolGroup,
    PoolGroupMember,
    PoolServer,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Delete, Operation, Plan, Update, plan_changes
from ako.core.plan.planner import Planner
from ako.core.plan.protection import Protection, hold_back, protection_for
from ako.core.translate.metadata import child_metadata, pool_metadata, read_metadata
from ako.plugins.ingress.records import INGRESS, Ingress, IngressStatusRecord
from tests.builders import Fed, Manifest, endpoints, ingress, service, tls_secret

PREFIX = "my-cluster--"
EVERYTHING = Protection(everything=True)


def seen(*items: AviObject) -> dict[AviRef, ObservedObject]:
    return {item.ref: ObservedObject("uuid", item) for item in items}


def wanted(*items: AviObject) -> dict[AviRef, AviObject]:
    return {item.ref: item for item in items}


def redirect(*hosts: str) -> HTTPPolicySet:
    match = RequestMatch(host_hdr=HostMatch(hosts))
    rule = RequestRule(name="redirect", index=0, match=match, redirect_action=RedirectAction())
    return HTTPPolicySet(name="p", http_request_policy=RequestPolicy((rule,)))


def pool_ref(name: str) -> AviRef:
    return AviRef("pool", name)


LISTS: Sequence[tuple[AviObject, AviObject, AviObject]] = (
    (
        Pool(name="p", servers=(PoolServer.at("10.0.0.2", 80),)),
        Pool(name="p", servers=(PoolServer.at("10.0.0.1", 80),)),
        Pool(name="p", servers=(PoolServer.at("10.0.0.2", 80), PoolServer.at("10.0.0.1", 80))),
    ),
    (
        PoolGroup(name="g", members=(PoolGroupMember(pool_ref("a"), "a.com"),)),
        PoolGroup(
            name="g", members=(PoolGroupMember(pool_ref("b"), "b.com"), PoolGroupMember(pool_ref("a"), "a.com", 9))
        ),
        PoolGroup(name="g", members=(PoolGroupMember(pool_ref("a"), "a.com"), PoolGroupMember(pool_ref("b"), "b.com"))),
    ),
    (
        VsVip(name="v", dns_info=(DnsInfo("a.com"),)),
        VsVip(name="v", dns_info=(DnsInfo("b.com"),)),
        VsVip(name="v", dns_info=(DnsInfo("a.com"), DnsInfo("b.com"))),
    ),
    (redirect("a.com"), redirect("b.com"), redirect("a.com", "b.com")),
    (
        DataScriptSet(name="d", pool_group_refs=(AviRef("poolgroup", "a"),)),
        DataScriptSet(name="d", pool_group_refs=(AviRef("poolgroup", "b"),)),
        DataScriptSet(name="d", pool_group_refs=(AviRef("poolgroup", "a"), AviRef("poolgroup", "b"))),
    ),
    (
        VirtualService(
            name="s",
            http_policies=(AttachedPolicySet(11, AviRef("httppolicyset", "a")),),
            vs_datascripts=(),
            vh_domain_name=("a.com",),
        ),
        VirtualService(
            name="s",
            http_policies=(AttachedPolicySet(11, AviRef("httppolicyset", "b")),),
            vs_datascripts=(AttachedDataScriptSet(0, AviRef("vsdatascriptset", "d")),),
            vh_domain_name=("b.com",),
        ),
        VirtualService(
            name="s",
            http_policies=(
                AttachedPolicySet(11, AviRef("httppolicyset", "a")),
                AttachedPolicySet(12, AviRef("httppolicyset", "b")),
            ),
            vs_datascripts=(AttachedDataScriptSet(0, AviRef("vsdatascriptset", "d")),),
            vh_domain_name=("a.com", "b.com"),
        ),
    ),
    (
        SSLKeyAndCertificate(name="c", key="new"),
        SSLKeyAndCertificate(name="c"),
        SSLKeyAndCertificate(name="c"),
    ),
)


@pytest.mark.parametrize(("desired", "observed", "held"), LISTS, ids=lambda item: item.avi_type)
def test_while_everything_is_protected_lists_only_grow(
    desired: AviObject, observed: AviObject, held: AviObject
) -> None:
    assert hold_back(wanted(desired), seen(observed), EVERYTHING) == wanted(held)


@pytest.mark.parametrize(("desired", "observed"), [row[:2] for row in LISTS], ids=lambda item: item.avi_type)
def test_without_protection_nothing_is_held_back(desired: AviObject, observed: AviObject) -> None:
    assert hold_back(wanted(desired), seen(observed), Protection()) == wanted(desired)


@pytest.mark.parametrize("observed", [row[1] for row in LISTS], ids=lambda item: item.avi_type)
def test_while_everything_is_protected_nothing_is_deleted(observed: AviObject) -> None:
    assert not plan_changes(hold_back({}, seen(observed), EVERYTHING), seen(observed), PREFIX)


def test_a_redirect_stays_for_a_host_that_is_kept_and_for_nobody_else() -> None:
    """Also where nobody is to be redirected any more."""
    held = hold_back({}, seen(redirect("a.com", "b.com")), Protection(hosts=frozenset({"a.com"})))
    assert held == wanted(redirect("a.com"))


def test_values_that_are_no_lists_change_all_the_same() -> None:
    held = hold_back(wanted(Pool(name="p", sni_enabled=False)), seen(Pool(name="p")), EVERYTHING)
    assert held == wanted(Pool(name="p", sni_enabled=False))


def test_doubts_protect_what_they_may_own() -> None:
    ref = ObjectRef(INGRESS, "default", "shop")
    assert protection_for([]) == Protection()
    assert protection_for([Doubt("who knows")]) == EVERYTHING
    assert protection_for([Doubt("broken", source=ref)]) == Protection(owners=frozenset({ref.namespaced_name}))
    assert protection_for([Doubt("broken", host="a.com")]) == Protection(hosts=frozenset({"a.com"}))
    assert protection_for([Doubt("broken", source=ref, host="a.com")]) == Protection(
        claims=frozenset({(ref.namespaced_name, "a.com")})
    )
    assert protection_for([Doubt("broken", tree=TreeName("c--one"))]) == Protection(
        trees=frozenset({TreeName("c--one")})
    )


OWNED = pool_metadata(NamespacedName("default", "shop"), "a.com", 100)
SHOP, TWO = NamespacedName("default", "shop"), NamespacedName("default", "two")
OF_ANOTHER = NamespacedName("other", "shop")
CHILD = child_metadata([NamespacedName("default", "shop"), NamespacedName("default", "two")], "a.com")


@pytest.mark.parametrize(
    ("protection", "item", "is_covered"),
    [
        (Protection(owners=frozenset({SHOP})), Pool(name="p", service_metadata=OWNED), True),
        (Protection(owners=frozenset({OF_ANOTHER})), Pool(name="p", service_metadata=OWNED), False),
        (Protection(owners=frozenset({TWO})), VirtualService(name="v", service_metadata=CHILD), True),
        (Protection(hosts=frozenset({"a.com"})), Pool(name="p", service_metadata=OWNED), True),
        (Protection(hosts=frozenset({"b.com"})), Pool(name="p", service_metadata=OWNED), False),
        (Protection(hosts=frozenset({"a.com"})), Pool(name="p", service_metadata="no JSON"), False),
        (Protection(hosts=frozenset({"a.com"})), Pool(name="p"), False),
        (Protection(claims=frozenset({(SHOP, "a.com")})), Pool(name="p", service_metadata=OWNED), True),
        (Protection(claims=frozenset({(SHOP, "b.com")})), Pool(name="p", service_metadata=OWNED), False),
        (Protection(claims=frozenset({(TWO, "a.com")})), Pool(name="p", service_metadata=OWNED), False),
        (Protection(claims=frozenset({(TWO, "a.com")})), VirtualService(name="v", service_metadata=CHILD), False),
        (EVERYTHING, VsVip(name="v"), True),
    ],
)
def test_what_belongs_to_whom_is_read_from_the_metadata(
    protection: Protection, item: AviObject, is_covered: bool
) -> None:
    assert protection.covers(item) is is_covered


# The whole pure half: a start at which some Ingresses cannot be read.

HOSTS = ("a.com", "b.com", "shop.com")
BROKEN: Mapping[type[Struct], Unreadable] = {Ingress: Unreadable("broken"), IngressStatusRecord: Unreadable("broken")}
BASE = (service("web"), endpoints("web", "10.0.0.1"), *(tls_secret(f"tls-{host}", host) for host in HOSTS))
INGRESSES = st.lists(
    st.builds(
        lambda rules, secure: (rules, {host: f"tls-{host}" for host in secure}),
        st.lists(
            st.tuples(st.sampled_from(HOSTS), st.sampled_from(("/", "/foo", "/bar"))),
            min_size=1,
            max_size=3,
            unique=True,
        ),
        st.sets(st.sampled_from(HOSTS)),
    ),
    min_size=1,
    max_size=3,
)


def named(name: str, rules: Iterable[tuple[str, str]], tls: Mapping[str, str]) -> Manifest:
    return ingress(
        name, *((host, path, "web:80") for host, path in rules), tls=tls, created=f"2026-01-0{name[-1]}T00:00:00Z"
    )


def objects_of(fed: Fed) -> dict[AviRef, AviObject]:
    fed.pipeline.refresh()
    return {ref: item for _, tree in fed.pipeline.trees.values() for ref, item in tree.objects.items()}


def plan_at_start(readable: Sequence[Manifest], unreadable: Sequence[Manifest]) -> Plan:
    """Give the plan of a process that finds everything programmed, and cannot read some of the Ingresses."""
    before = Fed()
    before.apply(*BASE, *readable, *unreadable)
    observed = seen(*objects_of(before).values())
    after = Fed()
    after.apply(*BASE, *readable)
    for manifest in unreadable:
        name = NamespacedName(manifest["metadata"]["namespace"], manifest["metadata"]["name"])
        after.pipeline.apply([Upserted(INGRESS, name, BROKEN)])
    desired = objects_of(after)
    held = hold_back(desired, observed, protection_for(after.pipeline.doubts()))
    return plan_changes(held, observed, PREFIX)


def taken_away(operations: Iterable[Operation]) -> Iterator[str]:
    """Name everything that operations would take away; not redirects of paths of whoever is redirected whole."""
    operations = tuple(operations)
    whole = {host for operation in operations for host in redirected_whole(operation)}
    superseded = {operation.ref for operation in operations if is_superseded(operation, whole)}
    for operation in operations:
        if isinstance(operation, Delete) and operation.ref not in superseded:
            yield f"{operation.ref!r}"
        elif isinstance(operation, Update):
            for change in operation.changes:
                for entry in lost(change.old, change.new, whole):
                    if identity(entry) not in superseded:
                        yield f"{operation.ref!r} {change.field}: {entry}"


def redirected_whole(operation: Operation) -> Iterator[str]:
    if not isinstance(operation, Delete) and isinstance(operation.object, HTTPPolicySet):
        for rule in operation.object.http_request_policy.rules:
            yield from hosts_of(rule) if rule.redirect_action and not rule.match.path else ()


def is_superseded(operation: Operation, whole: Set[str]) -> bool:
    if not isinstance(operation, Delete) or not isinstance(operation.observed.object, HTTPPolicySet):
        return False
    rules = operation.observed.object.http_request_policy.rules
    return all(rule.redirect_action and whole >= set(hosts_of(rule)) for rule in rules)


def lost(old: Any, new: Any, whole: Set[str]) -> Iterator[object]:
    if isinstance(old, str) and old.startswith("{"):
        yield from set(read_metadata(old).owners) - set(read_metadata(new).owners)
    elif isinstance(old, tuple):
        kept = {identity(entry) for entry in new or ()}
        yield from (entry for entry in old if identity(entry) not in kept)
    elif isinstance(old, RequestPolicy):
        hosts = whole | {host for rule in new.rules for host in hosts_of(rule)}
        yield from (host for rule in old.rules for host in hosts_of(rule) if host not in hosts)
        ways = {rule.switching_action for rule in new.rules}
        yield from (rule.name for rule in old.rules if rule.switching_action not in ways)


def hosts_of(rule: RequestRule) -> tuple[str, ...]:
    return rule.match.host_hdr.value if rule.match.host_hdr is not UNSET else ()


def identity(entry: object) -> object:
    return getattr(entry, "http_policy_set_ref", None) or getattr(entry, "pool_ref", None) or entry


@settings(max_examples=40)
@given(INGRESSES, INGRESSES)
def test_an_ingress_that_cannot_be_read_at_start_loses_nothing(
    good: Sequence[tuple[Any, Any]], bad: Sequence[tuple[Any, Any]]
) -> None:
    readable = [named(f"good-{n}", *spec) for n, spec in enumerate(good, 1)]
    unreadable = [named(f"bad-{n}", *spec) for n, spec in enumerate(bad, 1)]
    assert not list(taken_away(plan_at_start(readable, unreadable).operations))


def test_only_what_belongs_to_the_unreadable_one_is_protected() -> None:
    before = Fed()
    before.apply(
        *BASE,
        named("one-1", [("a.com", "/")], {}),
        named("two-2", [("b.com", "/")], {}),
        named("old-3", [("shop.com", "/")], {}),
    )
    observed = seen(*objects_of(before).values())
    after = Fed()
    after.apply(*BASE, named("one-1", [("a.com", "/")], {}))
    name = NamespacedName("default", "two-2")
    after.pipeline.apply([Upserted(INGRESS, name, BROKEN)])
    desired = objects_of(after)
    plan = plan_changes(hold_back(desired, observed, protection_for(after.pipeline.doubts())), observed, PREFIX)
    gone = {operation.ref.name for operation in plan.of(Delete)}
    assert "my-cluster--shop.com_-default-old-3" in gone
    assert "my-cluster--b.com_-default-two-2" not in gone


def test_a_tree_that_could_not_be_worked_out_is_protected_alone() -> None:
    """All that is there of it stays as it is; what others no longer want goes."""
    observed = Observed()
    there = (Pool(name="one"), VsVip(name="one", dns_info=(DnsInfo("one.com"),)), Pool(name="two"))
    for ref, found in seen(*there).items():
        observed.put(ref, found)
    planner = Planner(observed, lambda _: {}, lambda _: True, "")
    for item in there:
        planner.homes.settle(TreeName(item.name), [item.ref])
    planner.protected.protection = protection_for([Doubt("broken", tree=TreeName("one"))])
    one, two = planner.propose(planner.groups([TreeName("one"), TreeName("two")]))
    assert not one.plan
    assert [operation.ref for operation in two.plan.operations] == [pool_ref("two")]
    planner.protected.protection = Protection()
    (one,) = planner.propose(planner.groups([TreeName("one")]))
    assert len(one.plan.of(Delete)) == 2
