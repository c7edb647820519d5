"""Certificates for servers."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import trustme

Certified = Callable[..., ssl.SSLContext]


@pytest.fixture(scope="session")
def certified() -> Certified:
    """Give what makes a server context with a certificate for names."""
    authority = trustme.CA()

    def made(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, common_name=names[0]).configure_cert(context)
        return context

    return made
