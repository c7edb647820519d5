"""A hook that did not answer in time is not asked, tried again, and each time later; and what it hung on alone."""

from __future__ import annotations

from ako.core.hooks.suspension import LONGEST_PAUSE, Suspensions
from tests.core.clock import Clock


def begun() -> tuple[Clock, Suspensions]:
    clock = Clock(10_000.0)
    return clock, Suspensions(clock)


def held(suspensions: Suspensions, subject: str, hook: str = "h", plugin: str = "a") -> str:
    return suspensions.why_held(plugin, hook, subject)


def test_first_a_hook_is_not_asked_at_all_then_about_all_but_what_it_hung_on_then_about_that() -> None:
    clock, suspensions = begun()
    assert not suspensions.are_any
    assert suspensions.suspend("a", "h", "x", "late", 20.0) == 60.0
    assert (held(suspensions, "x"), held(suspensions, "y")) == ("late", "late")
    assert (held(suspensions, "x", hook="other"), held(suspensions, "x", plugin="b")) == ("", "")
    assert (suspensions.release_due(), suspensions.next_due) == ((), 10_060.0)
    clock.now += 60.0
    assert suspensions.release_due() == (("a", 1),)
    assert (held(suspensions, "x"), held(suspensions, "y"), set(suspensions.names)) == ("late", "", {"a"})
    assert suspensions.settle() == (), "not all of it is answered"
    clock.now += 60.0
    assert suspensions.release_due() == (("a", 2),)
    assert held(suspensions, "x") == ""
    clock.now += 0.5
    assert suspensions.settle() == (("a", 120.5),)
    assert (suspensions.names, suspensions.next_due, suspensions.are_any) == (frozenset(), None, False)


def test_who_hangs_on_the_same_again_is_not_asked_that_alone_and_each_time_for_longer() -> None:
    clock, suspensions = begun()
    suspensions.suspend("a", "h", "x", "late", 20.0)
    clock.now += 120.0
    pauses = []
    for _ in range(6):
        suspensions.release_due()
        pauses.append(suspensions.suspend("a", "h", "x", "late", 20.0))
        assert (held(suspensions, "x"), held(suspensions, "y")) == ("late", "")
        suspensions.settle()
        clock.now += pauses[-1]
    assert pauses == [240.0, 480.0, 960.0, 1920.0, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_hangs_on_something_else_at_each_trial_is_asked_nothing_for_longer_and_longer() -> None:
    clock, suspensions = begun()
    pauses = []
    for number in range(8):
        pauses.append(suspensions.suspend("a", "h", f"x{number}", "late", 20.0))
        assert held(suspensions, "y") == "late"
        clock.now += pauses[-1]
        suspensions.release_due()
        assert held(suspensions, "y") == ""
    assert pauses == [60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_is_late_again_soon_after_it_went_well_waits_longer_and_much_later_does_not() -> None:
    clock, suspensions = begun()
    for wanted, quiet in ((3.0, 60.0), (6.0, 60.0), (12.0, LONGEST_PAUSE + 1.0), (3.0, 0.0)):
        assert suspensions.suspend("a", "h", "x", "late", 1.0) == wanted
        clock.now += 2 * wanted
        suspensions.release_due()
        suspensions.settle()
        clock.now += quiet


def test_what_takes_too_much_of_a_pass_rests_as_long_as_it_was_at_work_and_never_longer() -> None:
    clock, suspensions = begun()
    for trial in range(1, 4):
        suspensions.begin_pass(60.0)
        assert [suspensions.take("a", "h", 15.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 75.0]
        assert held(suspensions, "x") == "the plugin `a` is suspended: h took 75 s in one pass"
        assert held(suspensions, "x", hook="other") == held(suspensions, "x", plugin="b") == ""
        suspensions.settle()
        clock.now += 75.0
        assert suspensions.release_due() == (("a", trial),)
        assert held(suspensions, "x") == ""
    assert suspensions.settle() == (("a", 225.0),)


def test_passes_that_take_little_each_are_none_of_its_business() -> None:
    _, suspensions = begun()
    for _ in range(20):
        suspensions.begin_pass(60.0)
        assert suspensions.take("a", "h", 15.0) == 0.0
    assert not suspensions.are_any
