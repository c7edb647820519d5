"""How an answer is sent: not again to who has it, compressed where that is understood, and of no use to other pages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec.structs import replace

from ako.core.base.secrecy import masked_texts
from ako.core.control.health_pages import Page

SMALLEST_COMPRESSED = 1400
"""Bytes from which on it is worth compressing: less is one packet anyway."""

_LEVEL = 4

SAFE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer says: nothing from elsewhere runs in it, no other page shows it or reads it, and nobody guesses."""


def fitted(page: Page, headers: Mapping[str, str]) -> Page:
    """Give an answer as it is sent to who asks with these headers; its secrets are masked already."""
    if (tag := page.headers.get("ETag")) and tag in _tags(headers.get("if-none-match", "")):
        return replace(page, status=304, body=b"")
    varying = replace(page, headers={**page.headers, "Vary": "Accept-Encoding"})
    if len(page.body) < SMALLEST_COMPRESSED or not _takes_gzip(headers.get("accept-encoding", "")):
        return varying
    zipped = gzip.compress(page.body, _LEVEL, mtime=0)
    return replace(varying, body=zipped, headers={**varying.headers, "Content-Encoding": "gzip"})


def masked_page(page: Page, masked: Callable[[str], str]) -> Page:
    """Give an answer without secrets; JSON stays what can be read as JSON, even if a secret ends before a quote."""
    text = page.body.decode()
    told = masked(text)
    if told != text and page.kind == "application/json":
        told = json.dumps(masked_texts(json.loads(text), masked))
    return replace(page, body=told.encode(), is_masked=True)


def is_led_here(client: str, host: str) -> bool:
    """Say whether somebody who forwards the port to their machine is asked over it by a page from elsewhere.

    Its name points to that machine then (DNS rebinding), and the browser takes us for that page's own server. Who asks
    over the loopback in earnest asks for it by its address or as localhost; over other ways any name may lead here.
    """
    return _is_loopback(client) and not _is_local(host)


def _is_loopback(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in {"", "localhost"} or name.endswith(".localhost") or bool(ip_address(name))
    except ValueError:  # a name that is no address, or what is neither
        return False


def _tags(given: str) -> list[str]:
    return [tag.strip() for tag in given.split(",")]


def _takes_gzip(given: str) -> bool:
    """Say whether gzip is among the encodings that are taken, and not with a weight of nothing."""
    for one in given.split(","):
        name, _, weight = one.partition(";")
        if name.strip().lower() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
