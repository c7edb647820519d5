"""The section `ako.sites` of the settings."""

from __future__ import annotations

from ako import Section, setting


class SiteSettings(Section):
    """How Sites are served."""

    domain: str = setting("", "Domain of Sites whose host is a single word; empty: none.")
    redirect: bool = setting(
        default=True, description="false: serve Sites with a certificate on plain HTTP too, instead of redirecting."
    )
