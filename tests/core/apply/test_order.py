"""In what order plans are carried out: what the Controller insists on, what traffic needs, and that every plan ends."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.apply.execution import Execution
from ako.core.apply.order import order
from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    PARENT,
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
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Delete, Operation, Plan, plan_changes
from tests.core.strict_controller import StrictController, contents

PREFIX = ""
State = Mapping[AviRef, AviObject]


def state(*items: AviObject) -> State:
    return {item.ref: item for item in items}


def plan_of(before: State, after: State) -> Plan:
    return plan_changes(after, {ref: ObservedObject("uuid", item) for ref, item in before.items()}, PREFIX)


def told(operation: Operation) -> str:
    return f"{type(operation).__name__.lower()} {operation.ref.type} {operation.ref.name}"


def carried_out(before: State, after: State, choose: Callable[[Sequence[Operation]], int] = lambda _: 0) -> list[str]:
    """Carry plans out, one answer at a time, until nothing is left to do; give what was sent, by order of answers."""
    controller = StrictController(*before.values())
    for _ in range(4):
        plan = plan_changes(after, dict(controller.observed.items()), PREFIX)
        if not plan:
            assert contents(controller.observed) == after
            return [told(operation) for operation in controller.writes]
        execution = Execution(plan)
        list(controller.carried_out(execution, choose))
        assert execution.is_done
        assert not execution.stuck
        assert execution.is_partial or len(execution.succeeded) == len(plan.operations)
    raise AssertionError("four plans do not do it")


def tree(name: str, names: Iterable[str] = (), *others: AviObject, pools: Iterable[str] = ()) -> Sequence[AviObject]:
    """Build a virtual service with its address, a pool group and pools."""
    members = [Pool(name=f"{name}-{pool}") for pool in pools]
    return (
        VsVip(name=name, dns_info=tuple(map(DnsInfo, names))),
        *members,
        PoolGroup(name=name, members=tuple(PoolGroupMember(pool.ref, pool.name) for pool in members)),
        DataScriptSet(name=name, pool_group_refs=(AviRef("poolgroup", name),)),
        VirtualService(
            name=name,
            vs_type=PARENT,
            vsvip_ref=AviRef("vsvip", name),
            vs_datascripts=(AttachedDataScriptSet(1, AviRef("vsdatascriptset", name)),),
            http_policies=tuple(AttachedPolicySet(11, item.ref) for item in others if isinstance(item, HTTPPolicySet)),
        ),
        *others,
    )


def child(host: str, parent: str) -> Sequence[AviObject]:
    """Build an SNI child and its certificate."""
    certificate = SSLKeyAndCertificate(name=host)
    return (
        certificate,
        VirtualService(
            name=host,
            vs_type=CHILD,
            vh_parent_vs_ref=AviRef("virtualservice", parent),
            vh_domain_name=(host,),
            ssl_key_and_certificate_refs=(certificate.ref,),
        ),
    )


def redirect(name: str, *hosts: str) -> HTTPPolicySet:
    match = RequestMatch(host_hdr=HostMatch(hosts))
    rule = RequestRule(name="redirect", index=0, match=match, redirect_action=RedirectAction())
    return HTTPPolicySet(name=name, http_request_policy=RequestPolicy((rule,)))


def assert_order(sent: Sequence[str], *expected: str) -> None:
    """Check that some operations were sent, in this order."""
    assert [line for line in sent if line in expected] == list(expected)


ORDERS: Mapping[str, tuple[State, State, Sequence[str]]] = {
    "what is referred to comes first": (
        {},
        state(*tree("t", pools=["p"])),
        ["create pool t-p", "create poolgroup t", "create virtualservice t"],
    ),
    "what refers goes first": (
        state(*tree("t", pools=["p"])),
        {},
        ["delete virtualservice t", "delete poolgroup t", "delete pool t-p"],
    ),
    "an entry goes before the object it is about": (
        state(*tree("t", pools=["p", "q"])),
        state(*tree("t", pools=["p"])),
        ["update poolgroup t", "delete pool t-q"],
    ),
    "a name leaves before it enters": (
        state(*tree("a", ["x.com"]), *tree("b")),
        state(*tree("a"), *tree("b", ["x.com"])),
        ["update vsvip a", "update vsvip b"],
    ),
    "a redirect comes after the child it leads to": (
        state(*tree("t", [], redirect("r", "a.com"))),
        state(*tree("t", [], redirect("r", "a.com", "b.com")), *child("b.com", "t")),
        ["create virtualservice b.com", "update httppolicyset r"],
    ),
    "the first redirect comes after the child it leads to": (
        state(*tree("t")),
        state(*tree("t", [], redirect("r", "b.com")), *child("b.com", "t")),
        ["create virtualservice b.com", "create httppolicyset r", "update virtualservice t"],
    ),
    "plain HTTP is given up after the child is there": (
        state(*tree("t", pools=["b"])),
        state(*tree("t"), *child("b.com", "t")),
        ["create virtualservice b.com", "update poolgroup t", "delete pool t-b"],
    ),
    "a virtual service goes after what is new is there": (
        state(*tree("old")),
        state(*tree("new", pools=["p"])),
        ["create pool new-p", "create virtualservice new", "delete virtualservice old"],
    ),
    "names go first from what is deleted": (
        state(*tree("old", ["x.com", "y.com"])),
        state(*tree("new", ["x.com"], pools=["p"])),
        [
            "create vsvip new",
            "create virtualservice new",
            "update vsvip old",
            "update vsvip new",
            "delete virtualservice old",
            "delete vsvip old",
        ],
    ),
    "a name comes to where it is served, and leaves where it is served until then": (
        state(*tree("a", ["x.com"], pools=["x.com", "z.com"]), *tree("b", pools=["y.com"])),
        state(*tree("a", pools=["z.com"]), *tree("b", ["x.com"], pools=["x.com", "y.com"])),
        [
            "create pool b-x.com",
            "update poolgroup b",
            "update vsvip a",
            "update vsvip b",
            "update poolgroup a",
            "delete pool a-x.com",
        ],
    ),
    "what a name leaves serves it until where it comes to is whole": (
        state(*tree("a", ["x.com", "z.com"], pools=["x.com", "z.com"])),
        state(*tree("a", ["z.com"], pools=["z.com"]), *tree("b", ["x.com"], pools=["x.com"])),
        [
            "create vsvip b",
            "create virtualservice b",
            "update vsvip a",
            "update vsvip b",
            "update poolgroup a",
        ],
    ),
    "a child goes along with its name": (
        state(*tree("a", ["x.com"]), *child("x.com", "a"), *tree("b")),
        state(*tree("a"), *tree("b", ["x.com"]), *child("x.com", "b")),
        ["update vsvip a", "update virtualservice x.com", "update vsvip b"],
    ),
    "a child goes along with its name to a parent that is new": (
        state(*tree("old", ["x.com"]), *child("x.com", "old")),
        state(*tree("new", ["x.com"]), *child("x.com", "new")),
        [
            "create vsvip new",
            "create virtualservice new",
            "update vsvip old",
            "update virtualservice x.com",
            "update vsvip new",
            "delete virtualservice old",
            "delete vsvip old",
        ],
    ),
    "a name comes when the child is there, also where its parent is new": (
        state(*tree("old", ["x.com"], pools=["x.com"])),
        state(*tree("old"), *tree("new", ["x.com"]), *child("x.com", "new")),
        [
            "create vsvip new",
            "create virtualservice new",
            "create virtualservice x.com",
            "update vsvip old",
            "update vsvip new",
            "update poolgroup old",
            "delete pool old-x.com",
        ],
    ),
}


@pytest.mark.parametrize("choose", [lambda _: 0, lambda flying: len(flying) - 1], ids=["first", "last"])
@pytest.mark.parametrize(("before", "after", "expected"), ORDERS.values(), ids=ORDERS)
def test_the_order_is(
    before: State, after: State, expected: Sequence[str], choose: Callable[[Sequence[Operation]], int]
) -> None:
    assert_order(carried_out(before, after, choose), *expected)


def test_names_that_go_round_are_let_go_first() -> None:
    """Neither VsVip can have its new name while the other has it: one of them does without for a moment."""
    before = state(*tree("a", ["x.com"]), *tree("b", ["y.com"]), *tree("c", ["z.com"]))
    after = state(*tree("a", ["y.com"]), *tree("b", ["z.com"]), *tree("c", ["x.com"]))
    sent = carried_out(before, after)
    assert sorted(sent) == ["update vsvip a", "update vsvip a", "update vsvip b", "update vsvip c"]
    assert sent[0] == sent[-1] == "update vsvip a"


def test_what_was_not_sent_counts_as_not_done() -> None:
    """An operation that fails takes with it what needs it, and nothing else."""
    plan = plan_of({}, state(*tree("t", pools=["p"])))
    execution = Execution(plan)
    for operation in execution.start():
        execution.finish(operation, succeeded=operation.ref.type != "pool")
    assert execution.is_done
    assert execution.failed == {AviRef("pool", "t-p")}
    assert {ref.type for ref in execution.skipped} == {"poolgroup", "vsdatascriptset", "virtualservice"}
    assert not execution.stuck


def child_moves(count: int) -> Plan:
    """Plan that so many SNI children go, and that each is replaced by one with a pool and a redirect of its own."""
    gone = [item for n in range(count) for item in child(f"old{n}.com", "t")]
    new = [
        item
        for n in range(count)
        for item in (*child(f"new{n}.com", "t"), redirect(f"r{n}", f"new{n}.com"), Pool(name=f"p{n}"))
    ]
    return plan_of(state(*tree("t"), *gone), state(*tree("t"), *new))


@pytest.mark.parametrize("count", [10, 20, 40, 1000])
def test_an_order_costs_what_the_plan_is_large(count: int) -> None:
    """Every child that goes comes after everything new, and every redirect after every new child: not pair by pair."""
    found = order(child_moves(count).operations)
    new, gone, followers = 4 * count, count, count
    assert sum(map(len, found.awaited.values())) == (new + gone) + (count + followers)
    assert sum(map(len, found.needed.values())) == 2 * count, "certificates: before what is new, after what goes"


def test_a_virtual_service_goes_when_everything_new_has_come_to_its_end_whatever_became_of_it() -> None:
    plan = child_moves(3)
    execution = Execution(plan)
    changes = {operation.ref for operation in plan.operations if not isinstance(operation, Delete)}
    flying = execution.start()
    while flying:
        operation = flying.pop()
        assert not changes or not isinstance(operation, Delete)
        changes.discard(operation.ref)
        execution.finish(operation, succeeded=operation.ref.type != "pool")
        changes -= execution.skipped
        flying += execution.start()
    assert execution.is_done
    assert not execution.stuck
    assert {ref.name for ref in execution.failed} == {"p0", "p1", "p2"}
    assert not execution.skipped
    assert sum(isinstance(operation, Delete) for operation in execution.succeeded) == 6


def test_what_is_stopped_begins_nothing_more() -> None:
    """Not even what only waited for others to come to their end."""
    execution = Execution(child_moves(2))
    begun = execution.start()
    execution.stop()
    for operation in begun:
        execution.finish(operation, succeeded=True)
    assert execution.start() == []
    assert execution.is_done
    assert not execution.stuck
    assert {ref.type for ref in execution.skipped} == {"virtualservice", "sslkeyandcertificate", "httppolicyset"}


def test_names_go_first_from_all_that_is_deleted() -> None:
    """Each deleted VsVip is in a circle of its own, so that one plan lets all their names go."""
    there = [item for n in range(5) for item in tree(f"new{n}")]
    before = state(*(item for n in range(5) for item in tree(f"old{n}", [f"{n}.com"])), *there)
    after = state(*(item for n in range(5) for item in tree(f"new{n}", [f"{n}.com"])))
    found = order(plan_of(before, after).operations)
    letting_go = [
        ref.name for ref, operation in found.operations.items() if told(operation).startswith("update vsvip old")
    ]
    assert sorted(letting_go) == [f"old{n}" for n in range(5)]
    assert len([line for line in carried_out(before, after) if line.startswith("update vsvip old")]) == 5


NAMES = ("v.com", "w.com", "x.com", "y.com", "z.com")
TREES = ("a", "b", "c")
WORLDS = st.builds(
    lambda present, homes, children, pools, redirects: state(
        *(
            item
            for name in sorted(present)
            for item in tree(
                name,
                [fqdn for fqdn, home in zip(NAMES, homes, strict=True) if home == name],
                *([redirect(f"{name}-redirect", *sorted(redirects))] if redirects else []),
                pools=sorted(pools),
            )
        ),
        *(item for host, parent in children.items() if parent in present for item in child(host, parent)),
    ),
    st.sets(st.sampled_from(TREES)),
    st.tuples(*(st.sampled_from((*TREES, "nowhere")) for _ in NAMES)),
    st.dictionaries(st.sampled_from(("k.com", "l.com")), st.sampled_from(TREES)),
    st.sets(st.sampled_from(("p", "q"))),
    st.sets(st.sampled_from(("k.com", "l.com"))),
)


@given(WORLDS, WORLDS, st.integers(0, 2**32))
def test_any_plan_can_be_carried_out_whatever_answer_comes_first(before: State, after: State, seed: int) -> None:
    rng = random.Random(seed)
    carried_out(before, after, lambda flying: rng.randrange(len(flying)))


def test_deletions_are_never_sent_for_nothing() -> None:
    same = state(*tree("t", ["x.com"], pools=["p"]))
    assert not [op for op in plan_of(same, same).operations if isinstance(op, Delete)]
