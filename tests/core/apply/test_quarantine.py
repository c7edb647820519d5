"""Whoever spoils a shared object is found, and nobody else stays out."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.apply.quarantine import Quarantine
from ako.core.assemble.pipeline import SUBSTITUTES
from ako.core.assemble.tree import Tree
from ako.core.observe.observed import Observed
from tests.builders import Fed, endpoints, ingress, service
from tests.builders import settings as loaded

NAME = "my-cluster--Shared-L7-0"
HOSTS = tuple(f"h{number}.com" for number in range(9))


def _fed(hosts: Sequence[str]) -> Fed:
    fed = Fed(using=loaded(L7Settings__shardVSSize="SMALL"))
    fed.apply(service("web"), endpoints("web", "10.0.0.1"))
    for age, host in enumerate(hosts):
        created = f"2026-01-01T00:00:{age:02d}Z"
        fed.apply(ingress(f"i-{host}", (host, "/", "web:80"), created=created))
    return fed


def _tree(fed: Fed) -> Tree:
    fed.pipeline.refresh()
    tree = fed.pipeline.trees.value(NAME)
    assert tree is not None
    return tree


def _search(fed: Fed, quarantine: Quarantine, is_taken: object, limit: int = 100) -> set[str]:
    """Play the Controller until nothing is left to try; give the hosts that are in."""
    for _ in range(limit):
        tree = _tree(fed)
        hosts = {str(placed.key) for placed in tree.hosts}
        assert callable(is_taken)
        goes_on = quarantine.note_accepted(tree) if is_taken(hosts) else quarantine.note_refused(tree, "no")
        if not goes_on:
            return hosts
        fed.pipeline.engine.set_input(SUBSTITUTES, quarantine.substitutes(NAME), NAME)
    raise AssertionError("the search does not end")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(HOSTS)), st.sets(st.sampled_from(HOSTS)))
def test_exactly_the_culprits_stay_out(count: int, bad: set[str]) -> None:
    fed, quarantine = _fed(HOSTS[:count]), Quarantine(Observed())
    inside = _search(fed, quarantine, lambda hosts: not hosts & bad)
    assert inside == set(HOSTS[:count]) - bad
    told = {problem.source.name for problem in _tree(fed).problems}
    assert told == {f"i-{host}" for host in set(HOSTS[:count]) & bad}


@settings(max_examples=20, deadline=None)
@given(st.integers(1, len(HOSTS)), st.integers(0, len(HOSTS)))
def test_past_a_limit_the_oldest_are_in(count: int, limit: int) -> None:
    fed = _fed(HOSTS[:count])
    inside = _search(fed, Quarantine(Observed()), lambda hosts: len(hosts) <= limit)
    assert inside == set(HOSTS[: min(count, limit)])


def test_a_live_host_that_spoils_it_keeps_what_it_had() -> None:
    fed, quarantine = _fed(HOSTS[:2]), Quarantine(Observed())
    assert _search(fed, quarantine, lambda _: True) == set(HOSTS[:2])
    before = _tree(fed).by_key["h0.com"]
    fed.apply(ingress("i-h0.com", ("h0.com", "/", "web:80"), ("h0.com", "/new", "web:80")))

    def is_taken(_: set[str]) -> bool:
        return len(_tree(fed).by_key["h0.com"].translation.contribution.members) == 1

    assert _search(fed, quarantine, is_taken) == set(HOSTS[:2])
    assert _tree(fed).by_key["h0.com"] == before


def test_an_edit_gives_another_chance() -> None:
    fed, quarantine = _fed(HOSTS[:2]), Quarantine(Observed())
    assert _search(fed, quarantine, lambda hosts: "h1.com" not in hosts) == {"h0.com"}
    fed.apply(ingress("i-h1.com", ("h1.com", "/other", "web:80")))
    assert {str(placed.key) for placed in _tree(fed).hosts} == {"h0.com", "h1.com"}
