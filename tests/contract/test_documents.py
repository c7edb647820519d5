"""What the documents point at is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for found in (ROOT.glob("*.md"), *((ROOT / folder).rglob("*.md") for folder in ("docs", "deploy", "examples")))
    for path in found
)


@cache
def anchors(text: str) -> frozenset[str]:
    """Give the anchors of a document's headings."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)  # comments in there look like headings
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings)


def broken_links(document: Path) -> list[str]:
    """Give the links of a document that lead to no file, or to no heading of it; the web is not asked."""
    text = document.read_text(encoding="utf-8")
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    return broken


def test_every_document_is_looked_at() -> None:
    expected = {
        "README.md",
        "docs/simulator.md",
        "docs/decisions/0001-incremental-engine.md",
        "deploy/monitoring/README.md",
        "examples/routes/README.md",
    }
    assert expected <= set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    assert broken_links(ROOT / name) == []


def test_the_index_names_all_pages() -> None:
    named = set(re.findall(r"\]\(([\w-]+\.md)", (ROOT / "docs/index.md").read_text(encoding="utf-8")))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} == named


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](page.md#one) [d](page.md#two) [e](none.md) [f](https://x.y/#z)\n")
    assert broken_links(page) == ["#two", "page.md#two", "none.md"]
