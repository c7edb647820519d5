"""Whoever spoils a shared object is found, and nobody else stays out."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.quarantine import Quarantine
from ako.core.assemble.pipeline import SUBSTITUTES
from ako.core.assemble.tree import Tree
from ako.core.base.refs import TreeName
from ako.core.model import VsVip
from ako.core.observe.observed import Observed, ObservedObject
from tests.builders import Fed, endpoints, ingress, service
from tests.builders import settings as loaded

NAME = TreeName("my-cluster--Shared-L7-0")
VSVIP = NAME.ref("vsvip")
HOSTS = tuple(f"h{number}.com" for number in range(9))

Names = Set[str]


class Play:
    """A tree, a quarantine, and a Controller that takes its VsVip or not, by the names on it."""

    def __init__(self, hosts: Sequence[str], is_taken: Callable[[Names], bool]) -> None:
        self.fed = Fed(using=loaded(L7Settings__shardVSSize="SMALL"))
        self.fed.apply(service("web"), endpoints("web", "10.0.0.1"))
        for age, host in enumerate(hosts):
            self.declare(host, age=age)
        self.observed = Observed()
        self.quarantine = Quarantine(self.observed)
        self.is_taken = is_taken
        self.refused: list[Names] = []
        self.taken: list[Names] = []

    def declare(self, host: str, *paths: str, age: int = 0) -> None:
        created = f"2026-01-01T00:00:{age:02d}Z"
        rules = [(host, path, "web:80") for path in ("/", *paths)]
        self.fed.apply(ingress(f"i-{host}", *rules, created=created))

    @property
    def tree(self) -> Tree:
        self.fed.pipeline.refresh()
        tree = self.fed.pipeline.trees.value(NAME)
        assert tree is not None
        return tree

    def names(self) -> Names:
        """Give the hosts whose names are wanted."""
        vsvip = self.tree.objects[VSVIP]
        assert isinstance(vsvip, VsVip)
        return {fqdn for fqdn in vsvip.fqdns if not fqdn.startswith("my-cluster")}

    def write(self) -> bool:
        """Have the Controller decide about the tree as it is wanted; say whether something else is to be tried."""
        tree, names = self.tree, self.names()
        if self.is_taken(names):
            self.taken.append(names)
            for item in tree.objects.values():
                self.observed.put(item.ref, ObservedObject("u", item))
            goes_on = self.quarantine.note_accepted(tree)
        else:
            self.refused.append(names)
            goes_on = self.quarantine.note_refused(tree, VSVIP, "no")
        self.substitute()
        return goes_on

    def substitute(self) -> None:
        self.fed.pipeline.engine.set_input(SUBSTITUTES, self.quarantine.substitutes(NAME), NAME)

    def settle(self, limit: int = 200) -> Names:
        """Go on until nothing is left to try; give the hosts that are in."""
        for _ in range(limit):
            if not self.write():
                return self.inside()
        raise AssertionError("the search does not end")

    def inside(self) -> Names:
        return {str(placed.key) for placed in self.tree.hosts if placed.translation.contribution.members}

    def sync(self) -> Names:
        """Have a full sync."""
        self.refused.clear()
        self.taken.clear()
        self.quarantine.retry()
        self.substitute()
        return self.settle()

    def told(self) -> Names:
        return {problem.source.name.removeprefix("i-") for problem in self.tree.problems}


@settings(max_examples=60)
@given(st.integers(1, len(HOSTS)), st.sets(st.sampled_from(HOSTS)), st.booleans())
def test_exactly_the_culprits_stay_out(count: int, bad: set[str], is_made: bool) -> None:
    play = Play(HOSTS[:count], lambda names: not names & bad)
    if is_made:
        play.observed.put(VSVIP, ObservedObject("u", VsVip(name=NAME.name)))
    assert play.settle() == set(HOSTS[:count]) - bad
    assert play.told() == set(HOSTS[:count]) & bad


@settings(max_examples=20)
@given(st.integers(1, len(HOSTS)), st.integers(0, len(HOSTS)))
def test_past_a_limit_the_oldest_are_in(count: int, limit: int) -> None:
    play = Play(HOSTS[:count], lambda names: len(names) <= limit)
    assert play.settle() == set(HOSTS[: min(count, limit)])


@pytest.mark.parametrize("bad", range(1, len(HOSTS) + 1))
def test_the_search_costs_two_refused_writes_a_culprit(bad: int) -> None:
    play = Play(HOSTS[:bad], lambda names: not names)
    play.observed.put(VSVIP, ObservedObject("u", VsVip(name=NAME.name)))
    play.settle()
    assert len(play.refused) <= 2 * bad


def test_a_search_halves() -> None:
    play = Play([f"h{number}.com" for number in range(40)], lambda names: "h17.com" not in names)
    play.observed.put(VSVIP, ObservedObject("u", VsVip(name=NAME.name)))
    play.settle()
    assert len(play.refused) + len(play.taken) <= 15


def test_whose_turn_has_not_come_keeps_what_is_its_own() -> None:
    play = Play(HOSTS[:4], lambda names: not names & {"h3.com"})
    pools = {ref for ref in play.tree.objects if ref.type == "pool"}
    assert len(pools) == 4
    while play.write():
        waiting = {ref for ref in play.tree.objects if ref.type == "pool"}
        assert len(waiting) >= 3, "only a culprit loses what is its own"


def test_an_object_that_is_refused_with_nobody_on_it_is_nobodys_fault() -> None:
    is_full = [True]
    play = Play(HOSTS[:6], lambda _: not is_full[0])
    play.settle()
    assert play.refused == [set(HOSTS[:6]), set()]
    assert play.quarantine.fault(NAME) == "no"
    assert play.told() == set()
    play.write()
    assert play.refused[-1] == set(), "it is tried again with nobody"
    is_full[0] = False
    assert play.settle() == set(HOSTS[:6])
    assert play.quarantine.fault(NAME) == ""


def test_a_full_sync_costs_one_refused_write_and_tells_nobody_again() -> None:
    bad = set(HOSTS[:7])
    play = Play(HOSTS, lambda names: not names & bad)
    play.settle()
    for _ in range(12):
        play.quarantine.retry()
        play.substitute()
        assert play.told() == bad, "while they are tried, too"
        assert not [ref for ref in play.tree.objects if ref.type == "pool" and ref.name.split("--")[1][:6] in bad]
        before = len(play.refused)
        assert play.settle() == set(HOSTS) - bad
        assert len(play.refused) - before == 1


def test_whoever_is_mended_gets_in_within_some_full_syncs() -> None:
    bad = set(HOSTS[:7])
    play = Play(HOSTS, lambda names: not names & bad)
    play.settle()
    bad.discard("h5.com")
    for _ in range(14):
        if "h5.com" in play.sync():
            break
    assert play.inside() == set(HOSTS) - bad
    bad.clear()
    for _ in range(14):
        if play.sync() == set(HOSTS):
            break
    assert play.inside() == set(HOSTS)
    assert play.told() == set()


def test_whoever_was_accepted_is_suspected_when_the_object_is_gone() -> None:
    """It was deleted by hand, and somebody else has one of its names by now."""
    bad: set[str] = set()
    play = Play(HOSTS, lambda names: not names & bad)
    assert play.settle() == set(HOSTS)
    play.observed.forget(VSVIP)
    bad.add("h4.com")
    assert play.settle() == set(HOSTS) - bad
    assert play.told() == bad


def test_an_edit_of_a_live_host_is_suspected_and_nobody_else() -> None:
    """Who only has other servers adds nothing new."""
    play = Play(HOSTS, lambda _: True)
    play.settle()
    play.fed.apply(endpoints("web", "10.0.0.1", "10.0.0.2"))
    play.declare("h2.com", "/new")
    before = play.quarantine._accepted[NAME]["h2.com"]
    play.quarantine.note_refused(play.tree, NAME.ref("poolgroup"), "no")
    play.substitute()
    assert play.told() == {"h2.com"}
    assert play.tree.by_key["h2.com"] == before


def test_a_host_that_comes_while_others_are_tried_has_its_own_turn() -> None:
    bad = {"h9.com"}
    play = Play(HOSTS, lambda names: not names & {"h1.com", *bad})
    play.write()
    play.declare("h9.com", age=9)
    assert play.settle() == set(HOSTS) - {"h1.com"}
    assert play.told() == {"h1.com", "h9.com"}


def test_an_edit_gives_another_chance() -> None:
    play = Play(HOSTS[:2], lambda names: "h1.com" not in names)
    assert play.settle() == {"h0.com"}
    play.declare("h1.com", "/other")
    assert play.inside() == {"h0.com", "h1.com"}


def test_who_starts_over_suspects_nobody_and_goes_back_to_nothing_older() -> None:
    """Somebody else may have written meanwhile: what was accepted here before is no longer what was there last."""
    play = Play(HOSTS[:3], lambda names: HOSTS[1] not in names)
    while play.write():
        pass
    assert play.quarantine.substitutes(NAME)
    assert play.quarantine.forget() == (NAME,)
    play.substitute()
    assert play.names() == set(HOSTS[:3])
    assert play.quarantine.forget() == ()
