"""The page without a mouse: every view, row and explanation is reached by keys, and one sees where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page import made
from tests.page.stand import Stand

FOCUSED = "document.activeElement"


def active(page: Page) -> str:
    """Give the words of the cell in which the keyboard is."""
    return str(
        page.evaluate(
            "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText ?? ''"
        )
    )


def test_a_walk_from_search_to_explanation_and_back(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    page.keyboard.press("/")
    expect(page.get_by_label("Search hosts")).to_be_focused()
    page.keyboard.type("shop-0010")
    page.keyboard.press("Enter")
    grid = page.get_by_role("grid", name="Hosts")
    expect(grid).to_be_focused()
    assert active(page) == made.host(100)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert active(page) == "● live"
    outline = "getComputedStyle(document.querySelector('#hosts .active')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    assert active(page) == made.host(109)
    page.keyboard.press(" ")
    expect(grid).to_be_focused()
    panel = page.get_by_label("Explanation")
    expect(panel.locator("h2")).to_have_text(made.host(109))
    page.keyboard.press("Enter")
    expect(panel.locator("h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(grid).to_be_focused()
    assert active(page) == made.host(109)


@pytest.mark.campaign
def test_the_grid_is_walked_as_grids_are(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#hosts-found")).to_have_text("300 hosts")
    grid = page.get_by_role("grid", name="Hosts")
    grid.focus()
    page.keyboard.press("Control+End")
    row = page.locator("#hosts .active").locator("..")
    assert row.get_attribute("aria-rowindex") == "301"
    page.keyboard.press("Control+Home")
    page.keyboard.press("PageDown")
    assert int(row.get_attribute("aria-rowindex") or 0) > 15
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert active(page).startswith("State")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="State")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("ArrowDown")
    assert active(page) == "✕ rejected"
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.get_by_role("grid", name="Virtual services")).to_be_visible()


@pytest.mark.campaign
def test_tab_leads_through_all_there_is_and_past_the_head(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    order = []
    for _ in range(8):
        page.keyboard.press("Tab")
        order.append(page.evaluate(f"{FOCUSED}.getAttribute('aria-label') ?? {FOCUSED}.innerText.trim().split(' ')[1]"))
    assert order == ["Search hosts", "Namespace", "live", "pending", "kept", "rejected", "with", "Hosts"]


@pytest.mark.campaign
def test_help_tells_the_keys_and_turns_single_keys_off(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Help")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Single keys").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_label("Search hosts")).not_to_be_focused()
    page.reload()
    page.get_by_role("button", name="Help").click()
    expect(dialog.get_by_label("Single keys")).not_to_be_checked()
