"""What `tests.campaign.safety` measures, small: all is as it says where it measures; times are for the command."""

from __future__ import annotations

from tests.campaign.safety import Figure, Scale, measure

SMALL = Scale(waiting=10, hosts=40, gone=20, turns=3, rounds=2, orders=1)


def test_every_figure_is_measured_in_the_state_that_it_names() -> None:
    figures = list(measure(SMALL))
    assert all(figure.milliseconds > 0 and figure.ratio > 0 for figure in figures)
    bars = {(figure.most, figure.most_ratio) for figure in figures}
    assert bars == {(0, 0), (2, 0), (0, 1.3), (200, 0), (0, 2.3)}
    assert len({figure.what for figure in figures}) == len(figures) == 11


def test_a_bar_is_missed_above_it() -> None:
    assert Figure("turn", 2.0, most=2).is_met
    assert not Figure("turn", 2.1, most=2).is_met
    assert Figure("host", 9.0, 1.3, most_ratio=1.3).is_met
    assert not Figure("host", 9.0, 1.31, most_ratio=1.3).is_met
    assert Figure("well", 9.0).row() == ("well", "9", "1.00", "", "")
    assert Figure("turn", 2.1, 3.0, most=2).row() == ("turn", "2.10", "3.00", "≤ 2 ms", "no")
