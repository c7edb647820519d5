"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = ("architecture.md", "plugins.md")


def anchors(text: str) -> set[str]:
    """Give the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert links
    broken = [
        link
        for link in links
        if (link.startswith("#") and link[1:] not in anchors(text))
        or (not link.startswith("#") and not (DOCS / link.partition("#")[0]).exists())
    ]
    assert broken == []
