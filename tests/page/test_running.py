"""The page of a controller that runs: from an Ingress in a cluster to what a reader sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from ako.sim import Simulator
from tests.builders import endpoints, ingress, service
from tests.core.control.running import Running
from tests.core.control.viewing import Watched


@pytest.fixture
def watched() -> Iterator[Watched]:
    with Simulator() as simulator, Watched(Running(simulator.url)) as watched:
        watched.shows("shop.com", state="live")
        yield watched


def test_what_a_cluster_declares_is_seen_explained_and_followed(page: Page, watched: Watched) -> None:
    page.goto(f"http://127.0.0.1:{watched.server.port}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    page.get_by_role("link", name="shop.com").click()
    panel = page.get_by_label("Explanation")
    expect(panel.locator(".box .chain-title").last).to_contain_text("10.0.0.1")
    cluster = watched.ako.cluster
    cluster.declare(endpoints("web", "10.0.0.1", "10.0.0.2"))
    expect(panel.locator(".box .chain-title").last).to_contain_text("10.0.0.2")
    cluster.declare(service("api"), ingress("late", ("late.com", "/", "api:80")))
    expect(page.get_by_role("link", name="late.com")).to_be_visible()
    expect(page.locator("#hosts-found")).to_have_text("2 hosts")
    panel.get_by_role("link", name="Ingress/default/shop").first.click()
    expect(panel.locator("h2")).to_have_text("Ingress/default/shop")
    for view in ("services", "problems", "activity"):
        page.goto(f"http://127.0.0.1:{watched.server.port}/ui#/{view}")
        expect(page.locator(f"#{view}")).to_be_visible()
    expect(page.locator("#activity tr", has_text="avi")).to_contain_text("met")
    expect(page.locator("#activity").get_by_role("link", name="late.com").first).to_be_visible()
