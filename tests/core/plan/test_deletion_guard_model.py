"""The deletion guard against a model that knows hosts and nothing else, over any history."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.model import PARENT, AviObject, Pool, PoolGroup, PoolGroupMember, VirtualService
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import DeletionGuard, Held
from ako.core.plan.plan import Delete
from ako.core.plan.proposal import Loss, Proposal
from ako.core.translate.metadata import parent_metadata, pool_metadata
from tests.properties import share_of

TREES = tuple(map(TreeName, ("c--0", "c--1", "c--2")))
HOSTS = tuple(f"h{number}.com" for number in range(8))
TREE_OF = {host: TREES[number % len(TREES)] for number, host in enumerate(HOSTS)}


def owner(host: str) -> NamespacedName:
    return NamespacedName("default", host)


def pool(host: str) -> Pool:
    return Pool(name=f"c--{host}", service_metadata=pool_metadata(owner(host), host, 100))


def objects(tree: TreeName, hosts: set[str]) -> dict[AviRef, AviObject]:
    """Give a shared virtual service with plain hosts."""
    pools = [pool(host) for host in sorted(hosts) if TREE_OF[host] == tree]
    group = PoolGroup(name=tree.name, members=tuple(PoolGroupMember(item.ref) for item in pools))
    parent = VirtualService(
        name=tree.name, vs_type=PARENT, service_metadata=parent_metadata(), network_profile_ref=group.ref
    )
    return {item.ref: item for item in (parent, group, *pools)}


class Model:
    """Who is served, who should be, who is meant to go, and who is held."""

    def __init__(self) -> None:
        self.there = set(HOSTS)
        self.wanted = set(HOSTS)
        self.meant: dict[TreeName, set[str]] = {tree: set() for tree in TREES}
        self.waiting: set[str] = set()
        self.named = Held()
        self.percent, self.confirmed = 25, ""
        self.decided_by = (self.percent, self.confirmed)

    def asks_for_all(self, due: set[TreeName]) -> bool:
        """Nothing of a deletion passes unseen beside another one."""
        return any(TREE_OF[host] in due for host in (self.there - self.wanted) | self.waiting)

    def id_of(self, hosts: set[str]) -> str:
        """Give the name that operators know these by: as long as they are not more, the one they were told."""
        if hosts <= self.named.served:
            return self.named.id
        return Held.of(Loss(host, frozenset(), frozenset()) for host in hosts).id

    def judge(self, trees: set[TreeName]) -> set[str]:
        """Give who of some trees is kept."""
        lost = {h for h in self.there - self.wanted if TREE_OF[h] in trees and h not in self.meant[TREE_OF[h]]}
        is_much = len(lost) > 1 and len(lost) * 100 > len(self.there) * self.percent
        held = lost if is_much and self.id_of(lost) != self.confirmed else set()
        self.waiting = held | {host for host in self.waiting if TREE_OF[host] not in trees}
        if self.waiting:
            self.named = Held(self.id_of(self.waiting), frozenset(self.waiting))
        self.decided_by = (self.percent, self.confirmed)
        return held

    def carry_out(self, tree: TreeName) -> None:
        of_tree = {host for host in HOSTS if TREE_OF[host] == tree}
        self.there = (self.there - of_tree) | ((self.wanted | (self.waiting & self.there)) & of_tree)
        self.meant[tree].clear()

    @property
    def is_reopened(self) -> bool:
        is_decided_otherwise = self.decided_by != (self.percent, self.confirmed)
        is_meant = any(host in self.meant[TREE_OF[host]] for host in self.waiting)
        return bool(self.waiting) and (is_decided_otherwise or is_meant or not self.waiting <= self.there)


class History:
    """A guard and its model, to which the same happens."""

    def __init__(self) -> None:
        self.model = Model()
        self.observed = Observed()
        for tree in TREES:
            for ref, item in objects(tree, set(HOSTS)).items():
                self.observed.put(ref, ObservedObject("u", item))
        self.guard = DeletionGuard(self.observed)
        self.guard.max_percent = self.model.percent

    def _mean(self, hosts: set[str], changed: set[TreeName], *, deleted: bool) -> None:
        meant = {owner(host) for host in hosts}
        self.guard.mean(meant if deleted else frozenset(), frozenset() if deleted else meant)
        self.guard.intend(changed)
        of_waiting = {TREE_OF[host] for host in hosts & self.model.waiting if deleted}
        for tree in changed | of_waiting:
            self.model.meant[tree] |= hosts if deleted else hosts - self.model.waiting

    # What can happen; `hosts` and `number` are what chance gives.

    def users_delete(self, hosts: set[str], _: int) -> None:
        self._go(hosts, deleted=True)

    def users_edit_away(self, hosts: set[str], _: int) -> None:
        self._go(hosts, deleted=False)

    def _go(self, hosts: set[str], *, deleted: bool) -> None:
        changed = {TREE_OF[host] for host in hosts & self.model.wanted}
        self.model.wanted -= hosts
        self._mean(hosts, changed, deleted=deleted)

    def users_edit(self, hosts: set[str], _: int) -> None:
        """Something that changes their trees, not whether they are wanted."""
        self._mean(hosts, {TREE_OF[host] for host in hosts}, deleted=False)

    def are_lost(self, hosts: set[str], _: int) -> None:
        self.model.wanted -= hosts
        self.guard.intend({TREE_OF[host] for host in hosts})

    def come_back(self, hosts: set[str], _: int) -> None:
        self.model.wanted |= hosts
        self.guard.intend({TREE_OF[host] for host in hosts})

    def somebody_deletes(self, hosts: set[str], _: int) -> None:
        """On the Controller, and a full sync finds that."""
        self.model.there -= hosts
        for host in hosts:
            self.observed.forget(pool(host).ref)

    def operator_confirms(self, _: set[str], number: int) -> None:
        confirmed = [self.guard.held.id, self.guard.held.id, "", "0123456789ab"][number % 4]
        self.guard.confirmed = self.model.confirmed = confirmed

    def operator_sets(self, _: set[str], number: int) -> None:
        self.guard.max_percent = self.model.percent = [0, 25, 50, 99, 100][number % 5]

    def pass_(self, hosts: set[str], number: int) -> None:
        """Plan the trees of some hosts, or of all; every fourth time the Controller does not answer."""
        due = {TREE_OF[host] for host in hosts} if number % 2 else set(TREES)
        proposals = [self._propose(tree) for tree in TREES if tree in due]
        asks = self.guard.asks_for_all(proposals)
        assert asks is self.model.asks_for_all(due)
        if asks:
            proposals += [self._propose(tree) for tree in TREES if tree not in due]
            due = set(TREES)
        expected = self.model.judge(due)
        proposals = list(self.guard.apply(proposals))
        self.guard.note(proposals)
        assert {loss.name for proposal in proposals for loss in proposal.held} == expected
        gone = {op.ref for proposal in proposals for op in proposal.plan.operations if isinstance(op, Delete)}
        going = {host for host in self.model.there - self.model.wanted - expected if TREE_OF[host] in due}
        assert gone == {pool(host).ref for host in going}
        for proposal in proposals if number % 4 else ():
            self._carry_out(proposal)

    def _propose(self, tree: TreeName) -> Proposal:
        wanted = objects(tree, self.model.wanted)
        ours = {*objects(tree, set(HOSTS))}
        seen = {ref: found for ref, found in self.observed.items() if ref in ours}
        return Proposal.of(frozenset({tree}), wanted, seen, "c--")

    def _carry_out(self, proposal: Proposal) -> None:
        (tree,) = proposal.trees
        for operation in proposal.plan.operations:
            if isinstance(operation, Delete):
                self.observed.forget(operation.ref)
            else:
                self.observed.put(operation.ref, ObservedObject("u", operation.object))
        self.guard.forget(tree)
        self.model.carry_out(tree)

    def check(self) -> None:
        model, guard = self.model, self.guard
        assert guard.held.served == model.waiting
        assert not model.waiting or guard.held.id == model.named.id
        assert guard.waiting == {TREE_OF[host] for host in model.waiting}
        assert guard.is_reopened is model.is_reopened
        assert set(self.observed.all_served()) == model.there


STEPS = (
    *("users_delete", "users_edit_away", "users_edit", "are_lost", "are_lost", "come_back", "somebody_deletes"),
    *("operator_confirms", "operator_sets", "pass_", "pass_", "pass_"),
)
HISTORIES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sets(st.sampled_from(HOSTS), min_size=1, max_size=5), st.integers(0, 19)),
    min_size=10,
    max_size=20,
)


@settings(max_examples=share_of(150))
@given(HISTORIES)
def test_who_is_held_is_whom_a_model_holds(steps: Sequence[tuple[str, set[str], int]]) -> None:
    history = History()
    for step, hosts, number in steps:
        getattr(history, step)(hosts, number)
        history.check()
