"""What somebody wrote into a cluster to harm who looks: it is text, whatever it is."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from ako.core.explain.answer import Answer, HostTold, PoolTold, ServerTold
from ako.core.explain.outline import Line
from tests.page import made
from tests.page.stand import ASSETS, Stand

EVIL = "<img src=x onerror=\"document.title='harmed'\"><script>document.title='harmed'</script>"
LINK = "javascript:document.title='harmed'//"


def hostile() -> made.Document:
    """Give a picture in which every word is hostile."""
    topology = made.topology(3)
    columns = {"host": EVIL, "namespaces": [EVIL], "virtual_service": EVIL, "tenant": LINK, "addresses": [EVIL]}
    topology["rows"] = [made.row(1, id=EVIL, sources=[EVIL], tls=EVIL, **columns), made.row(2, id=LINK, host=LINK)]
    topology["cluster"] = EVIL
    topology["problems"] = [made.problem(7)]
    for name in ("problems", "virtual_services", "passes", "waits", "drift", "checks"):
        topology[name] = [_spoilt(one) for one in topology[name][:1]]
    return topology


def _spoilt(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spoilt(one) for name, one in value.items()}
    if isinstance(value, list):
        return [EVIL, LINK]
    return EVIL if isinstance(value, str) else value


def test_nothing_that_is_written_in_a_cluster_runs(page: Page, stand: Stand) -> None:
    stand.topology = hostile()
    pool = PoolTold(name=EVIL, service=EVIL, servers=(ServerTold(address=EVIL, pod=EVIL),))
    told = HostTold(host=EVIL, state="live", verdict=EVIL, virtual_service=EVIL, pools=(pool,))
    lines = (Line(EVIL, EVIL, remedy=EVIL, asks=LINK, lines=(Line(EVIL, EVIL),)),)
    stand.explained = {
        question: made.packed(Answer(question=question, hosts=(told,)), lines) for question in (EVIL, LINK)
    }
    page.goto(f"{stand.url}/ui")
    page.get_by_role("link", name="<img").first.click()
    expect(page.get_by_label("Explanation").locator(".box")).to_have_count(4)
    page.get_by_label("Search hosts").fill(EVIL)
    for view, seen in (("services", "grid"), ("problems", "region"), ("activity", "region")):
        page.goto(f"{stand.url}/ui#/{view}?ask=x&vs={LINK}")
        expect(page.locator(f"#{view}").get_by_role(seen)).to_contain_text("<img src=x")  # type: ignore[arg-type]
    assert page.locator("img, main script, iframe, [onerror]").count() == 0
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.protocol)")
    assert set(links) == {"http:"}
    assert "harmed" not in page.title().split("·")[0]
    assert page.evaluate("document.querySelectorAll('[style*=url]').length") == 0


def test_no_script_makes_markup_or_code_of_text() -> None:
    for script in ASSETS.glob("ui/*.js"):
        said = script.read_text(encoding="utf-8").split('"use strict";', 1)[1]
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "http://",
        ):
            assert word not in said.replace("http://www.w3.org/2000/svg", ""), (script.name, word)
