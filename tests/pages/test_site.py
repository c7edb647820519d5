"""The site that is made of docs/: complete, strict, and of nobody else's files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from tests.pages.dialect import for_the_site
from tests.pages.site import ROOT, linked, target

PAGES = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))


def built(folder: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    """Build the site as `make pages` does."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder), *settings]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, encoding="utf-8", check=False)


def test_the_site_is_whole(tmp_path: Path) -> None:
    """One building, and all that is to be seen in it."""
    done = built(tmp_path)
    assert done.returncode == 0, done.stderr
    assert pages_that_are_not_made(tmp_path) == set()
    assert pages_that_are_in_no_menu(tmp_path) == set()
    assert dead_links(tmp_path) == []
    assert loaded_from_others(tmp_path) == set()
    assert "configuration.html" in found_by_search(tmp_path, "shardHash")
    reflector = "ako/core/kube/reflector.py"
    assert (tmp_path / f"around/{reflector}.txt").read_bytes() == (ROOT / reflector).read_bytes()
    assert "<h1" in (tmp_path / "around/examples/routes/index.html").read_text(encoding="utf-8")
    assert "reconcile.py" in (tmp_path / "around/ako/core/control/files.txt").read_text(encoding="utf-8")


def html(page: str) -> str:
    """Give where a page is in the site."""
    return page.replace("README.md", "index.md")[:-2] + "html"


def pages_that_are_not_made(site: Path) -> set[str]:
    """Give the pages of docs/ that are not in the site."""
    return {page for page in PAGES if not (site / html(page)).exists()}


def pages_that_are_in_no_menu(site: Path) -> set[str]:
    """Give the pages that nobody finds by the navigation."""
    page = (site / "quickstart.html").read_text(encoding="utf-8")
    menu = page[page.index("md-nav--primary") : page.index("md-content")]
    inside = {*re.findall(r'href="([^"#]+)"', menu), "quickstart.html"}
    return {name for name in PAGES if html(name) not in inside}


def dead_links(site: Path) -> list[str]:
    """Give what pages link to or load that is not in the site; the web is not asked."""
    dead = []
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")):
            path = unquote(unescape(link).partition("#")[0].partition("?")[0])
            if not path or "://" in link or link.startswith(("data:", "mailto:")) or page.name == "404.html":
                continue
            if not (page.parent / path).exists():
                dead.append(f"{page.relative_to(site)}: {link}")
    return dead


def loaded_from_others(site: Path) -> set[str]:
    """Give what a browser would fetch from elsewhere to show a page."""
    loads = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="(https?:[^"]*)"')
    return {found for page in site.rglob("*.html") for found in loads.findall(page.read_text(encoding="utf-8"))}


def found_by_search(site: Path, word: str) -> set[str]:
    """Give the pages that have a word, as their search knows."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    return {entry["location"].partition("#")[0] for entry in index["docs"] if word in entry["text"]}


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    """A page beside the others with such a link, built by the same settings."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# One\n\n[a](none.md) [b](#none)\n", encoding="utf-8")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").replace("docs_dir: docs", f"docs_dir: {tmp_path}/docs")
    settings = re.sub(r"^nav:.*?^theme:", "theme:", settings, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"^hooks:\n.*\n", "", settings, flags=re.MULTILINE), encoding="utf-8")
    done = built(tmp_path / "site", "-f", str(tmp_path / "mkdocs.yml"))
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
