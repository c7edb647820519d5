"""Reads a whole list from the Avi Controller, page by page.

Observing owned objects and looking up what the settings name both call it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

import msgspec

from ako.core.avi.errors import AviNotFound
from ako.core.avi.session import AviSession, api_path
from ako.typed_json import reader


class _Page(msgspec.Struct):
    next: str | None = None


_decode_page = reader(_Page).decode


def list_all(
    session: AviSession,
    avi_type: str,
    *,
    params: Mapping[str, str] | None = None,
    page_size: int = 200,
    tenant: str | None = None,
    native: bool = False,
) -> Iterator[bytes]:
    """Give the pages of a list as they came, `{"count": …, "results": […]}`; references carry `#<name>`.

    `native` asks in the API version of the Controller itself, which leaves no field of an object out.
    Of `next` only the page number is taken: its host may be a name that is valid inside the Controller only.
    A list that changes meanwhile may show an object twice or not at all: pages are numbered anew for each request. So
    nothing follows from what a list of several pages lacks.
    """
    query = {"include_name": "true", **(params or {}), "page_size": str(page_size)}
    page = 1
    while True:
        try:
            body = session.get(api_path(avi_type), params={**query, "page": str(page)}, tenant=tenant, native=native)
        except AviNotFound:
            if page == 1:
                raise
            return  # the list has shrunk: this page is past its end
        yield body
        following = _next_page(body)
        if following is None or following <= page:
            return
        page = following


def _next_page(body: bytes) -> int | None:
    address = _decode_page(body).next
    if not address:
        return None
    number = parse_qs(urlsplit(address).query).get("page", [""])[0]
    return int(number) if number.isdecimal() else None
