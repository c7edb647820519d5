"""Writes the pictures of the page in docs/images: a real controller beside the simulator, with the data of the demo.

`python -m tests.page.screenshots` needs a chromium. Some hosts are wrong, and something was edited by hand:
else there would be little to see.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from ako.sim import Simulator
from tests.builders import ingress
from tests.e2e.stage import AviControl, Running, Stage
from tests.page.conftest import CHROMIUM
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
EXAMPLES = ROOT / "examples"
SIZE = {"width": 1280, "height": 720}
SHOP = "shop.example.com"
PAY = "pay.example.com"
POOL = "demo--blog.example.com_-blog-blog"

OURS = "avi-lb"
WRONG = (
    ingress("copy", (SHOP, "/cart", "web:80"), namespace="shop", ingressClassName=OURS),
    ingress("pay", (PAY, "/", "web:80"), namespace="shop", tls={PAY: "pay-tls"}, ingressClassName=OURS),
    ingress("beta", ("beta.example.com", "/", "missing:80"), namespace="blog", ingressClassName=OURS),
)

VIEWS = {
    "hosts": ("#/hosts?ask=shop.example.com", "light"),
    "services": ("#/services?vs={shared}", "light"),
    "problems": ("#/problems", "light"),
    "activity": ("#/activity", "dark"),
}


def prepare(stage: Stage) -> None:
    """Lay out the data of the demo."""
    for old in ("base", "shop"):
        stage.remove(old)
    for folder in ("manifests", "routes"):
        for file in (EXAMPLES / folder).glob("*.yaml"):
            shutil.copy(file, stage.manifests)
    stage.configure(
        AKOSettings={"clusterName": "demo", "fullSyncFrequency": 2},
        NetworkSettings={"defaultDomain": "avi.internal"},
        L7Settings={"shardVSSize": "MEDIUM"},
        ako={"sources": ["ingress", "openshift_route"]},
    )


def happen(stage: Stage, avi: AviControl, ako: Running) -> None:
    """Have something go wrong, and wait until all of that is told."""
    ako.becomes_ready()
    stage.comes_in_line()
    stage.put("wrong", *WRONG)
    eventually(lambda: len(told(ako)["problems"]) >= 2, "what is wrong is told")
    avi.edit("pool", POOL, servers=[])
    eventually(lambda: told(ako)["drift"], "the edit is noticed")
    for file in (EXAMPLES / "routes").glob("*.yaml"):
        (stage.manifests / file.name).unlink()
    eventually(lambda: told(ako)["waits"], "a large deletion waits")


def told(ako: Running) -> dict[str, list[dict[str, object]]]:
    """Give the picture of a controller."""
    found: dict[str, list[dict[str, object]]] = ako.get("/api/topology").json()
    return found


def take(page: Page, url: str, name: str) -> None:
    """Take the picture of a view, once all of it is there."""
    place, scheme = VIEWS[name]
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(f"{url}/ui")
    expect(page.locator("#link-words")).to_have_text("live")
    page.goto(f"{url}/ui{place}")
    if "=" in place:
        expect(page.locator(".box").first).to_be_visible()
    IMAGES.mkdir(exist_ok=True)
    page.screenshot(path=IMAGES / f"page-{name}.png")


def main() -> int:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator, AviControl(simulator.url) as avi:
        stage = Stage(Path(folder), avi, simulator.url)
        prepare(stage)
        with stage.start() as ako, sync_playwright() as playwright:
            happen(stage, avi, ako)
            url = ako.get("/ui").url.removesuffix("/ui")
            shared = max(told(ako)["virtual_services"], key=lambda one: int(str(one["hosts"])))["name"]
            VIEWS["services"] = (f"#/services?vs={shared}", "light")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
            for name in VIEWS:
                take(page, url, name)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
