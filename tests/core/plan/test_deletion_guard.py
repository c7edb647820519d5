"""Nobody takes too much away at once: hosts and port claims that would no longer be served wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.model import CHILD, PARENT, AviObject, Pool, PoolGroup, PoolGroupMember, VirtualService
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import DeletionGuard, Held
from ako.core.plan.plan import Create, Delete, Update
from ako.core.plan.proposal import Loss, Proposal
from ako.core.translate.metadata import child_metadata, parent_metadata, pool_metadata, port_metadata

TREE = frozenset({TreeName("c--shared")})
GROUP = AviRef("poolgroup", "c--shared")


def owner(host: str) -> NamespacedName:
    return NamespacedName("default", host.removesuffix(".com"))


def plain(host: str, path: str = "") -> Pool:
    return Pool(name=f"c--{host}{path}", service_metadata=pool_metadata(owner(host), host, 100))


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

    def propose(self, *wanted: AviObject, trees: frozenset[TreeName] = TREE, scope: Iterable[AviRef] = ()) -> Proposal:
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
        (
            shared(*(plain(host, path) for host in ("a.com", "b.com") for path in ("", "_x"))),
            shared(plain("a.com"), plain("b.com")),
        ),
    ],
    ids=[
        "an empty parent",
        "pools that nothing refers to",
        "hosts that change their form",
        "what is served twice",
        "a path of each",
    ],
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


def test_a_host_of_two_owners_is_meant_by_both_or_not_at_all() -> None:
    """The one that nobody touched may have lost its class."""
    two = (NamespacedName("default", "one"), NamespacedName("default", "two"))
    children = [
        VirtualService(name=f"c--{host}", vs_type=CHILD, service_metadata=child_metadata(two, host))
        for host in hosts(3)
    ]
    case = Case(*shared(*children), percent=0)
    case.guard.mean({two[0]}, frozenset())
    case.guard.intend(TREE)
    assert len(case.judge(*shared()).held) == 3
    case.guard.mean({two[1]}, frozenset())
    case.guard.intend(TREE)
    assert not case.judge(*shared()).held


def test_nobody_means_what_has_no_owner() -> None:
    """A plugin made it, and wrote nothing on it."""
    case = Case(*shared(*(VirtualService(name=f"c--{host}") for host in hosts(3))), percent=0)
    case.guard.mean({owner("h00.com")}, frozenset())
    case.guard.intend(TREE)
    assert len(case.judge(*shared()).held) == 3


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
    parts = [
        case.propose(trees=frozenset({TreeName(name)}), scope={ref}) for name, ref in (("x", one.ref), ("y", two.ref))
    ]
    assert all(proposal.held for proposal in case.guard.apply(parts))
    assert not any(proposal.held for proposal in case.guard.apply(parts[:1]))


def odd(name: str = "c--Shared-L7-EVH-0") -> VirtualService:
    return VirtualService(name=name, vs_type=PARENT, service_metadata=parent_metadata())


def going(proposal: Proposal) -> set[AviRef]:
    return {operation.ref for operation in proposal.plan.of(Delete)}


def test_where_somebody_else_seems_to_work_not_even_a_single_orphan_goes() -> None:
    orphan = Pool(name="c--orphan")
    case = Case(*shared(plain("a.com")), orphan, odd(), percent=100)
    case.guard.suspect(frozenset({odd().ref}))
    case.guard.mean({owner("a.com")}, frozenset())
    case.guard.intend(TREE)
    new = plain("new.com")
    proposal = case.judge(*shared(new))
    assert going(proposal) == set()
    assert new.ref in {operation.ref for operation in proposal.plan.of(Create)}
    (group,) = (update.object for update in proposal.plan.of(Update))
    assert {member.pool_ref for member in group.members} == {plain("a.com").ref, new.ref}
    assert case.guard.held == Held.because_of({odd().ref})
    assert case.guard.waiting == TREE


@pytest.mark.parametrize("how", ["confirmed", "gone", "not odd any more"])
def test_and_goes_when_that_is_over(how: str) -> None:
    orphan = Pool(name="c--orphan")
    case = Case(*shared(plain("a.com")), orphan, odd())
    case.guard.suspect(frozenset({odd().ref}))
    case.judge(*shared(plain("a.com")))
    assert not case.guard.is_reopened
    if how == "confirmed":
        case.guard.confirmed = case.guard.held.id
    elif how == "gone":
        case.observed.forget(odd().ref)
    else:
        case.guard.suspect(frozenset())
    assert case.guard.is_reopened
    assert orphan.ref in going(case.judge(*shared(plain("a.com"))))
    assert not case.guard.held


def test_what_an_operator_said_holds_until_they_are_gone_and_for_no_others() -> None:
    one, two, three = odd("c--one"), odd("c--two"), odd("c--three")
    case = Case(one, two)
    case.guard.suspect(frozenset({one.ref, two.ref}))
    case.judge()
    case.guard.confirmed = case.guard.held.id
    case.observed.forget(one.ref)
    case.guard.suspect(frozenset({two.ref}))  # a full sync meanwhile
    case.guard.confirmed = ""
    assert going(case.judge()) == {two.ref}
    case.observed.put(three.ref, ObservedObject("u", three))
    case.guard.suspect(frozenset({two.ref, three.ref}))
    assert going(case.judge()) == set()
    assert case.guard.held.odd == {"c--three"}


def test_one_word_is_enough_for_what_they_served() -> None:
    """It is they that were confirmed; who else would lose service is counted as ever."""
    left_over = [
        VirtualService(name=f"c--{host}", vs_type=CHILD, service_metadata=child_metadata([owner(host)], host))
        for host in hosts(3)
    ]
    case = Case(*shared(plain("x.com"), plain("y.com")), *left_over)
    case.guard.suspect(frozenset(item.ref for item in left_over))
    case.judge(*shared(plain("x.com"), plain("y.com")))
    case.guard.confirmed = case.guard.held.id
    assert going(case.judge(*shared(plain("x.com"), plain("y.com")))) == {item.ref for item in left_over}
    assert case.judge(*shared()).held


def test_what_a_user_deleted_meanwhile_is_remembered_as_meant() -> None:
    items = list(map(plain, hosts(4)))
    case = Case(*shared(*items), odd(), percent=0)
    case.guard.suspect(frozenset({odd().ref}))
    case.guard.mean({owner(host) for host in hosts(3)}, frozenset())
    case.guard.intend(TREE)
    assert going(case.judge(*shared(items[3]))) == set()
    case.guard.forget(next(iter(TREE)))  # its plan is done
    case.guard.suspect(frozenset())
    assert {item.ref for item in items[:3]} <= going(case.judge(*shared(items[3])))


def test_its_id_is_the_same_in_every_process_and_that_of_nothing_else() -> None:
    refs = frozenset({odd("c--one").ref, odd("c--two").ref})
    assert Held.because_of(sorted(refs)) == Held.because_of(sorted(refs, reverse=True))
    losses = [Loss(ref.name, frozenset(), frozenset()) for ref in refs]
    assert Held.because_of(refs).id != Held.of(losses).id
