"""Nobody takes too much away at once: hosts and port claims that would no longer be served wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

from ako.core.base.refs import AviRef, NamespacedName
from ako.core.model import CHILD, PARENT, AviObject, Pool, PoolGroup, PoolGroupMember, VirtualService
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import DeletionGuard
from ako.core.plan.plan import Update
from ako.core.plan.proposal import Proposal
from ako.core.translate.metadata import child_metadata, parent_metadata, pool_metadata, port_metadata

TREE = frozenset({"c--shared"})
GROUP = AviRef("poolgroup", "c--shared")


def owner(host: str) -> NamespacedName:
    return NamespacedName("default", host.removesuffix(".com"))


def plain(host: str) -> Pool:
    return Pool(name=f"c--{host}", service_metadata=pool_metadata(owner(host), host, 100))


def secure(host: str) -> VirtualService:
    return VirtualService(name=f"c--{host}", vs_type=CHILD, service_metadata=child_metadata([owner(host)], host))


def port(name: str) -> VirtualService:
    return VirtualService(name=f"c--{name}", service_metadata=port_metadata(NamespacedName("default", name), ()))


def shared(*items: AviObject) -> list[AviObject]:
    """Give a shared virtual service with these on it; plain pools are members of its group."""
    members = tuple(PoolGroupMember(item.ref) for item in items if isinstance(item, Pool))
    parent = VirtualService(
        name="c--shared", vs_type=PARENT, service_metadata=parent_metadata(), network_profile_ref=GROUP
    )
    return [parent, PoolGroup(name="c--shared", members=members), *items]


class Case:
    """A guard over what is there."""

    def __init__(self, *there: AviObject, percent: int = 25) -> None:
        self.observed = Observed()
        for item in there:
            self.observed.put(item.ref, ObservedObject("u", item))
        self.guard = DeletionGuard(self.observed)
        self.guard.max_percent = percent

    def propose(self, *wanted: AviObject, trees: frozenset[str] = TREE, scope: Iterable[AviRef] = ()) -> Proposal:
        desired = {item.ref: item for item in wanted}
        seen = {ref: found for ref, found in self.observed.items() if not scope or ref in scope}
        return Proposal.of(trees, desired, seen, "c--")

    def judge(self, *wanted: AviObject) -> Proposal:
        (proposal,) = self.guard.apply([self.propose(*wanted)])
        self.guard.note([proposal])
        return proposal

    def carry_out(self, proposal: Proposal) -> None:
        for operation in proposal.plan.operations:
            self.observed.forget(operation.ref)


def hosts(count: int) -> list[str]:
    return [f"h{n:02}.com" for n in range(count)]


@pytest.mark.parametrize("kind", [plain, secure, port])
@pytest.mark.parametrize(
    ("lost", "live", "percent", "is_held"),
    [
        (1, 1, 0, False),
        (1, 40, 0, False),
        (2, 2, 25, True),
        (2, 2, 99, True),
        (2, 2, 100, False),
        (2, 8, 25, False),
        (2, 7, 25, True),
        (3, 4, 75, False),
        (4, 4, 75, True),
        (10, 40, 25, False),
        (11, 40, 25, True),
        (40, 40, 25, True),
    ],
)
def test_a_share_of_what_is_served_may_go_at_once(
    kind: object, lost: int, live: int, percent: int, is_held: bool
) -> None:
    assert callable(kind)
    items = [kind(host) for host in hosts(live)]
    case = Case(*shared(*items), percent=percent)
    proposal = case.judge(*shared(*items[lost:]))
    gone = [operation.ref for operation in proposal.plan.operations]
    assert (items[0].ref not in gone) is is_held
    assert len(case.guard.held.served) == (lost if is_held else 0)


def test_what_is_held_stays_reachable_and_everything_else_goes_on() -> None:
    items = [plain(host) for host in hosts(3)]
    case = Case(*shared(*items))
    new = plain("new.com")
    proposal = case.judge(*shared(new))
    (group,) = (op.object for op in proposal.plan.operations if op.ref == GROUP and isinstance(op, Update))
    assert isinstance(group, PoolGroup)
    assert {member.pool_ref for member in group.members} == {item.ref for item in (*items, new)}
    assert new.ref in {operation.ref for operation in proposal.plan.operations}


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        (shared(), []),
        ([*shared(), plain("a.com"), plain("b.com")], shared()),
        (shared(plain("a.com"), plain("b.com")), shared(secure("a.com"), secure("b.com"))),
        ([*shared(), secure("a.com"), secure("b.com"), plain("a.com")], shared(secure("a.com"), secure("b.com"))),
    ],
    ids=["an empty parent", "pools that nothing refers to", "hosts that change their form", "what is served twice"],
)
def test_what_leaves_nobody_without_service_is_not_counted(
    there: Sequence[AviObject], wanted: Sequence[AviObject]
) -> None:
    case = Case(*there, percent=0)
    assert not case.judge(*wanted).held
    assert not case.guard.held


MEANT: Mapping[str, tuple[set[str], set[str]]] = {
    "deleted": ({"h00", "h01", "h02"}, set()),
    "edited": (set(), {"h00", "h01", "h02"}),
    "both": ({"h00"}, {"h01", "h02"}),
}


@pytest.mark.parametrize("how", MEANT)
def test_what_users_delete_or_edit_themselves_is_not_held(how: str) -> None:
    case = Case(*shared(*map(plain, hosts(3))), percent=0)
    deleted, edited = ({NamespacedName("default", name) for name in names} for names in MEANT[how])
    case.guard.mean(deleted, edited)
    case.guard.intend(TREE)
    assert not case.judge(*shared()).held


def test_nor_while_something_else_is_held() -> None:
    items = list(map(plain, hosts(4)))
    case = Case(*shared(*items))
    assert len(case.judge(*shared(items[0])).held) == 3
    case.guard.mean({owner("h00.com")}, frozenset())
    case.guard.intend(TREE)
    proposal = case.judge(*shared())
    assert items[0].ref in {operation.ref for operation in proposal.plan.operations}
    assert case.guard.held.served == set(hosts(4)[1:])


def test_an_edit_of_something_whose_deletion_waits_says_nothing_about_that() -> None:
    case = Case(*shared(*map(plain, hosts(4))))
    case.judge(*shared())
    case.guard.mean(frozenset(), {owner(host) for host in hosts(4)})
    case.guard.intend(TREE)
    assert len(case.judge(*shared()).held) == 4
    case.guard.mean({owner(host) for host in hosts(4)}, frozenset())
    case.guard.intend(TREE)
    assert not case.judge(*shared()).held


def test_what_was_meant_speaks_for_a_tree_until_it_is_in_line() -> None:
    case = Case(*shared(*map(plain, hosts(3))), percent=0)
    case.guard.mean({owner(host) for host in hosts(3)}, frozenset())
    case.guard.intend(TREE)
    case.guard.forget(next(iter(TREE)))
    assert case.judge(*shared()).held


def test_a_plan_keeps_its_id_while_it_waits_and_until_it_stands_for_more() -> None:
    items = list(map(plain, hosts(8)))
    case = Case(*shared(*items))
    case.judge(*shared(*items[4:]))
    first = case.guard.held
    assert len(first.served) == 4
    case.observed.forget(items[0].ref)  # somebody deletes one of them on the Controller
    case.judge(*shared(*items[4:]))
    assert (case.guard.held.id, len(case.guard.held.served)) == (first.id, 3)
    case.judge(*shared(*items[5:]))
    assert case.guard.held.id != first.id
    assert len(case.guard.held.served) == 4


def test_another_process_gives_the_same_losses_the_same_id() -> None:
    items = list(map(plain, hosts(4)))
    ids = set()
    for order in (items, items[::-1]):
        case = Case(*shared(*order))
        case.judge(*shared())
        ids.add(case.guard.held.id)
    assert len(ids) == 1


def test_what_is_confirmed_goes_in_parts_too() -> None:
    items = list(map(plain, hosts(4)))
    case = Case(*shared(*items))
    case.judge(*shared())
    case.guard.confirmed = case.guard.held.id
    assert case.guard.is_reopened
    proposal = case.judge(*shared(*items[2:]))
    assert not proposal.held
    case.carry_out(proposal)
    assert not case.judge(*shared()).held


def test_another_confirmation_allows_nothing() -> None:
    case = Case(*shared(*map(plain, hosts(4))))
    case.judge(*shared())
    case.guard.confirmed = "0123456789ab"
    assert case.judge(*shared()).held


def test_what_waits_is_judged_anew_when_it_is_not_there_any_more() -> None:
    items = list(map(plain, hosts(3)))
    case = Case(*shared(*items))
    case.judge(*shared())
    assert not case.guard.is_reopened
    for item in items:
        case.observed.forget(item.ref)
    assert case.guard.is_reopened
    case.judge(*shared())
    assert not case.guard.held
    assert not case.guard.is_reopened


def test_what_is_not_due_has_to_be_judged_too_if_anything_goes() -> None:
    items = list(map(plain, hosts(4)))
    case = Case(*shared(*items))
    assert case.guard.asks_for_all([case.propose(*shared(*items[1:]))])
    assert not case.guard.asks_for_all([case.propose(*shared(*items))])


def test_proposals_are_judged_together() -> None:
    one, two = plain("a.com"), plain("b.com")
    case = Case(*shared(one, two), plain("c.com"), percent=50)
    parts = [case.propose(trees=frozenset({name}), scope={ref}) for name, ref in (("x", one.ref), ("y", two.ref))]
    assert all(proposal.held for proposal in case.guard.apply(parts))
    assert not any(proposal.held for proposal in case.guard.apply(parts[:1]))
