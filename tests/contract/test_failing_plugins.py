"""A plugin that fails is unknown, not empty: its last good result stays, nothing is deleted, others are left alone."""

from __future__ import annotations

import logging

import pytest

from ako import Outcome
from ako.core.hooks.loading import Plugin
from ako.core.observe.observed import ObservedObject
from ako.core.plan.protection import hold_back, protection_for
from ako.testing.rehearsal import Manifest, Rehearsal, ref_of
from tests.builders import CLASS, endpoints, ingress, service
from tests.contract.moody import BEHAVIOURS, FAILURES, Moody, mood

OTHERS = (CLASS, ingress("shop", ("shop.com", "/", "web:80")), service("web"), endpoints("web", "10.0.0.1"))
HOOKS_OF_HOSTS = ("discover", "translate", "adjust", "place")
GOOD = mood("one", "one.test")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Failures are logged with their stack; here they are expected."""
    caplog.set_level(logging.CRITICAL, logger="ako.core")


def rehearse(*manifests: Manifest) -> Rehearsal:
    rehearsal = Rehearsal((Plugin("moody", Moody()), "ingress", "clusterip_routes"))
    rehearsal.apply(*OTHERS, *manifests)
    return rehearsal


def pools(rehearsal: Rehearsal) -> set[str]:
    return {ref.name for ref in rehearsal.objects() if ref.type == "pool"}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("hook", HOOKS_OF_HOSTS)
def test_the_last_good_result_stays(hook: str, behaviour: str) -> None:
    rehearsal = rehearse(GOOD)
    before = rehearsal.objects()
    rehearsal.apply(mood("one", "one.test", **{hook: behaviour}))
    assert rehearsal.objects() == before
    if hook in {"place", "adjust"}:  # servers as last known, and nothing to say, are answers; the host is as wanted
        assert "Unreadable" in {problem.reason for problem in rehearsal.problems()}
    elif hook == "discover":  # and so is it that the rest was left to others
        assert rehearsal.doubts()
    rehearsal.apply(mood("one", "other.test"))
    assert not rehearsal.doubts()
    assert "my-cluster--other.test_-moods-one" in pools(rehearsal)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("hook", HOOKS_OF_HOSTS)
def test_others_are_not_disturbed(hook: str, behaviour: str) -> None:
    """Neither what they have, nor what they change meanwhile, though they share a virtual service."""
    rehearsal = rehearse(*(mood(f"m{n}", f"m{n}.test", **{hook: behaviour}) for n in range(8)))
    assert "my-cluster--shop.com_-default-shop" in pools(rehearsal)
    rehearsal.apply(ingress("shop", ("shop.com", "/new", "web:80")))
    assert "my-cluster--shop.com_new-default-shop" in pools(rehearsal)
    rehearsal.apply(mood("well", "well.test"))
    assert "my-cluster--well.test_-moods-well" in pools(rehearsal)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("hook", HOOKS_OF_HOSTS)
def test_nothing_is_deleted_where_there_is_no_good_result_yet(hook: str, behaviour: str) -> None:
    """After a restart, say: what is on the Controller for it stays, and stays reachable."""
    before = rehearse(GOOD).objects()
    observed = {ref: ObservedObject(f"uuid-{ref}", item) for ref, item in before.items()}
    rehearsal = rehearse(mood("one", "one.test", **{hook: behaviour}))
    protection = protection_for(rehearsal.pipeline.doubts())
    kept = hold_back(rehearsal.objects(), observed, protection)
    assert before.keys() <= kept.keys()
    for ref, item in before.items():
        assert set(item.references()) <= set(kept[ref].references())


@pytest.mark.parametrize("behaviour", FAILURES)
def test_a_failure_is_counted_by_plugin_and_hook(behaviour: str) -> None:
    rehearsal = rehearse(mood("one", "one.test", discover=behaviour))
    assert rehearsal.host.calls.failures == {("moody", "ako_discover"): 1}
    assert "the source plugin `moody` failed in ako_discover for Mood/moods/one: it" in rehearsal.doubts()[ref_of(GOOD)]


def test_unknown_is_a_state_not_a_failure() -> None:
    rehearsal = rehearse(mood("one", "one.test", discover="is unknown"))
    assert not rehearsal.host.calls.failures
    assert rehearsal.doubts() == {ref_of(GOOD): "the moon is not up yet"}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_report_that_fails_leaves_the_status_as_it_is(behaviour: str) -> None:
    rehearsal = rehearse(mood("one", "one.test", report=behaviour))
    assert rehearsal.report(GOOD, Outcome()) is None
    assert bool(rehearsal.host.calls.failures) is (behaviour != "is unknown")


def test_a_plugin_that_fails_asks_nobody_else_in_its_stead() -> None:
    """The next plugin's answer might be a change of mind that nobody wanted: it never said that this is not its own."""
    rehearsal = rehearse(mood("one", "one.test", translate="raises"))
    (doubt,) = rehearsal.doubts().values()
    assert "ako_translate" in doubt
    assert "my-cluster--one.test_-moods-one" not in pools(rehearsal)


def test_a_plugin_that_fails_holds_nobody_up_whom_it_left_to_others() -> None:
    rehearsal = rehearse(GOOD)
    rehearsal.apply(mood("one", "one.test", translate="raises"), endpoints("web", "10.0.0.7"))
    assert rehearsal.host.calls.failures == {("moody", "ako_translate"): 1}
    assert "my-cluster--one.test_-moods-one" in pools(rehearsal)
    assert rehearsal.doubts() == {}
