"""The page as a reader has it: what is found, what is told of it, and that a change leaves one where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page import made
from tests.page.stand import Stand
from tests.waiting import eventually

HOST = made.host(8)
ROWS = "#hosts .grid-body [role=row]"


def test_search_finds_hosts_and_says_how_many(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#hosts-found")).to_have_text("300 hosts")
    page.get_by_label("Search hosts").fill("shop-0012")
    expect(page.locator("#hosts-found")).to_have_text("10 of 300 hosts")
    page.get_by_label("Search hosts").fill("ns:team-7 -state:live")
    expect(page.locator("#hosts-found")).to_have_text("2 of 300 hosts")
    page.get_by_label("Search hosts").fill(f'vs:"{made.service(1)}" problem:duplicate')
    expect(page.locator("#hosts-found")).to_have_text("0 of 300 hosts")
    expect(page.get_by_role("link", name="Show all hosts")).to_be_visible()


@pytest.mark.campaign
def test_no_address_is_in_the_way_of_the_page(page: Page, stand: Stand) -> None:
    """Names that each object of a script has by itself are words like others."""
    page.goto(f"{stand.url}/ui#/hosts?q=constructor:x&sort=__proto__")
    expect(page.locator("#hosts-found")).to_have_text("0 of 300 hosts")
    page.goto(f"{stand.url}/ui#/hosts?sort=hasOwnProperty")
    expect(page.locator("#hosts-found")).to_have_text("300 hosts")


@pytest.mark.campaign
def test_all_hosts_of_an_object_with_a_problem_are_found(page: Page, stand: Stand) -> None:
    """Of a problem only the first are named."""
    source = "Ingress/team-1/large"
    stand.topology["rows"] += [made.row(n, sources=[source], problems=1) for n in range(300, 340)]
    stand.topology["problems"] = [{**made.problem(7), "about": source, "hosts_in_all": 40, "reason": "Unlike"}]
    page.goto(f"{stand.url}/ui#/hosts?q=problem:unlike")
    expect(page.locator("#hosts-found")).to_have_text("40 of 340 hosts")


def test_filters_are_in_the_address_and_the_back_button_undoes_them(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    page.get_by_role("button", name="rejected").click()
    page.get_by_label("Namespace", exact=True).select_option("team-7")
    expect(page.locator("#hosts-found")).to_have_text("2 of 300 hosts")
    assert page.evaluate("location.hash") == "#/hosts?state=rejected&ns=team-7"
    page.go_back()
    expect(page.locator("#hosts-found")).to_have_text("3 of 300 hosts")
    page.goto(f"{stand.url}/ui#/hosts?q=shop-00008&wrong=1")
    page.reload()
    expect(page.locator("#hosts-found")).to_have_text("0 of 300 hosts")


def test_a_host_is_explained_with_its_chain(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    page.get_by_role("link", name=HOST).click()
    panel = page.get_by_label("Explanation")
    expect(panel.get_by_role("heading", name=HOST)).to_be_visible()
    boxes = panel.locator(".box .chain-title")
    expect(boxes).to_have_text(
        [HOST, made.service(0), "default/shop:80", "10.1.0.1:8080", "10.1.0.2:8080", "10.1.0.3:8080"]
    )
    expect(panel.get_by_text("see to its readiness probe")).to_be_visible()
    panel.get_by_role("link", name="Ingress/default/shop", exact=True).first.click()
    expect(panel.get_by_text("Like it are")).to_be_visible()
    page.go_back()
    expect(panel.get_by_role("heading", name=HOST)).to_be_visible()


def test_virtual_services_show_who_shares_them(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui#/services")
    page.get_by_role("link", name=made.service(0)).click()
    picture = page.get_by_label("Hosts, pools and servers of the virtual service")
    expect(picture.locator("h3")).to_have_text(["Hosts (12)", "Virtual service (1)", "Pools (12)", "Servers (21)"])
    picture.get_by_text(made.host(16)).hover()
    expect(picture.locator(".box.on .chain-title")).to_have_text(
        [made.host(16), made.service(0), "default/shop-2:80", "10.1.0.1:8080", "10.1.0.2:8080"]
    )
    page.get_by_role("link", name=re.compile("hosts in the list")).click()
    expect(page.locator("#hosts-found")).to_have_text(re.compile(r"^\d+ of 300 hosts$"))


def test_problems_are_told_by_reason_with_what_to_do(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui#/problems")
    groups = page.locator("#problems .group")
    expect(groups.locator("h2")).to_have_text(["! DuplicateHostPath 3", "! SecretNotFound 3"])
    expect(groups.first.locator("> .remedy")).to_contain_text("take another host or path")
    groups.first.get_by_role("link", name="Ingress/team-7/shop-7").click()
    expect(page.get_by_label("Explanation").locator("h2")).to_have_text("Ingress/team-7/shop-7")


def test_activity_tells_what_was_done_and_what_confirms_what_waits(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui#/activity")
    activity = page.get_by_label("Activity", exact=True)
    for words in ("40 of 200 hosts would be deleted", "confirm it with its id", "d41d8cd9", "lb_algorithm, servers"):
        expect(activity.get_by_text(words)).to_be_visible()
    expect(activity.locator("tr", has_text="guard")).to_contain_text("not met")
    expect(activity.get_by_text("Ingress/team-1/shop-1 changed")).to_have_count(20)


def test_a_change_comes_by_itself_and_leaves_the_reader_where_he_is(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    page.get_by_role("link", name=HOST).click()
    expect(page.locator("#link-words")).to_have_text("live")
    grid = page.get_by_role("grid", name="Hosts")
    grid.evaluate("grid => grid.scrollTop = 3200")
    expect(page.get_by_role("link", name=made.host(100))).to_be_visible()
    grid.focus()
    before = stand.asked["/api/explain"]
    top = page.get_by_role("link", name=made.host(100)).bounding_box()
    earlier = ["a.example.com", *made.row(0, id="a.example.com", host="a.example.com")[1:]]
    later = [made.row(8, state="pending"), made.row(101, state="kept")]
    stand.change(rows=[earlier, *later], gone=[made.host(3), made.host(4)])
    expect(page.locator(ROWS, has_text=made.host(101))).to_contain_text("kept")
    expect(page.locator("#hosts-found")).to_have_text("299 hosts")
    assert page.get_by_role("link", name=made.host(100)).bounding_box() == top
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Hosts"
    eventually(lambda: stand.asked["/api/explain"] > before, "the explanation of what changed is asked for again")
    assert stand.asked["/api/topology"] == 1


@pytest.mark.campaign
def test_problems_and_virtual_services_change_one_by_one(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui#/problems")
    expect(page.locator("#link-words")).to_have_text("live")
    wrong = made.problem(7)
    about = wrong["about"]
    stand.change(problems=[{**wrong, "reason": "BackendNotFound"}], problems_of=[about], problems_in_all=6)
    expect(page.locator("#problems h2")).to_have_text(
        ["! SecretNotFound 3", "! DuplicateHostPath 2", "! BackendNotFound 1"]
    )
    stand.change(problems=[], problems_of=[about], problems_in_all=5)
    expect(page.get_by_role("link", name="Problems")).to_have_text("Problems 5")
    page.locator("#nav-services").click()
    services = page.get_by_role("grid", name="Virtual services")
    expect(services).to_have_attribute("aria-rowcount", "9")
    one = {**stand.topology["virtual_services"][0], "hosts": 99}
    stand.change(virtual_services=[one], virtual_services_gone=[[made.service(5), ""]])
    expect(services).to_have_attribute("aria-rowcount", "8")
    expect(services.get_by_role("gridcell", name="99")).to_be_visible()


@pytest.mark.campaign
def test_it_says_when_it_is_not_live_and_goes_on_by_itself(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    stand.refusal = (503, "8 others look at it already")
    stand.hang_up()
    expect(page.locator("#link-words")).to_have_text(re.compile(r"^reconnecting since \d\d:\d\d:\d\d$"))
    expect(page.locator("#notice")).to_have_text("Not live: 8 others look at it already")
    expect(page.get_by_role("link", name=HOST)).to_be_visible()
    stand.refusal = None
    expect(page.locator("#link-words")).to_have_text("live")
    stand.topology = made.topology(5, version=9, instance="another")
    stand.tell("reset", {})
    expect(page.locator("#hosts-found")).to_have_text("5 hosts")


@pytest.mark.campaign
def test_a_page_that_nobody_sees_gives_its_place_away(page: Page, stand: Stand) -> None:
    page.clock.install()
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    hide = """state => {
        Object.defineProperty(document, "hidden", {value: state === "hidden", configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, "hidden")
    page.clock.fast_forward(61_000)
    eventually(lambda: stand.readers == 0, "nobody reads")
    stand.change(rows=[made.row(2, state="kept")])
    page.evaluate(hide, "visible")
    expect(page.locator("#link-words")).to_have_text("live")
    stand.refusal = (503, "it ends")
    stand.hang_up()
    expect(page.locator("#link-words")).to_contain_text("reconnecting")
    page.clock.fast_forward(11_000)
    expect(page.locator("#link-words")).to_contain_text("stale since")


@pytest.mark.campaign
def test_who_is_not_let_in_is_told(page: Page, stand: Stand) -> None:
    stand.refusal = (403, "pods/proxy is forbidden")
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#blank")).to_contain_text("Not permitted")
    expect(page.locator("#blank")).to_contain_text("pods/proxy is forbidden")
    expect(page.locator("#link-words")).to_have_text("not permitted")


@pytest.mark.campaign
def test_a_cluster_without_hosts_and_a_replica_that_stands_by_say_so(page: Page, stand: Stand) -> None:
    stand.topology = {**made.topology(0), "works": False}
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#hosts .blank")).to_contain_text("This replica stands by")
    expect(page.locator("#notice")).to_contain_text("another one does the work")
    stand.topology["works"] = True
    page.reload()
    expect(page.get_by_text("No host yet")).to_be_visible()
    expect(page.get_by_text("12 objects not ours")).to_be_visible()


def test_only_rows_that_are_seen_are_in_the_document(page: Page, stand: Stand) -> None:
    stand.topology = made.topology(5000)
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#hosts-found")).to_have_text("5,000 hosts")
    grid = page.get_by_role("grid", name="Hosts")
    for top in (0, 80_000, 159_000):
        grid.evaluate("(grid, top) => grid.scrollTop = top", top)
        expect(page.get_by_role("link", name=made.host(top // 32 + 20))).to_be_visible()
        assert page.locator(ROWS).count() < 60
    assert grid.get_attribute("aria-rowcount") == "5001"
    page.get_by_role("link", name="Problems").click()
    expect(page.get_by_role("button", name="Show 30 more of 30").first).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 2000
    assert stand.asked["/api/topology"] == 1


@pytest.mark.campaign
def test_a_printed_list_is_all_of_it_and_nothing_that_one_clicks(page: Page, stand: Stand) -> None:
    page.goto(f"{stand.url}/ui#/hosts?ns=team-7")
    expect(page.locator("#hosts-found")).to_have_text("8 of 300 hosts")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper tbody tr")).to_have_count(8)
    expect(page.locator("#paper h1")).to_have_text("8 hosts: namespace team-7")
    for gone in ("header.top", "main", ".bar >> nth=0"):
        expect(page.locator(gone)).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.goto(f"{stand.url}/ui#/hosts?ask={HOST}")
    expect(page.get_by_text("see to its readiness probe")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#paper")).to_contain_text("see to its readiness probe")
    assert len(page.pdf()) > 1000
