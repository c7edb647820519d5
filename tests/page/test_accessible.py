"""What axe finds against WCAG in every view and state of the page, in light and in dark: nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page import made
from tests.page.stand import Stand

SCENES = {
    "a host": f"#/hosts?ask={made.host(8)}",
    "no host": "#/hosts?q=none",
    "virtual services": f"#/services?vs={made.service(0)}",
    "problems": "#/problems",
    "activity": "#/activity",
    "help": "",
}
FEW = 14
"""Hosts enough for each state; what axe takes grows with what is in the document."""

EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RULES = {"light": EVERYTHING, "dark": {"type": "rule", "values": ["color-contrast"]}}
"""In the dark only colours differ."""

VIEWS = ("a host", "virtual services", "problems", "activity")


@pytest.mark.parametrize(
    ("scheme", "scenes"),
    [
        pytest.param("light", VIEWS, id="each view"),
        pytest.param("dark", VIEWS[:1], id="the dark"),
        pytest.param("light", (*SCENES,), id="everything in the light", marks=pytest.mark.campaign),
        pytest.param("dark", (*SCENES,), id="everything in the dark", marks=pytest.mark.campaign),
    ],
)
def test_no_view_keeps_anybody_out(page: Page, stand: Stand, scheme: str, scenes: tuple[str, ...]) -> None:
    stand.topology = made.topology(FEW)
    page.set_viewport_size({"width": 1280, "height": 480})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    found = {}
    for name in scenes:
        place = SCENES[name]
        if name == "help":
            page.keyboard.press("?")
        else:
            page.goto(f"{stand.url}/ui{place}")
        if "=" in place and "q=" not in place:
            expect(page.locator(".box").first).to_be_visible()
        found[name] = _violations(page, scheme)
    assert found == dict.fromkeys(scenes, ())
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(245, 246, 248)", "dark": "rgb(16, 20, 24)"}[scheme]


@pytest.mark.campaign
def test_states_without_a_picture_keep_nobody_out(page: Page, stand: Stand) -> None:
    stand.refusal = (503, "it starts")
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#blank")).to_contain_text("it starts")
    assert _violations(page) == ()


@pytest.mark.campaign
def test_the_theme_is_chosen_and_remembered(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 24)"


def _violations(page: Page, scheme: str = "light") -> tuple[str, ...]:
    found = (
        Axe()
        .run(page, options={"runOnly": RULES[scheme], "resultTypes": ["violations"], "preload": False})
        .response["violations"]
    )
    return tuple(f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']][:3]}" for one in found)
