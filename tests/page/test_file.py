"""A file that `ako inspect` made, opened by the page: from the controller, and from a disk where there is none."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.builders import ingress
from tests.e2e.stage import Stage
from tests.page import made
from tests.page.stand import ASSETS, Stand

OFFLINE = (ASSETS / "index.html").as_uri()

WRONG = {
    b"\x1f\x8b broken": "packed by gzip, and broken",
    b"{": "is no JSON",
    b'{"a": 1}': "has no topology",
    b"some notes": "there is no page.json in it",
    b'{"topology": {"columns": ["id", "host"], "rows": [[1, 2]]}}': "its page.json is not as ako inspect writes it",
    b'{"topology": {"columns": ["id"], "rows": [], "checks": [null]}}': "its page.json is not as ako inspect writes it",
}


def document(count: int = 40) -> bytes:
    """Give what is in such a file."""
    explained = {made.host(number): made.explanation(made.host(number)) for number in range(20)}
    return json.dumps({"offline": True, "topology": made.topology(count), "explanations": explained}).encode()


def archive(path: Path, content: bytes, name: str = "page.json") -> Path:
    """Write an archive as `ako inspect` does, with other files beside, one of them with a long name."""
    with tarfile.open(path, "w:gz") as packed:
        link = tarfile.TarInfo(f"links/{name}")
        link.type, link.linkname = tarfile.SYMTYPE, "elsewhere"
        packed.addfile(link)
        for member, body in ((f"inspect/{'long-' * 40}.txt", b"x" * 700), (f"inspect/{name}", content)):
            entry = tarfile.TarInfo(member)
            entry.size = len(body)
            packed.addfile(entry, io.BytesIO(body))
    return path


def test_an_archive_is_read_where_there_is_no_controller(page: Page, tmp_path: Path) -> None:
    page.goto(OFFLINE)
    expect(page.locator("#blank")).to_contain_text("Choose the archive that ako inspect made")
    page.locator("#file").set_input_files(archive(tmp_path / "inspect.tar.gz", document()))
    expect(page.locator("#hosts-found")).to_have_text("40 hosts")
    expect(page.locator("#link-words")).to_have_text("file")
    expect(page.locator("#notice")).to_contain_text("inspect.tar.gz, as of ")
    page.get_by_role("link", name=made.host(8)).click()
    expect(page.get_by_text("see to its readiness probe")).to_be_visible()
    page.get_by_role("link", name=made.host(30)).click()
    expect(page.get_by_label("Explanation")).to_contain_text("the file has no explanation of this")
    page.goto(f"{OFFLINE}#/services?vs={made.service(0)}")
    expect(page.get_by_text("The file explains 20 of its")).to_have_count(0)
    expect(page.locator("#services .told")).to_contain_text("hosts in the list")


@pytest.mark.campaign
def test_a_file_is_dropped_on_a_page_that_is_live(page: Page, stand: Stand, tmp_path: Path) -> None:
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#hosts-found")).to_have_text("300 hosts")
    dropped = """text => {
        const data = new DataTransfer();
        data.items.add(new File([text], "page.json"));
        dispatchEvent(new DragEvent("drop", {dataTransfer: data, cancelable: true}));
    }"""
    page.evaluate(dropped, document().decode())
    expect(page.locator("#hosts-found")).to_have_text("40 hosts")
    expect(page.locator("#link-words")).to_have_text("file")
    stand.change(rows=[made.row(290)])
    expect(page.locator("#hosts-found")).to_have_text("40 hosts")


@pytest.mark.campaign
def test_a_file_that_is_opened_while_the_controller_is_asked_stays(page: Page, stand: Stand, tmp_path: Path) -> None:
    def left_waiting(_: Route) -> None:
        """Give no answer."""

    page.route("**/api/topology", left_waiting)
    with page.expect_request("**/api/topology"):
        page.goto(f"{stand.url}/ui")
    with page.expect_event("requestfailed"):
        page.locator("#file").set_input_files(archive(tmp_path / "inspect.tar.gz", document()))
    expect(page.locator("#hosts-found")).to_have_text("40 hosts")
    expect(page.locator("#link-words")).to_have_text("file")


def test_a_file_that_is_none_is_refused_and_the_picture_stays(page: Page, stand: Stand, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tar.gz"
    page.goto(f"{stand.url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    for content, words in WRONG.items():
        wrong.write_bytes(content)
        page.locator("#file").set_input_files(wrong)
        expect(page.locator("#notice")).to_contain_text(words)
        expect(page.locator("#hosts-found")).to_have_text("300 hosts")
    stand.change(gone=[made.host(1)])
    expect(page.locator("#hosts-found")).to_have_text("299 hosts")
    expect(page.locator("#notice")).to_contain_text("cannot be opened")


@pytest.mark.campaign
def test_what_inspect_writes_is_opened(page: Page, stage: Stage) -> None:
    stage.put("late", ingress("late", ("late.com", "/", "missing:80")))
    stage.converge()
    made_of = stage.ako("inspect", "--output", str(stage.folder / "ako.tar.gz"))
    assert made_of.returncode == 0, made_of.stderr
    page.goto(OFFLINE)
    page.locator("#file").set_input_files(stage.folder / "ako.tar.gz")
    expect(page.locator("#hosts-found")).to_have_text("2 hosts")
    page.get_by_role("link", name="shop.com").click()
    panel = page.get_by_label("Explanation")
    expect(panel.locator(".box .chain-title").last).to_contain_text("10.0.0.")
    panel.get_by_role("link", name="Ingress/default/shop").first.click()
    expect(panel.locator(".outline").first).to_contain_text("shop.com")
    page.goto(f"{OFFLINE}#/problems")
    expect(page.locator("#problems")).to_contain_text("missing")
