"""Every answer of the FAQ that speaks of traffic has requests that prove it, and the page of them is up to date."""

from __future__ import annotations

import pytest

from tests.scenarios import faq_table
from tests.scenarios.scenario import Scenario

SCENARIOS = faq_table.scenarios_of_data()
ASKED = frozenset({"ingress", "routes", "l4", "nodeport", "field"})
"""Areas in which a request can tell right from wrong."""

NOTHING_TO_ASK = {
    "ingress/03-rule-without-backend": "its only rule names no host that could be asked for",
    "field/25-calico-pending-affinity": "it is about static routes alone",
}


def test_the_page_is_up_to_date() -> None:
    """`python -m tests.scenarios.faq_table --write` makes it so."""
    assert faq_table.PAGE.read_text(encoding="utf-8") == faq_table.page(SCENARIOS)


@pytest.mark.parametrize("number", range(1, 21))
def test_an_answer_has_requests_or_a_reason_for_none(number: int) -> None:
    about = [one for one in SCENARIOS if number in one.faq]
    asked = [one for one in about if one.has_traffic]
    assert bool(asked) != (number in faq_table.NO_REQUEST)
    assert number in faq_table.ANSWERS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
def test_a_scenario_sends_requests_where_they_tell_something(scenario: Scenario) -> None:
    area = scenario.id.partition("/")[0]
    is_asked = area in ASKED or any(number not in faq_table.NO_REQUEST for number in scenario.faq)
    if scenario.id in NOTHING_TO_ASK or (is_asked and area == "static-routes"):
        assert not scenario.has_traffic
    elif is_asked:
        assert scenario.has_traffic


def test_every_kind_of_answer_is_expected_somewhere() -> None:
    found = {
        key
        for one in SCENARIOS
        for _, entries in faq_table.traffic(one)
        for entry in entries
        for key in entry["expect"]
    }
    assert found == {"service", "services", "server", "status", "location", "certificate", "closed", "unknown_host"}
