"""The files of the page as they lie in the package: what the browser is given, with type and tag."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from ako.core.control.health_pages import Page

FOLDER = "page"
"""Where they lie, in the package `ako`."""

INDEX = "index.html"

_KINDS: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
}
"""By the end of a name; nothing else is given away."""


def packaged() -> Mapping[str, Page]:
    """Give every file of the page by its name: the page itself, and what it names beside it, in the folder `ui`.

    So what it names is found under `/ui` as well as where the files themselves are opened.
    """
    page = files("ako") / FOLDER
    return {**assets_in(page), **assets_in(page / "ui")}


def assets_in(folder: Traversable) -> Mapping[str, Page]:
    """Give the files of a folder that a browser may be given, by name."""
    named = ((item.name, _kind_of(item.name), item) for item in folder.iterdir()) if folder.is_dir() else ()
    return {name: _asset(kind, item.read_bytes()) for name, kind, item in named if kind}


def _kind_of(name: str) -> str:
    return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), "")


def _asset(kind: str, body: bytes) -> Page:
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
    # A browser may keep it, and asks each time whether it is still that one: an update takes effect at once.
    return Page(200, kind, body, {"Cache-Control": "no-cache", "ETag": tag}, is_masked=True)
