"""The site that is made of docs/: complete, strict, and of nobody else's files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from tests.pages.dialect import for_the_site
from tests.pages.site import ROOT, linked, target

PAGES = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make pages` does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return folder


def references(page: Path) -> Iterator[str]:
    """Give what an HTML page links to or loads."""
    return (unescape(found) for found in re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")))


def test_every_page_is_there(site: Path) -> None:
    made = {
        page.removesuffix("README.md") + "index.html" if page.endswith("README.md") else page[:-2] + "html"
        for page in PAGES
    }
    assert {page for page in made if not (site / page).exists()} == set()


def test_every_page_is_in_the_menu(site: Path) -> None:
    page = (site / "quickstart.html").read_text(encoding="utf-8")
    menu = page[page.index("md-nav--primary") : page.index("md-content")]
    inside = {*re.findall(r'href="([^"#]+)"', menu), "quickstart.html"}
    assert {name for name in PAGES if name.replace("README.md", "index.md")[:-2] + "html" not in inside} == set()


def test_whoever_is_said_to_be_on_the_way_is_not_there_yet() -> None:
    text = re.sub(r"!!python\S+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    arriving = yaml.safe_load(text)["extra"].get("arriving", [])
    assert [name for name in arriving if (ROOT / "docs" / name).exists()] == []


def test_whatever_is_linked_to_is_in_the_site(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        for link in references(page):
            path = unquote(link.partition("#")[0].partition("?")[0])
            if "://" in link or link.startswith(("data:", "mailto:", "#")) or not path or page.name == "404.html":
                continue
            if not (page.parent / path).exists():
                broken.append(f"{page.relative_to(site)}: {link}")
    assert broken == []


def test_nothing_of_others_is_loaded(site: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="(https?:[^"]*)"')
    loaded = {
        found
        for page in site.rglob("*.html")
        for found in loads.findall(page.read_text(encoding="utf-8"))
        if 'rel="canonical"' not in found
    }
    assert loaded == set()


def test_pages_can_be_searched(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"] if "shardHash" in entry["text"]}
    assert "configuration.html" in found


def test_files_beside_docs_are_in_it_as_text_and_documents_as_pages(site: Path) -> None:
    assert (site / "around/ako/core/kube/reflector.py.txt").read_bytes() == (
        ROOT / "ako/core/kube/reflector.py"
    ).read_bytes()
    assert "<h1" in (site / "around/examples/routes/index.html").read_text(encoding="utf-8")
    assert "reconcile.py" in (site / "around/ako/core/control/files.txt").read_text(encoding="utf-8")


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    """A page beside the others with such a link, built by the same settings."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# One\n\n[a](none.md) [b](#none)\n", encoding="utf-8")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace("docs_dir: docs", f"docs_dir: {tmp_path}/docs")
    settings = re.sub(r"^nav:.*?^theme:", "theme:", settings, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"^hooks:\n.*\n", "", settings, flags=re.MULTILINE), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(tmp_path / "mkdocs.yml")]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "none.md" in done.stderr
    assert "#none" in done.stderr


def test_links_are_read_as_github_reads_them() -> None:
    text = "[a](../README.md) [b](x.md#y) [c](https://x.y/z)\n```\n[d](no.md)\n```\n[e](../examples/routes)"
    assert list(linked("docs/page.md", text)) == ["README.md", "docs/x.md", "examples/routes/README.md"]
    assert target("docs/decisions/page.md", "../../ako/core") == "ako/core"


def test_lists_and_tables_mean_what_they_mean_on_github() -> None:
    written = "Text:\n* one\n  more\n\n  ```\n  x\n    y\n  ```\n\n  * two\n* three\n\nAfter\n| a |\n|---|\n"
    meant = (
        "Text:\n\n* one\n    more\n\n    ```\n    x\n      y\n    ```\n\n    * two\n* three\n\nAfter\n\n| a |\n|---|\n"
    )
    assert for_the_site(written) == meant
    assert for_the_site("    * code\n\n```\n* code\n  more\n```\n") == "    * code\n\n```\n* code\n  more\n```\n"
