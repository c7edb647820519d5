"""What MkDocs does not know: links of pages that lead out of `docs/`, and folders in the navigation.

GitHub shows every file of the project, a site only what is in `docs/`. So whatever a page links to goes into the site
too, below `around/`: documents as pages, other files as text, folders as lists of their files. Links are written for
GitHub, relative to the file that they are in.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from tests.pages.dialect import for_the_site

ROOT = Path(__file__).parents[2]
DOCS = "docs/"
AROUND = "around/"
LINK = re.compile(r"(?<=\]\()([^)\s#]+)(?=[)#\s])")
FENCE = re.compile(r"^( *)(```+).*?^\1\2 *$", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of a folder in the place of `folder/*`."""
    config.nav = list(_expanded(config.nav or []))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to outside of `docs/`, and what that links to."""
    waiting = [in_project(file.src_uri) for file in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        page = waiting.pop()
        for path in linked(page, (ROOT / page).read_text(encoding="utf-8")):
            if path in seen or path.startswith(DOCS) or not (ROOT / path).exists():
                continue
            seen.add(path)
            files.append(_file(path, config))
            if path.endswith(".md"):
                waiting.append(path)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have links lead to where their files are in the site, and lists and tables read as GitHub does."""
    here = in_project(page.file.src_uri)

    def led(match: re.Match[str]) -> str:
        path = target(here, match[1])
        if path is None or (path.startswith(DOCS) and here.startswith(DOCS)):
            return match[1]
        return posixpath.relpath(in_site(path), posixpath.dirname(page.file.src_uri) or ".")

    return for_the_site(outside_fences(LINK, led, markdown))


def linked(page: str, text: str) -> Iterator[str]:
    """Give the paths in the project that a document links to."""
    for match in LINK.finditer(FENCE.sub("", text)):
        path = target(page, match[1])
        if path is not None:
            yield path


def target(page: str, link: str) -> str | None:
    """Give the path in the project that a link of a document leads to; None if it leads to the web."""
    if "://" in link or link.startswith("mailto:"):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), link))
    readme = f"{path}/README.md"
    return readme if (ROOT / readme).exists() else path


def outside_fences(pattern: re.Pattern[str], replace: object, markdown: str) -> str:
    """Replace in a document, but not in its blocks of code."""
    assert callable(replace)
    done, end = [], 0
    for fence in FENCE.finditer(markdown):
        done += [pattern.sub(replace, markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*done, pattern.sub(replace, markdown[end:])])


def in_project(src_uri: str) -> str:
    """Give the path in the project of a file of the site."""
    return src_uri.removeprefix(AROUND) if src_uri.startswith(AROUND) else DOCS + src_uri


def in_site(path: str) -> str:
    """Give the path in the site of a file of the project, before pages become HTML."""
    if path.startswith(DOCS):
        return path.removeprefix(DOCS)
    if (ROOT / path).is_dir():
        return f"{AROUND}{path}/files.txt"
    return AROUND + path + ("" if path.endswith(".md") else ".txt")


def _file(path: str, config: MkDocsConfig) -> File:
    place, there = in_site(path), ROOT / path
    if there.is_dir():
        listed = sorted(f"{one.name}{'/' * one.is_dir()}" for one in there.iterdir() if not one.name.startswith("__"))
        return File.generated(config, place, content="".join(f"{name}\n" for name in listed))
    return File.generated(config, place, abs_src_path=str(there), inclusion=InclusionLevel.NOT_IN_NAV)


def _expanded(nav: list[object]) -> Iterator[object]:
    for entry in nav:
        if isinstance(entry, dict):
            yield {title: list(_expanded(inner)) for title, inner in entry.items()}
        elif isinstance(entry, str) and entry.endswith("/*"):
            yield from (
                path.relative_to(ROOT / DOCS).as_posix()
                for path in sorted(
                    (ROOT / DOCS).glob(f"{entry[:-1]}*.md"), key=lambda page: (page.stem != "README", page)
                )
            )
        else:
            yield entry
