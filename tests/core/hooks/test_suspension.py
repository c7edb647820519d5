"""A plugin that did not answer in time is not asked, tried again, and each time later."""

from __future__ import annotations

from ako.core.hooks.suspension import LONGEST_PAUSE, Suspensions
from tests.core.clock import Clock


def begun() -> tuple[Clock, Suspensions]:
    clock = Clock()
    clock.now = 10_000.0
    return clock, Suspensions(clock)


def test_pauses_double_up_to_the_longest_as_long_as_no_trial_goes_well() -> None:
    clock, suspensions = begun()
    pauses = []
    for _ in range(9):
        pauses.append(suspensions.suspend("a", "late", 20.0))
        assert suspensions.why_held("a") == "late"
        assert suspensions.release_due() == ()
        clock.now += pauses[-1]
        ((plugin, _),) = suspensions.release_due()
        assert (plugin, suspensions.why_held("a"), suspensions.names) == ("a", "", frozenset({"a"}))
    assert pauses == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_answers_on_trial_is_as_any_other_and_told_for_how_long_it_did_not() -> None:
    clock, suspensions = begun()
    suspensions.suspend("a", "late", 1.0)
    assert suspensions.settle() == (), "its pause is not over"
    clock.now += 3.0
    suspensions.release_due()
    clock.now += 0.5
    assert suspensions.settle() == (("a", 3.5),)
    assert (suspensions.settle(), suspensions.names, suspensions.next_due) == ((), frozenset(), None)


def test_who_is_late_again_soon_after_that_waits_longer_and_much_later_does_not() -> None:
    clock, suspensions = begun()
    for wanted, quiet in ((3.0, 60.0), (6.0, 60.0), (12.0, LONGEST_PAUSE + 1.0), (3.0, 0.0)):
        assert suspensions.suspend("a", "late", 1.0) == wanted
        clock.now += wanted
        suspensions.release_due()
        suspensions.settle()
        clock.now += quiet


def test_each_has_its_own_pause_and_every_trial_a_number_of_its_own() -> None:
    clock, suspensions = begun()
    suspensions.suspend("a", "late", 1.0)
    clock.now += 1.0
    suspensions.suspend("b", "late too", 1.0)
    assert suspensions.next_due == 10_003.0
    clock.now += 2.0
    assert suspensions.release_due() == (("a", 1),)
    assert (suspensions.why_held("a"), suspensions.why_held("b")) == ("", "late too")
    clock.now += 1.0
    assert suspensions.release_due() == (("b", 2),)
    assert suspensions.settle() == (("a", 4.0), ("b", 3.0))
